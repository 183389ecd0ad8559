import Torch
import VSRCore
import VSRNetworks

/// An update of a stage's network by one batch: loss, gradients, optimizer, averages.
///
/// To be used on one thread, a ``TorchThread``.
final class TrainingStep<Stage: TrainingStage> {
    let stage: Stage
    let optimizer: Optimizer
    /// `nil` where weights are not averaged.
    let average: WeightAverage?
    private let remedy: () -> String

    /// - Parameter remedy: What to do about a step that went wrong, the end of an error's sentence.
    init(
        _ stage: Stage, updates: UpdateRule,
        remedy: @escaping () -> String = { "lower optimizer.rate" }
    ) throws {
        self.stage = stage
        self.remedy = remedy
        optimizer = try Optimizer(
            groups: stage.groups, beta1: updates.beta1, beta2: updates.beta2)
        average =
            updates.averageDecay > 0
            ? try WeightAverage(
                of: stage.network.namedParameters, decay: updates.averageDecay) : nil
    }

    /// Makes the update that follows `iteration` earlier ones; returns the loss before it, `loss`,
    /// and its parts.
    ///
    /// - Throws: `corruptData` where the loss or a gradient is not finite; then no weight was changed.
    func update(by clips: ClipBatch, at iteration: Int) throws -> [String: Double] {
        for index in optimizer.groups.indices {
            optimizer.setRate(stage.rate(ofGroup: index, at: iteration), ofGroup: index)
        }
        try optimizer.dropGradients()
        let loss = try stage.loss(of: clips, at: iteration)
        let value = try loss.total.item()
        guard value.isFinite else { throw notFinite("the loss is \(value)", at: iteration) }
        try loss.total.backward()
        guard try optimizer.gradientsAreFinite() else {
            throw notFinite("a gradient is not a finite number", at: iteration)
        }
        try optimizer.step()
        try average?.update()
        return try loss.parts.mapValues { try $0.item() }
            .merging(["loss": value]) { _, total in total }
    }

    private func notFinite(_ what: String, at iteration: Int) -> VSRError {
        VSRError(
            .corruptData, "training went wrong at iteration \(iteration): \(what); \(remedy())")
    }
}
