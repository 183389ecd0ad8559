/// Which tensor of which layer: what models hold their weights by.
public struct TensorKey: Sendable, Hashable {
    /// The tensors that a layer can have; the raw value ends the tensor's name in files.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// `[outputs, inputs, k, k]`.
        case weight
        /// `[outputs]`.
        case bias
    }

    public var role: Layer.Role
    public var kind: Kind

    public init(_ role: Layer.Role, _ kind: Kind) {
        self.role = role
        self.kind = kind
    }

    public static func weight(_ role: Layer.Role) -> TensorKey { TensorKey(role, .weight) }
    public static func bias(_ role: Layer.Role) -> TensorKey { TensorKey(role, .bias) }
}

extension Layer {
    public var weight: TensorKey { .weight(role) }
    public var bias: TensorKey { .bias(role) }

    /// Sizes `[outputs, inputs, k, k]`.
    public var weightShape: [Int] { [outputs, inputs, kernelSize, kernelSize] }
    /// Sizes `[outputs]`.
    public var biasShape: [Int] { [outputs] }

    /// All tensors that the layer has, with their shapes.
    ///
    /// Every first axis counts outputs and every second one inputs: pruning relies on it.
    public var tensors: [(key: TensorKey, shape: [Int])] {
        [(weight, weightShape), (bias, biasShape)]
    }
}

extension Blueprint {
    /// The tensors of the network and their shapes.
    public var tensorShapes: [TensorKey: [Int]] {
        Dictionary(
            layers.flatMap(\.tensors).map { ($0.key, $0.shape) },
            uniquingKeysWith: { first, _ in first })
    }
}
