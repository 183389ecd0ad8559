import VSRCompensation
import VSRCore
import VSRData
import VSRImaging
import VSRModel
import VSRPruning

/// Pruning of a trained model with compensation: what is left is refitted by least squares on a few
/// clips, without training.
public struct CompensatedPruning: Sendable {
    public var goal: PruningGoal
    /// The low-resolution frame that multiply-accumulates are counted for.
    public var frameSize = Blueprint.referenceFrameSize
    public var options = CompensationOptions()
    /// By how much the frames that flow is found in are reduced, see `Model.reducingFlow`.
    public var flowReduction = 1
    public var clips = CalibrationClips()

    public init(to target: PruningTarget) { goal = .target(target) }

    /// - Throws: `InvalidSetting` where the settings contradict each other or rank units, which
    ///   compensation does by itself.
    public init(_ settings: PruningSettings) throws {
        try settings.validate()
        let plain = PruningSettings()
        let choices: [(key: String, found: Any, isPlain: Bool)] = [
            ("structure", settings.structure, settings.structure == plain.structure),
            ("scope", settings.scope, settings.scope == plain.scope),
            ("order", settings.order, settings.order == plain.order),
            ("score", settings.score?.rawValue ?? "", settings.score == plain.score),
            ("norm", settings.norm, settings.norm == plain.norm),
            (
                "normalization", settings.normalization.rawValue,
                settings.normalization == plain.normalization
            ),
            ("align", settings.align, settings.align == plain.align),
            ("allowEmpty", settings.allowEmpty, settings.allowEmpty == plain.allowEmpty),
            (
                "exclude", settings.exclude.map(\.rawValue).joined(separator: ", "),
                settings.exclude == plain.exclude
            ),
            (
                "partRatio", (settings.partRatio ?? [:]).described.joined(separator: ", "),
                settings.partRatio == plain.partRatio
            ),
            ("seed", settings.seed, settings.seed == plain.seed),
        ]
        for choice in choices {
            try InvalidSetting.require(
                choice.isPlain, choice.key, choice.found,
                "left out with compensation, which chooses units by itself")
        }
        goal = PruningGoal(settings)
        frameSize = settings.options.frameSize
    }

    /// The smaller model.
    ///
    /// - Throws: `invalidArgument` where the target cannot be met or no clip is large enough.
    public func pruned(
        _ original: Model, on sources: [ClipSource]
    ) throws -> OneShotPruning.Outcome {
        let model = try original.reducingFlow(by: flowReduction)
        let (target, latency) = try resolved(for: model.blueprint)
        var clips = clips
        clips.degradation =
            model.metadata[MetadataKey.degradation].flatMap(Degradation.init(rawValue:)) ?? .bicubic
        let calibration = try clips.load(
            sources, scale: model.blueprint.scale, progress: options.progress,
            cancellation: options.cancellation)
        let before = original.blueprint.costs(at: frameSize)
        var smaller = try model.compensated(
            on: calibration, options: options, isSmallEnough: isMet(target, for: model.blueprint))
        let step =
            "pruned with compensation, without training: \(target), ridge \(options.ridge), "
            + "\(calibration.count) clips of \(clips.frames) frames of \(clips.side)x\(clips.side)"
        let steps = [
            model.metadata[MetadataKey.history], OneShotPruning.flowStep(flowReduction), step,
        ]
        smaller.metadata[MetadataKey.history] =
            steps.compactMap { $0 }.joined(separator: "; ")
        return OneShotPruning.Outcome(
            model: smaller, before: before, after: smaller.blueprint.costs(at: frameSize),
            unitsBefore: model.blueprint.unitCount, unitsAfter: smaller.blueprint.unitCount,
            latency: latency)
    }

    /// Prunes the model `input` on the clips of `folder` and writes the result to `output`, whole or
    /// not at all.
    public func prune(
        _ input: ModelReference, on folder: String, to output: String
    ) throws -> OneShotPruning.Outcome {
        let loaded = try input.load()
        let sources = try ClipLayout.clips.clips(at: folder).map(\.groundTruth)
        var outcome = try pruned(loaded.model, on: sources)
        outcome.remarks = loaded.remarks + (outcome.latency?.remarks ?? [])
        try ModelFile.write(outcome.model, to: output)
        return outcome
    }

    /// The architecture that a network will have.
    ///
    /// - Throws: `invalidArgument` where the target cannot be met.
    public func expectedBlueprint(of dense: Blueprint) throws -> Blueprint {
        try dense.slimmed(to: isMet(try resolved(for: dense).target, for: dense))
    }

    private func resolved(
        for dense: Blueprint
    ) throws -> (target: PruningTarget, latency: LatencySearch.Outcome?) {
        try goal.resolved(
            for: dense, progress: options.progress, cancellation: options.cancellation
        ) { try dense.slimmed(to: isMet($0, for: dense)) }
    }

    private func isMet(
        _ target: PruningTarget, for dense: Blueprint
    ) -> (Blueprint) -> Bool {
        let (before, units) = (dense.costs(at: frameSize), dense.unitCount)
        return { blueprint in
            let costs = blueprint.costs(at: frameSize)
            return switch target {
            case .macs(let count): costs.macs <= count
            case .parameters(let count): costs.parameters <= count
            case .macsFraction(let share): Double(costs.macs) <= share * Double(before.macs)
            case .parametersFraction(let share):
                Double(costs.parameters) <= share * Double(before.parameters)
            case .milliseconds(let time, let model): model.milliseconds(of: blueprint) <= time
            case .ratio(let share): Double(blueprint.unitCount) <= (1 - share) * Double(units)
            }
        }
    }
}
