import VSRCore
import VSRModel

extension UnitSelection {
    /// The units of least importance by their L1 scores, as many as the target asks for.
    ///
    /// - Throws: as ``init(_:of:to:options:after:)``.
    public init(
        pruning model: Model, to target: PruningTarget, options: PruningOptions = .init(),
        after earlier: UnitSelection = UnitSelection()
    ) throws {
        let scores = try UnitScores(l1Of: model, norm: options.norm)
        try self.init(
            scores, of: model.blueprint, to: target, options: options, after: earlier)
    }

    /// The units that go first by the given scores, as many as the target asks for.
    ///
    /// At a ratio p: `floor(p · units)` of the network, or of each layer in local scope, what is
    /// excluded not counted. For the other targets: the fewest that meet them.
    /// - Parameter earlier: Units that go before all others, whatever their scores.
    /// - Throws: `invalidArgument` where the target cannot be met, naming the layers that stand in
    ///   the way.
    public init(
        _ scores: UnitScores, of blueprint: Blueprint, to target: PruningTarget,
        options: PruningOptions = .init(), after earlier: UnitSelection = UnitSelection()
    ) throws {
        try target.validate()
        try earlier.validate(for: blueprint)
        let ranking = try UnitRanking(
            scores, blueprint: blueprint, options: options, after: earlier)
        self = try UnitSelector(ranking: ranking, blueprint: blueprint, options: options)
            .selection(for: target)
    }
}
