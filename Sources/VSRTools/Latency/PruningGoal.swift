import VSRCore
import VSRModel
import VSRPruning

/// What pruning is to reach: a target, or a time per frame whose target is found by measuring.
public enum PruningGoal: Sendable {
    case target(PruningTarget)
    case time(LatencySearch)

    public init(_ settings: PruningSettings) {
        self =
            settings.target.map(PruningGoal.target)
            ?? .time(LatencySearch(milliseconds: settings.targetMs ?? 0, settings))
    }

    /// The target, and what was measured to find it.
    ///
    /// - Parameter candidate: The architecture that pruning to a target leads to; for a time only.
    /// - Throws: `invalidArgument` for an invalid target, what ``LatencySearch`` throws.
    public func resolved(
        for blueprint: Blueprint, progress: ProgressHandler?, cancellation: Cancellation?,
        candidate: (PruningTarget) throws -> Blueprint
    ) throws -> (target: PruningTarget, latency: LatencySearch.Outcome?) {
        switch self {
        case .target(let target):
            try target.validate()
            return (target, nil)
        case .time(var search):
            search.measurement.progress = progress
            search.measurement.cancellation = cancellation
            let outcome = try search.outcome(of: blueprint, candidate: candidate)
            return (outcome.target, outcome)
        }
    }
}
