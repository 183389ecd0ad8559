import VSRCore

/// A network: its architecture and its weights.
///
/// The one currency of the toolkit: every part hands on values of this type; ``ModelFile`` reads and writes them.
public struct Model: Sendable, Equatable {
    public var blueprint: Blueprint

    /// The tensors `name.weight` and `name.bias` of every layer of the blueprint.
    ///
    /// Those without elements may be absent.
    public var tensors: [String: ModelTensor]

    /// What is known about the weights besides: training data, licenses, measured losses.
    ///
    /// Free text by key; ``MetadataKey`` lists the keys that the toolkit itself uses.
    public var metadata: [String: String]

    public init(
        blueprint: Blueprint, tensors: [String: ModelTensor], metadata: [String: String] = [:]
    ) {
        self.blueprint = blueprint
        self.tensors = tensors
        self.metadata = metadata
    }

    /// The weights of `layer`, shape ``Layer/weightShape``; empty where it has no inputs.
    ///
    /// - Throws: `notFound` or `shapeMismatch` naming the tensor.
    public func weight(of layer: Layer) throws -> ModelTensor {
        try tensor(layer.weightName, shape: layer.weightShape)
    }

    /// The biases of `layer`, shape `[outputs]`.
    public func bias(of layer: Layer) throws -> ModelTensor {
        try tensor(layer.biasName, shape: layer.biasShape)
    }

    private func tensor(_ name: String, shape: [Int]) throws -> ModelTensor {
        guard let tensor = tensors[name] else {
            if shape.contains(0) { return ModelTensor(shape: shape, values: []) }
            throw VSRError(
                .notFound,
                "the model has no tensor \(name), which its blueprint calls for with shape \(shape)"
            )
        }
        guard tensor.shape == shape else {
            throw VSRError(
                .shapeMismatch,
                "tensor \(name) has shape \(tensor.shape) where the blueprint calls for \(shape)")
        }
        return tensor
    }
}
