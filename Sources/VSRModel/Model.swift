import VSRCore

/// A network: its architecture and its weights.
///
/// The one currency of the toolkit: every part hands on values of this type; ``ModelFile`` reads and
/// writes them.
public struct Model: Sendable, Equatable {
    public var blueprint: Blueprint

    /// The tensors of every layer of the blueprint; those without elements may be absent.
    public var tensors: [TensorKey: ModelTensor]

    /// What is known about the weights besides: training data, licenses, measured losses.
    ///
    /// Free text by key; ``MetadataKey`` lists the keys that the toolkit itself uses.
    public var metadata: [String: String]

    public init(
        blueprint: Blueprint, tensors: [TensorKey: ModelTensor], metadata: [String: String] = [:]
    ) {
        self.blueprint = blueprint
        self.tensors = tensors
        self.metadata = metadata
    }

    /// The weights of `layer`, shape ``Layer/weightShape``; empty where it has no inputs.
    ///
    /// - Throws: `notFound` or `shapeMismatch` naming the tensor.
    public func weight(of layer: Layer) throws -> ModelTensor {
        try tensor(layer.weight, shape: layer.weightShape)
    }

    /// The biases of `layer`, shape `[outputs]`.
    public func bias(of layer: Layer) throws -> ModelTensor {
        try tensor(layer.bias, shape: layer.biasShape)
    }

    /// A tensor that has the shape which the blueprint calls for.
    ///
    /// - Throws: `notFound` or `shapeMismatch` naming the tensor.
    public func tensor(_ key: TensorKey, shape: [Int]) throws -> ModelTensor {
        guard let tensor = tensors[key] else {
            if shape.contains(0) { return ModelTensor(shape: shape, values: []) }
            throw VSRError(
                .notFound,
                "the model has no tensor \(key.name), which its blueprint calls for with shape "
                    + "\(shape)")
        }
        guard tensor.shape == shape else {
            throw VSRError(
                .shapeMismatch,
                "tensor \(key.name) has shape \(tensor.shape) where the blueprint calls for "
                    + "\(shape)")
        }
        return tensor
    }
}
