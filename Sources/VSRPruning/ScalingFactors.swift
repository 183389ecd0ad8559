import VSRCore
import VSRModel

/// The scaling factors γ of a network's units, one for each; 1 leaves a unit as it is, 0 switches
/// it off.
public struct ScalingFactors: Sendable, Equatable, Codable {
    public var values: [UnitGroup: [Float]]

    public init(values: [UnitGroup: [Float]]) { self.values = values }

    /// All factors 1.
    public init(onesFor blueprint: Blueprint) {
        values = Dictionary(
            blueprint.unitGroups.map {
                ($0, Array(repeating: 1, count: blueprint.unitCount(of: $0)))
            }, uniquingKeysWith: { first, _ in first })
    }

    /// 0 for the selected units, 1 for the others.
    ///
    /// - Throws: `invalidArgument` where the selection does not fit.
    public init(switchingOff selection: UnitSelection, in blueprint: Blueprint) throws {
        try selection.validate(for: blueprint)
        self.init(onesFor: blueprint)
        for (layer, units) in selection.removed {
            for unit in units { values[layer]?[unit] = 0 }
        }
    }

    /// Checks that the factors are finite and no layer has more or fewer than its units; layers may
    /// be absent.
    ///
    /// - Throws: `invalidArgument` naming the layer.
    public func validate(for blueprint: Blueprint) throws {
        for (layer, factors) in values.sorted(by: { $0.key < $1.key }) {
            let count = blueprint.unitCount(of: layer)
            guard factors.count == count, factors.allSatisfy(\.isFinite) else {
                throw VSRError(
                    .invalidArgument,
                    "layer \(layer) has \(count) units but \(factors.count) factors, or one that "
                        + "is not finite")
            }
        }
    }
}

extension Model {
    /// The same function without factors: each is multiplied into the weights that it acts on.
    ///
    /// - Throws: `invalidArgument` where the factors do not fit, `notFound` or `shapeMismatch`
    ///   naming a tensor.
    public func folding(_ factors: ScalingFactors) throws -> Model {
        try factors.validate(for: blueprint)
        let layers = blueprint.layersByRole
        var result = self
        // In layer order: a convolution with two kinds of factor rounds by their order.
        for (unit, factors) in factors.values.sorted(by: { $0.key < $1.key }) {
            guard let layer = layers[unit.role] else { continue }
            if unit.isInput {
                result.tensors[layer.weight] = try result.weight(of: layer)
                    .scaled(inputs: factors)
            } else {
                try result.scale(filtersOf: layer, by: factors)
            }
        }
        return result
    }

    /// Multiplies each unit's filters, or each filter where there are as many factors, and what else
    /// belongs to them, by its factor.
    mutating func scale(filtersOf layer: Layer, by factors: [Float]) throws {
        let count = layer.outputs / max(factors.count, 1)
        let filters = factors.flatMap { Array(repeating: $0, count: count) }
        tensors[layer.weight] = try weight(of: layer).scaled(outputs: filters)
        tensors[layer.bias] = try bias(of: layer).scaled(outputs: filters)
    }
}

extension ModelTensor {
    func scaled(inputs factors: [Float]) -> ModelTensor {
        var result = self
        for (input, factor) in factors.enumerated() where factor != 1 {
            result.scale(input: input, by: factor)
        }
        return result
    }

    func scaled(outputs factors: [Float]) -> ModelTensor {
        var result = self
        for (output, factor) in factors.enumerated() where factor != 1 {
            result.scale(output: output, by: factor)
        }
        return result
    }
}
