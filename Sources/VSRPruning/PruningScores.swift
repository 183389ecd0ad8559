import VSRCore
import VSRModel

/// What the importance of units is judged by.
public enum ScoreMethod: String, Sendable, Hashable, NamedChoice {
    /// The size of their weights, see ``UnitScores/init(l1Of:norm:)``.
    case l1
    /// How much the loss is expected to change without them, see ``TaylorScores``.
    case taylor
}

/// The importance of whatever a structure removes.
public enum PruningScores: Sendable, Equatable {
    case free(UnitScores)
    case aligned(AlignedScores)
    /// Of units, and of the single filters before each pixel-shuffle.
    case ungrouped(UnitScores, filters: [UnitGroup: [Double]])

    /// By the size of weights.
    ///
    /// - Throws: as the scores of the structures.
    public init(l1Of model: Model, options: PruningOptions) throws {
        switch options.structure {
        case .free: self = .free(try UnitScores(l1Of: model, norm: options.norm))
        case .aligned: self = .aligned(try AlignedScores(l1Of: model, norm: options.norm))
        case .ungrouped:
            self = .ungrouped(
                try UnitScores(l1Of: model, norm: options.norm),
                filters: try Self.l1OfFilters(model, options.norm))
        }
    }

    private static func l1OfFilters(
        _ model: Model, _ norm: ScoreNorm
    ) throws -> [UnitGroup: [Double]] {
        var result: [UnitGroup: [Double]] = [:]
        for layer in model.blueprint.shufflingLayers {
            guard let group = layer.outputUnits else { continue }
            let weight = try model.weight(of: layer)
            let owned = Double(max(weight.values.count / layer.outputs, 1))
            result[group] = weight.absoluteSumsByOutput().map {
                norm == .sum ? $0 : $0 / owned
            }
        }
        return result
    }
}
