import Foundation
import VSRCore
import VSRModel
import VSRPruning

/// Pruning of a trained model by its weights alone, without any training.
public struct OneShotPruning: Sendable {
    public var goal: PruningGoal
    public var options: PruningOptions
    /// By how much the frames that flow is found in are reduced, see `Model.reducingFlow`.
    public var flowReduction = 1
    public var progress: ProgressHandler?
    public var cancellation: Cancellation?

    public init(to target: PruningTarget, options: PruningOptions = PruningOptions()) {
        goal = .target(target)
        self.options = options
    }

    /// - Throws: `InvalidSetting` where the settings contradict each other, or rank units by
    ///   gradients, which take training.
    public init(_ settings: PruningSettings) throws {
        try settings.validate()
        try InvalidSetting.require(
            settings.score != .taylor, "score", "taylor",
            "l1 here, since Taylor scores take gradients of the training loss: run "
                + "slimvsr-lab compress with selection.score=taylor")
        goal = PruningGoal(settings)
        options = settings.options
    }

    /// What a pruned model was before, and is now.
    public struct Outcome: Sendable {
        public var model: Model
        public var before: Costs
        public var after: Costs
        public var unitsBefore: Int
        public var unitsAfter: Int
        /// What was assumed or left out on reading a file of another project, a sentence each.
        public var remarks: [String] = []
        /// What was measured, where a time per frame was asked for.
        public var latency: LatencySearch.Outcome?

        /// Lines for a terminal: what was removed, and what is left.
        public var text: String {
            let removed = unitsBefore - unitsAfter
            let size = after.frameSize
            return (latency.map { $0.text + "\n" } ?? "") + """
                removed \(removed) of \(unitsBefore) units
                \(Self.giga(before.macs)) → \(Self.giga(after.macs)) GMAC without flow, \
                \(Self.giga(before.macsWithFlow)) → \(Self.giga(after.macsWithFlow)) with flow \
                (one \(size) frame)
                \(before.parameters) → \(after.parameters) parameters without flow, \
                \(before.parametersWithFlow) → \(after.parametersWithFlow) with flow
                """
        }

        private static func giga(_ macs: Int) -> String {
            String(format: "%.2f", Double(macs) / 1e9)
        }
    }

    /// The smaller model, by the least important units as the options rank them.
    ///
    /// - Throws: `invalidArgument` where the target cannot be met, `unsupported` for an aligned
    ///   structure of a network that is not dense.
    public func pruned(_ original: Model) throws -> Outcome {
        let model = try original.reducingFlow(by: flowReduction)
        let (target, latency) = try goal.resolved(
            for: model.blueprint, progress: progress, cancellation: cancellation
        ) {
            try model.blueprint.pruned(
                by: PruningSelection(pruning: model, to: $0, options: options))
        }
        let selection = try PruningSelection(pruning: model, to: target, options: options)
        var smaller = try model.pruned(by: selection)
        smaller.metadata[MetadataKey.history] = history(of: model, to: smaller, target)
        return Outcome(
            model: smaller, before: original.blueprint.costs(at: options.frameSize),
            after: smaller.blueprint.costs(at: options.frameSize),
            unitsBefore: model.blueprint.unitCount, unitsAfter: smaller.blueprint.unitCount,
            latency: latency)
    }

    /// Prunes the model file `input` and writes the result to `output`, whole or not at all.
    public func prune(_ input: ModelReference, to output: String) throws -> Outcome {
        let loaded = try input.load()
        var outcome = try pruned(loaded.model)
        outcome.remarks = loaded.remarks + (outcome.latency?.remarks ?? [])
        try ModelFile.write(outcome.model, to: output)
        return outcome
    }

    private func history(of model: Model, to smaller: Model, _ target: PruningTarget) -> String {
        // Where flow alone was to be reduced, nothing else is said.
        let isFlowAlone = flowReduction != 1 && smaller.blueprint == model.blueprint
        let steps = [
            model.metadata[MetadataKey.history], Self.flowStep(flowReduction),
            isFlowAlone ? nil : step(target),
        ]
        return steps.compactMap { $0 }.joined(separator: "; ")
    }

    /// What a model's history says of a flow network without its finest levels.
    static func flowStep(_ reduction: Int) -> String? {
        reduction == 1 ? nil : "flow found in frames reduced by \(reduction), without training"
    }

    private func step(_ target: PruningTarget) -> String {
        "pruned in one shot without finetuning: \(target), \(options.structure.rawValue) structure, "
            + (options.structure != .aligned
                ? "\(options.scope.rawValue) \(options.order.rawValue), " : "")
            + "\(options.norm.rawValue) of absolute weights"
            + (options.normalization == .none
                ? "" : ", normalized by layer (\(options.normalization.rawValue))")
            + (options.allowsEmptyLayers ? ", empty layers allowed" : "")
            + options.excluded.map { ", without \($0.rawValue)" }.joined()
            + options.partRatios.described.map { ", \($0)" }.joined()
    }
}
