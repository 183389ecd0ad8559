import VSRCore
import VSRModel

extension NetworkGraph {
    /// A residual block: its convolutions on kept channels of the trunk, added to kept channels.
    mutating func block(
        _ branch: Blueprint.Branch, _ index: Int, _ trunk: Features
    ) throws -> Features {
        guard case .map(let trunk) = trunk else {
            preconditionFailure("trunks always have channels")
        }
        let block = blueprint[branch][index]
        let layers = blueprint.blockLayers(branch, index)
        var middle = Features.nothing
        if !block.keptInputs.isEmpty { middle = .map(gathered(trunk, block.keptInputs)) }
        middle = try convolution(layers[0], middle)
        let change =
            middle == .nothing
            ? builder.floats(
                try spreadBias(of: layers[1], to: block.keptOutputs),
                shape: [1, blueprint.width, 1, 1])
            : try spread(layers[1], middle, to: block.keptOutputs)
        return .map(builder.node("Add", [trunk, change]))
    }

    private mutating func gathered(_ map: String, _ channels: [Int]) -> String {
        guard channels.count < blueprint.width else { return map }
        return builder.node(
            "Gather", [map, builder.integers(channels)], [.axis(1)])
    }

    /// What a convolution adds to each of the trunk's channels.
    ///
    /// A filter of zeros stands for channels that nothing is added to. Operators that add in place
    /// (`ScatterND`) are as fast in ONNX Runtime, and not to be had in every engine.
    private mutating func spread(
        _ layer: Layer, _ middle: Features, to channels: [Int]
    ) throws -> String {
        let width = blueprint.width
        let zero = channels.count
        var sources = Array(repeating: zero, count: width)
        for (source, channel) in channels.enumerated() { sources[channel] = source }
        // With one more filter than these there would be all.
        let isSpreadByFilters = zero + 1 >= width
        let filters = isSpreadByFilters ? sources : Array(0...zero)
        let change = try convolution(
            layer, middle, weight: try model.weight(of: layer).selecting(filters),
            bias: try model.bias(of: layer).selecting(filters))
        guard case .map(let change) = change else {
            preconditionFailure("blocks without outputs are left out")
        }
        return isSpreadByFilters ? change : gatheredChange(change, sources)
    }

    private mutating func gatheredChange(_ change: String, _ sources: [Int]) -> String {
        builder.node(
            "Gather", [change, builder.integers(sources)], [.axis(1)])
    }

    /// The biases of a layer without inputs, one for each of the trunk's channels.
    private func spreadBias(of layer: Layer, to channels: [Int]) throws -> [Float] {
        var values = Array(repeating: Float(0), count: blueprint.width)
        for (channel, value) in zip(channels, try model.bias(of: layer).values) {
            values[channel] = value
        }
        return values
    }
}

extension ModelTensor {
    /// The rows of the first axis that `indices` names; zeros for an index beyond it.
    fileprivate func selecting(_ indices: [Int]) -> ModelTensor {
        let count = shape[0]
        let row = shape.dropFirst().reduce(1, *)
        let selected: [Float] = indices.flatMap { index in
            index < count
                ? values[index * row..<(index + 1) * row] : ArraySlice(repeating: 0, count: row)
        }
        return ModelTensor(shape: [indices.count] + shape.dropFirst(), values: selected)
    }
}
