import VSRModel

extension ModelTensor {
    /// What a cut leaves of a layer's tensor, whose first axis counts outputs and second inputs.
    func slice(_ cut: LayerCut) -> ModelTensor {
        guard shape.count > 1 else { return cut.outputs.map { slice(outputs: $0) } ?? self }
        guard cut.outputs != nil || cut.inputs != nil else { return self }
        return slice(
            outputs: cut.outputs ?? Array(0..<shape[0]), inputs: cut.inputs ?? Array(0..<shape[1]))
    }

    /// The given filters of a weight `[outputs, inputs, k, k]` and of these the given inputs.
    func slice(outputs: [Int], inputs: [Int]) -> ModelTensor {
        let area = shape[2] * shape[3]
        var result: [Float] = []
        result.reserveCapacity(outputs.count * inputs.count * area)
        for output in outputs {
            for input in inputs {
                let start = (output * shape[1] + input) * area
                result.append(contentsOf: values[start..<start + area])
            }
        }
        return ModelTensor(
            shape: [outputs.count, inputs.count, shape[2], shape[3]], values: result)
    }

    /// The given elements of a tensor `[outputs]`.
    func slice(outputs: [Int]) -> ModelTensor {
        ModelTensor(shape: [outputs.count], values: outputs.map { values[$0] })
    }

    /// Multiplies everything that filter `output` owns: a weight's filter, a bias's element.
    mutating func scale(output: Int, by factor: Float) {
        let size = values.count / shape[0]
        for index in output * size..<(output + 1) * size { values[index] *= factor }
    }

    /// Multiplies a weight's elements for one input channel.
    mutating func scale(input: Int, by factor: Float) {
        let area = shape[2] * shape[3]
        for output in 0..<shape[0] {
            let start = (output * shape[1] + input) * area
            for index in start..<start + area { values[index] *= factor }
        }
    }

    /// Sums of absolute weights per filter, in double precision.
    func absoluteSumsByOutput() -> [Double] {
        guard shape[0] > 0 else { return [] }
        let size = values.count / shape[0]
        return (0..<shape[0]).map { output in
            values[output * size..<(output + 1) * size]
                .reduce(0) { $0 + Double($1.magnitude) }
        }
    }

    /// Sums of absolute weights per input channel, in double precision.
    func absoluteSumsByInput() -> [Double] {
        let area = shape[2] * shape[3]
        var sums = Array(repeating: 0.0, count: shape[1])
        for output in 0..<shape[0] {
            for input in 0..<shape[1] {
                let start = (output * shape[1] + input) * area
                sums[input] += values[start..<start + area]
                    .reduce(0) { $0 + Double($1.magnitude) }
            }
        }
        return sums
    }
}
