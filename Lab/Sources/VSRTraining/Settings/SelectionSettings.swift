import VSRConfiguration
import VSRCore
import VSRPruning

/// Which units are removed.
public struct SelectionSettings: Configuration, Equatable {
    /// Share of all units that is removed, where no target is given.
    public var ratio = 0.5
    /// Multiply-accumulates per 320×180 frame to reach, without the flow network: a count, or a
    /// fraction of the dense network's if below 1.
    public var targetMacs: Double?
    /// Parameters to reach, likewise.
    public var targetParameters: Double?
    public var scope = PruningOptions.Scope.global
    /// Which end of the ranking is removed.
    public var order = PruningOptions.Order.min
    /// How a unit's weights make its score.
    public var norm = ScoreNorm.mean
    /// Kept counts of every layer are multiples of this.
    public var align = 1
    /// Seed of a random order.
    public var seed: UInt64 = 0

    public init() {}

    /// What is to be reached.
    public var target: PruningTarget {
        if let macs = targetMacs {
            return macs < 1 ? .macsFraction(macs) : .macs(Int(macs.rounded()))
        }
        if let parameters = targetParameters {
            return parameters < 1
                ? .parametersFraction(parameters) : .parameters(Int(parameters.rounded()))
        }
        return .ratio(ratio)
    }

    /// How units are ranked.
    public var options: PruningOptions {
        PruningOptions(scope: scope, order: order, norm: norm, seed: seed, alignment: align)
    }

    public func validate() throws {
        try require((0..<1).contains(ratio), "selection.ratio", ratio, "in 0..<1")
        try require(
            targetMacs == nil || targetParameters == nil, "selection.targetParameters", "given",
            "left out where selection.targetMacs is given")
        for (key, target) in [("targetMacs", targetMacs), ("targetParameters", targetParameters)] {
            guard let target else { continue }
            try require(target > 0 && target < 1e18, "selection.\(key)", target, "positive")
        }
        try require((1...1024).contains(align), "selection.align", align, "in 1...1024")
    }
}
