import Foundation
import Torch
import VSRConfiguration
import VSRCore
import VSRData
import VSRModel
import VSRNetworks

/// Finetunes a pruned network, whose hidden states and frames may be held to those of the dense one.
///
/// With a teacher and validation clips it also writes `drift.json`: how far hidden states are from
/// the teacher's.
///
/// Source: Xia et al., CVPR 2023, Sec. 3.2 (5).
public final class Finetune: TrainingStage {
    public static let name = "finetune"
    public static let files = ["drift.json"]

    /// Settings of finetuning.
    public struct Configuration: StageConfiguration {
        /// The pruned network's model file.
        public var model = ""
        /// The run's folder.
        public var output = "runs/finetune"
        public var iterations = 300_000
        public var temporal = TemporalSettings()
        public var distillation = DistillationSettings()
        public var data = DataSettings()
        public var validation = ValidationSettings()
        public var optimizer = OptimizerSettings()
        public var flow = FlowTuningSettings()
        public var run = RunSettings()

        public init() {}

        public var updates: UpdateRule { optimizer.updates }

        public mutating func fixOwnSettings() {
            iterations = 1
            model = "-"
            temporal.teacher = temporal.teacher.map { _ in "-" }
        }

        /// Whether hidden states are held to the teacher's.
        var comparesStates: Bool { temporal.weight > 0 || distillation.stateWeight > 0 }

        public mutating func completeOlder(keys: Set<String>) {
            // The flow network was frozen always.
            if !keys.contains("flow") { flow.rateFactor = 0 }
        }

        public func validate() throws {
            try InvalidSetting.require(!model.isEmpty, "model", "\"\"", "a model file")
            try InvalidSetting.require(
                temporal.teacher != nil || !distillation.isUsed, "temporal.teacher", "not set",
                "a model file where distillation.frameShare or distillation.stateWeight is above 0")
            try InvalidSetting.require(
                !distillation.wholeClips || distillation.frameShare > 0, "distillation.frameShare",
                distillation.frameShare, "above 0 where distillation.wholeClips is true")
            try InvalidSetting.require(
                temporal.warmTeacher || !comparesStates, "temporal.warmTeacher", "false",
                "true where temporal.weight or distillation.stateWeight is above 0, because states "
                    + "of as many frames are compared")
            try validateCommon()
        }
    }

    public let network: BasicVSR
    public let groups: [Optimizer.Group]
    public let sources: [String: String]
    public let remarks: [String]

    private let configuration: Configuration
    private let schedule: RateSchedule
    private let start: Model
    private let teacher: Teacher?
    /// The teacher's network, where its frames are made of whole clips.
    private let clipTeacher: Model?
    private var taught: ClipFrames?
    private var flows: ClipFlows?

    public init(_ configuration: Configuration, device: Device) throws {
        self.configuration = configuration
        schedule = configuration.optimizer.schedule(iterations: configuration.iterations)
        let source = try StageModel(configuration.model)
        start = source.model
        var sources = ["model": source.fingerprint]
        var remarks = source.remarks
        if let path = configuration.temporal.teacher {
            let dense = try StageModel(path)
            sources["temporal.teacher"] = dense.fingerprint
            remarks += dense.remarks
            let usesWholeClips = configuration.distillation.wholeClips
            teacher = try Teacher(
                dense.model, of: start, device: device,
                convolutions: configuration.run.convolutions,
                comparesStates: configuration.comparesStates)
            clipTeacher = usesWholeClips ? dense.model : nil
            if usesWholeClips {
                // What the runtime cannot do shows before clips are decoded.
                _ = try WholeClips.upscaler(
                    of: dense.model, threads: 1, cancellation: Cancellation())
            }
        } else {
            teacher = nil
            clipTeacher = nil
        }
        self.sources = sources
        self.remarks = remarks
        network = try BasicVSR(start, device: device)
        let groups = network.groups(
            rate: configuration.optimizer.rate, method: configuration.optimizer.method)
        // A flow network that never learns needs no moments.
        self.groups =
            configuration.flow.rateFactor > 0 ? [groups.network, groups.flow] : [groups.network]
    }

