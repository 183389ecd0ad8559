import VSRCore
import VSRModel

/// How a unit's weights add up to its score.
public enum ScoreNorm: String, Sendable, Hashable, Codable, CaseIterable {
    /// The mean absolute weight: comparable between layers of different fan-in.
    case mean
    /// The sum of absolute weights, the paper's wording.
    case sum
}

/// The importance of every unit of a network.
public struct UnitScores: Sendable, Equatable {
    /// One score for each unit of every prunable layer.
    public var values: [PrunableLayer: [Double]]

    public init(values: [PrunableLayer: [Double]]) { self.values = values }

    /// The L1 score: over all weights that the unit owns in its own convolution (conv1's weights of
    /// an input channel; a filter; the filters of a pixel-shuffle group), biases not counted.
    ///
    /// Source: Xia et al., CVPR 2023, Sec. 3.2 (2).
    /// - Throws: `notFound` or `shapeMismatch` naming a tensor.
    public init(l1Of model: Model, norm: ScoreNorm = .mean) throws {
        let layers = model.blueprint.layersByRole
        values = [:]
        for unit in model.blueprint.prunableLayers {
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

    /// - Throws: `invalidArgument` naming a layer whose scores are missing, too many or not numbers.
    public func validate(for blueprint: Blueprint) throws {
        for layer in blueprint.prunableLayers {
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
    /// Sums of `size` consecutive elements each.
    func sums(ofGroups size: Int) -> [Double] {
        stride(from: 0, to: count, by: size).map { self[$0..<$0 + size].reduce(0, +) }
    }
}
