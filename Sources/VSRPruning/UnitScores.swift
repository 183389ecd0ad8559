import VSRCore
import VSRModel

/// How a unit's weights add up to its score.
public enum ScoreNorm: String, Sendable, Hashable, NamedChoice {
    /// The mean absolute weight: comparable between layers of different fan-in.
    case mean
    /// The sum of absolute weights, the paper's wording.
    case sum
}

/// How a layer's scores are made comparable with other layers'.
public enum ScoreNormalization: String, Sendable, Hashable, NamedChoice {
    /// As they are.
    case none
    /// Divided by the layer's mean.
    case mean
    /// The distance from the layer's mean, in its standard deviations.
    case zScore = "z-score"
    /// A score's square divided by the squares of all that are not smaller, so that a layer's
    /// largest one is always 1 and no layer is emptied early.
    ///
    /// Source: Lee et al., "Layer-adaptive sparsity for the Magnitude-based Pruning", ICLR 2021,
    /// there of single weights.
    case lamp
}

/// The importance of every unit of a network.
public struct UnitScores: Sendable, Equatable {
    /// One score for each unit of every group.
    public var values: [UnitGroup: [Double]]

    public init(values: [UnitGroup: [Double]]) { self.values = values }

    /// The L1 score: over all weights that the unit owns in its own convolution (conv1's weights of
    /// an input channel; a filter; the filters of a pixel-shuffle group), biases not counted.
    ///
    /// Source: Xia et al., CVPR 2023, Sec. 3.2 (2).
    /// - Throws: `notFound` or `shapeMismatch` naming a tensor.
    public init(l1Of model: Model, norm: ScoreNorm = .mean) throws {
        let layers = model.blueprint.layersByRole
        values = [:]
        for unit in model.blueprint.unitGroups {
            guard let layer = layers[unit.role] else { continue }
            let weight = try model.weight(of: layer)
            let count = model.blueprint.unitCount(of: unit)
            let sums: [Double]
            if unit.isInput {
                sums = weight.absoluteSumsByInput()
            } else {
                sums = weight.absoluteSumsByOutput().sums(ofGroups: layer.filtersPerUnit)
            }
            let owned = Double(weight.values.count / count)
            values[unit] = norm == .sum || owned == 0 ? sums : sums.map { $0 / owned }
        }
    }

    /// The scores, each layer's normalized by itself; within a layer the order stays.
    public func normalized(_ normalization: ScoreNormalization) -> UnitScores {
        UnitScores(values: values.mapValues { $0.normalized(normalization) })
    }

    /// - Throws: `invalidArgument` naming a layer whose scores are missing, too many or not numbers.
    public func validate(for blueprint: Blueprint) throws {
        for layer in blueprint.unitGroups {
            let count = blueprint.unitCount(of: layer)
            let scores = values[layer] ?? []
            guard scores.count == count, !scores.contains(where: \.isNaN) else {
                throw VSRError(
                    .invalidArgument,
                    "layer \(layer) has \(count) units but \(scores.count) scores, or one that is "
                        + "not a number; score the model that is to be pruned")
            }
        }
    }
}

extension [Double] {
    fileprivate func normalized(_ normalization: ScoreNormalization) -> [Double] {
        guard !isEmpty else { return self }
        let mean = reduce(0, +) / Double(count)
        switch normalization {
        case .none: return self
        case .mean: return mean == 0 ? self : map { $0 / mean }
        case .zScore:
            let variance = reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
            return map { variance == 0 ? 0 : ($0 - mean) / variance.squareRoot() }
        case .lamp:
            var result = self
            var notSmaller = 0.0
            // Of equal scores the later counts as the larger, as in rankings.
            for index in indices.sorted(by: { (self[$0], $0) > (self[$1], $1) }) {
                let square = self[index] * self[index]
                notSmaller += square
                result[index] = notSmaller == 0 ? 0 : square / notSmaller
            }
            return result
        }
    }

    /// Sums of `size` consecutive elements each.
    func sums(ofGroups size: Int) -> [Double] {
        stride(from: 0, to: count, by: size).map { self[$0..<$0 + size].reduce(0, +) }
    }
}