    public func rate(ofGroup index: Int, at iteration: Int) -> Double {
        let rate = schedule.rate(initial: configuration.optimizer.rate, iteration: iteration)
        return index == 1 ? rate * configuration.flow.rateFactor : rate
    }

    public func prepare(_ source: any BatchSource, environment: TrainingEnvironment) throws {
        guard configuration.flow.wholeClips || clipTeacher != nil else { return }
        let clips = try WholeClips(
            source, threads: configuration.run.threads, environment: environment)
        if configuration.flow.wholeClips { flows = try clips.flows(by: start) }
        taught = try clipTeacher.map(clips.frames)
    }

    public func batch(_ batch: TrainingBatch, isChannelsLast: Bool) throws -> ClipBatch {
        try ClipBatch(
            batch, device: network.device, isChannelsLast: isChannelsLast, taught: taught,
            flows: flows, branches: network.blueprint.branches)
    }

    public func loss(of batch: ClipBatch, at iteration: Int) throws -> StageLoss {
        let isFrozen = configuration.flow.isFrozen(at: iteration)
        let distillation = configuration.distillation
        let temporalWeight = configuration.temporal.weight
        // Frames of whole clips are at hand; states are always those of the crops.
        let needsFrames = batch.taught == nil && distillation.frameShare > 0
        // A teacher without a say still measures the drift.
        let teacher = needsFrames || configuration.comparesStates ? self.teacher : nil
        let warm = try network.warmStates(around: batch, configuration.run)
        let (output, target) = try autocasting(configuration.run.bfloat16, network.device) {
            let assembled = try network.assembled(convolutions: configuration.run.convolutions)
            let flows =
                try batch.flows ?? assembled.flows(of: batch.low, isFrozen: isFrozen)
            let target = try teacher?.target(
                of: batch.low, studentFlows: isFrozen ? flows : nil,
                withFrames: needsFrames,
                around: configuration.temporal.warmTeacher ? batch.surroundings : nil,
                studentFlowsAround: isFrozen ? warm.flows : nil)
            return (try assembled(batch.low, flows: flows, from: warm.states), target)
        }
        let reconstruction = try Losses.charbonnier(output.frames, batch.high)
        let frames = batch.taught ?? target?.frames
        guard frames != nil || target != nil else { return StageLoss(total: reconstruction) }
        var loss = StageLoss(total: reconstruction, parts: ["reconstruction": reconstruction])
        if let frames {
            let imitation = try distillation.loss.measure(output.frames, frames)
            loss.parts["imitation"] = imitation
            loss.total = try (loss.total * (1 - distillation.frameShare))
                .adding(imitation, times: distillation.frameShare)
        }
        guard let target, let teacher else { return loss }
        if distillation.stateWeight > 0 {
            let states = try teacher.meanDistance(of: output, from: target.states)
            loss.parts["states"] = states
            loss.total = try loss.total.adding(states, times: distillation.stateWeight)
        }
        if temporalWeight > 0 {
            let temporal = try teacher.distance(of: output, from: target.states)
            loss.parts["temporal"] = temporal
            loss.total = try loss.total.adding(temporal, times: temporalWeight)
        }
        return loss
    }

    public func finish(_ model: Model, in run: FinishedRun) throws -> Model {
        guard let teacher, let channels = teacher.channels, !run.validationClips.isEmpty else {
            return model
        }
        let report = try DriftReport(
            teacher: teacher, channels: channels, before: start, after: model,
            clips: run.validationClips,
            device: network.device, convolutions: configuration.run.convolutions)
        try JSONText.write(report, to: "\(run.folder)/drift.json")
        run.environment.note(report.summary)
        return model
    }
}
