import Torch
import VSRCore
import VSRModel

/// A differentiable BasicVSR with any branches, dense or pruned, from a model.
///
/// It owns the trainable tensors; ``assembled(convolutions:)`` gives the network that runs on their values.
///
/// Source: Chan et al., "BasicVSR", CVPR 2021.
public final class BasicVSR {
    public let blueprint: Blueprint
    public let device: Device

    /// Weights and biases, those without elements left out.
    public let parameters: [TensorKey: Tensor]

    /// One scaling factor per unit, `[units]` for each group; empty in a network without
    /// factors.
    public let factors: [UnitGroup: Tensor]

    /// Factors on the filters of whole convolutions: one for each filter, or for each pixel-shuffle
    /// group; for structures that tie filters, or take them out of their groups.
    public let filterFactors: [Layer.Role: Tensor]

    /// What the model says about its weights.
    public let metadata: [String: String]

    /// Takes a model's weights.
    ///
    /// - Parameters:
    ///   - hasFactors: Whether every prunable unit gets a scaling factor, 1 at the start.
    ///   - filterUnits: Convolutions that get factors on their filters instead, and how many: one for
    ///     each filter, or for each pixel-shuffle group.
    /// - Throws: `notFound` or `shapeMismatch` naming the tensor that does not fit the blueprint.
    public init(
        _ model: Model, hasFactors: Bool = false, filterUnits: [Layer.Role: Int] = [:],
        device: Device = .cpu
    ) throws {
        blueprint = model.blueprint
        metadata = model.metadata
        self.device = device
        var parameters: [TensorKey: Tensor] = [:]
        for (key, shape) in model.blueprint.layers.flatMap(\.tensors) {
            let values = try model.tensor(key, shape: shape)
            if !values.values.isEmpty { parameters[key] = try Self.leaf(values, device) }
        }
        self.parameters = parameters
        var factors: [UnitGroup: Tensor] = [:]
        if hasFactors {
            for layer in model.blueprint.unitGroups
            where layer.isInput || filterUnits[layer.role] == nil {
                let units = model.blueprint.unitCount(of: layer)
                factors[layer] = try Self.leaf(
                    ModelTensor(shape: [units], filledWith: 1), device)
            }
        }
        self.factors = factors
        filterFactors = try filterUnits.mapValues {
            try Self.leaf(ModelTensor(shape: [$0], filledWith: 1), device)
        }
    }

    private static func leaf(_ values: ModelTensor, _ device: Device) throws -> Tensor {
        let tensor = try Tensor(values.values, shape: values.shape, device: device)
        try tensor.requireGradient()
        return tensor
    }

    /// The model with the present weights; factors stay apart, in ``factorValues()``.
    public func model(metadata: [String: String]? = nil) throws -> Model {
        try Model(
            blueprint: blueprint,
            tensors: parameters.mapValues {
                ModelTensor(shape: $0.shape, values: try $0.floats())
            },
            metadata: metadata ?? self.metadata)
    }

    /// The present factors.
    public func factorValues() throws -> [UnitGroup: [Float]] {
        try factors.mapValues { try $0.floats() }
    }
}

extension BasicVSR {
    /// The parameters' keys in the order of their names in files.
    public var parameterKeys: [TensorKey] {
        parameters.keys.map { (key: $0, name: $0.name) }.sorted { $0.name < $1.name }.map(\.key)
    }

    /// The parameters under their names in files, in the order of ``parameterKeys``.
    public var namedParameters: [NamedTensor] { namedParameters { _ in true } }

    /// Those of some layers, in the same order.
    public func namedParameters(where isIncluded: (Layer.Role) -> Bool) -> [NamedTensor] {
        parameterKeys.filter { isIncluded($0.role) }.compactMap { key in
            parameters[key].map { NamedTensor(key.name, $0) }
        }
    }

    /// The factors in layer order, named after their layers, then those on filters, named after
    /// their convolutions.
    public var namedFactors: [NamedTensor] {
        factors.sorted { $0.key < $1.key }.map { NamedTensor("\($0.key)", $0.value) }
            + filterFactors.map { NamedTensor($0.key.name, $0.value) }.sorted { $0.name < $1.name }
    }
}
