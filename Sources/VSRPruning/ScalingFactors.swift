import VSRCore
import VSRModel

/// The scaling factors γ of a network's units, one for each; 1 leaves a unit as it is, 0 switches
/// it off.
public struct ScalingFactors: Sendable, Equatable, Codable {
    public var values: [PrunableLayer: [Float]]

    public init(values: [PrunableLayer: [Float]]) { self.values = values }

    /// All factors 1.
    public init(onesFor blueprint: Blueprint) {
        values = Dictionary(
            blueprint.prunableLayers.map {
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
        let layers = blueprint.layersByName
        var result = self
        // In layer order: a convolution with two kinds of factor rounds by their order.
        for (unit, factors) in factors.values.sorted(by: { $0.key < $1.key }) {
            guard let layer = layers[unit.convolutionName] else { continue }
            if case .block(_, _, .input) = unit {
                result.tensors[layer.weightName] = try result.weight(of: layer)
                    .scaled(inputs: factors)
            } else {
                // A pixel-shuffle group is four consecutive filters.
                let filters = factors.repeated(to: layer.outputs)
                result.tensors[layer.weightName] = try result.weight(of: layer)
                    .scaled(outputs: filters)
                result.tensors[layer.biasName] = try result.bias(of: layer)
                    .scaled(outputs: filters)
            }
        }
        return result
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

extension [Float] {
    /// Each element as often as it takes to get `total`.
    func repeated(to total: Int) -> [Float] {
        let times = isEmpty ? 0 : total / count
        return flatMap { Array(repeating: $0, count: times) }
    }
}
