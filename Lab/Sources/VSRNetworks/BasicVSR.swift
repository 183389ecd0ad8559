import Torch
import VSRCore
import VSRModel

/// A differentiable BasicVSR, bidirectional or unidirectional, dense or pruned, from a model.
///
/// It owns the trainable tensors; ``assembled()`` gives the network that runs on their values.
///
/// Source: Chan et al., "BasicVSR", CVPR 2021.
public final class BasicVSR {
    public let blueprint: Blueprint
    public let device: Device

    /// Weights and biases under the model's names.
    public let parameters: [String: Tensor]

    /// One scaling factor per unit, `[units]` for each prunable layer; empty in a network without
    /// factors.
    public let factors: [PrunableLayer: Tensor]

    /// Factors on the filters of whole convolutions, by the convolutions' names: one for each
    /// filter, or for each pixel-shuffle group of four; for structures that tie filters.
    public let filterFactors: [String: Tensor]

    /// What the model says about its weights.
    public let metadata: [String: String]

    /// Takes a model's weights.
    ///
    /// - Parameters:
    ///   - hasFactors: Whether every prunable unit gets a scaling factor, 1 at the start.
    ///   - filterUnits: Convolutions that get factors on their filters instead, and how many.
    /// - Throws: `notFound` or `shapeMismatch` naming the tensor that does not fit the blueprint.
    public init(
        _ model: Model, hasFactors: Bool = false, filterUnits: [String: Int] = [:],
        device: Device = .cpu
    ) throws {
        blueprint = model.blueprint
        metadata = model.metadata
        self.device = device
        var parameters: [String: Tensor] = [:]
        for layer in model.blueprint.layers {
            let pairs = [
                (layer.weightName, try model.weight(of: layer)),
                (layer.biasName, try model.bias(of: layer)),
            ]
            for (name, values) in pairs where !values.values.isEmpty {
                parameters[name] = try Self.leaf(values, device)
            }
        }
        self.parameters = parameters
        var factors: [PrunableLayer: Tensor] = [:]
        if hasFactors {
            for layer in model.blueprint.prunableLayers {
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
    public func factorValues() throws -> [PrunableLayer: [Float]] {
        try factors.mapValues { try $0.floats() }
    }

    /// Names of the flow network's parameters.
    public var flowParameterNames: Set<String> {
        Set(blueprint.flowLayers.flatMap { [$0.weightName, $0.biasName] })
    }
}

extension BasicVSR {
    /// The parameters in the order of their names.
    public var namedParameters: [NamedTensor] {
        parameters.sorted { $0.key < $1.key }.map { NamedTensor($0.key, $0.value) }
    }

    /// The factors in layer order, named after their layers, then those on filters, named after
    /// their convolutions.
    public var namedFactors: [NamedTensor] {
        factors.sorted { $0.key < $1.key }.map { NamedTensor("\($0.key)", $0.value) }
            + filterFactors.sorted { $0.key < $1.key }.map { NamedTensor($0.key, $0.value) }
    }
}
