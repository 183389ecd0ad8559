/// How often something is counted in a layer, as a function of its inputs and filters:
/// `outputs · (perInput · inputs + perFilter)`.
public struct LayerCount: Sendable, Equatable {
    /// In each filter, for each input.
    public var perInput: Int
    /// In each filter, whatever its inputs.
    public var perFilter: Int

    public init(perInput: Int, perFilter: Int) {
        self.perInput = perInput
        self.perFilter = perFilter
    }

    /// Elements of tensors whose first axis counts outputs and whose second one, where there is one,
    /// counts inputs.
    public init(ofElementsIn shapes: [[Int]]) {
        self.init(perInput: 0, perFilter: 0)
        for shape in shapes {
            let elements = shape.dropFirst(2).reduce(1, *)
            if shape.count > 1 { perInput += elements } else { perFilter += elements }
        }
    }

    public func callAsFunction(inputs: Int, outputs: Int) -> Int {
        outputs * (perInput * inputs + perFilter)
    }
}

extension Layer {
    /// Elements of all its tensors: weights, biases, and what an activation has of its own.
    public var parameterCount: LayerCount { LayerCount(ofElementsIn: tensors.map(\.shape)) }

    /// Multiply-accumulates for one output pixel, biases counted once, activations not at all.
    public var macCount: LayerCount {
        LayerCount(perInput: kernelSize * kernelSize, perFilter: 1)
    }

    public var parameters: Int { parameterCount(inputs: inputs, outputs: outputs) }

    /// Multiply-accumulates for one output pixel.
    public var macsPerPixel: Int { macCount(inputs: inputs, outputs: outputs) }
}
