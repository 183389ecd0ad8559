import Dispatch
import VSRCore
import VSRModel
import VSRRuntime

/// How a network is pruned with compensation.
public struct CompensationOptions: Sendable {
    /// Weight of the solutions' squares, as a share of the features' mean square.
    ///
    /// Much larger than precision asks for: it keeps the recurrence from amplifying its own errors.
    /// At 1e-5 the published BasicVSR collapses within 30 frames.
    public var ridge = 1e-2
    /// The step from which a still clip's carried state is held while states are recorded: dense
    /// recurrences themselves diverge on still scenes.
    public var stillStep = 8
    public var threads: Int?
    public var cancellation: Cancellation?
    public var progress: ProgressHandler?

    public init() {}
}

/// A clip that a network is calibrated on.
public struct CalibrationClip: Sendable {
    /// Low-resolution frames of one size.
    public var frames: [Frame]
    /// Whether every frame shows the same, but for noise.
    public var isStill: Bool
    /// Frames whose features are used.
    public var used: Set<Int>

    public init(frames: [Frame], isStill: Bool = false, used: Set<Int>) {
        self.frames = frames
        self.isStill = isStill
        self.used = used
    }
}

extension Model {
    /// A smaller network, pruned and refitted by least squares on a few clips, layer after layer,
    /// without training.
    ///
    /// Blocks keep all channels of the trunk and lose filters in between, the upsampler loses units.
    /// Each layer is fitted to what the dense network has at its place, from what the slim one gives
    /// before it; filters go by backward elimination, those first whose loss the others make up for
    /// best. All other layers stay.
    ///
    /// - Parameter isSmallEnough: Whether an architecture meets the target.
    /// - Throws: `invalidArgument` where the target cannot be met or there are no clips, `notFound`
    ///   or `shapeMismatch` naming a tensor or frame, `corruptData` where features are not finite,
    ///   `cancelled`.
    public func compensated(
        on clips: [CalibrationClip], options: CompensationOptions = CompensationOptions(),
        isSmallEnough: (Blueprint) -> Bool
    ) throws -> Model {
        try compensated(
            on: clips, options: options, to: try blueprint.slimmed(to: isSmallEnough))
    }

    /// The same for a given architecture: `blueprint` with fewer middle filters and upsampler units.
    func compensated(
        on clips: [CalibrationClip], options: CompensationOptions, to slim: Blueprint
    ) throws -> Model {
        var result = self
        result.blueprint = slim
        let tensors = try fitted(on: clips, options: options) { branch, inputs, threads, finished in
            try CompensatedBranch(model: self, branch: branch, options: options, threads: threads)
                .fitted(inputs, to: slim, finished: finished)
        } upsampler: { states, denseStates, threads, finished in
            try CompensatedUpsampler(model: self, options: options, threads: threads)
                .fitted(states: states, denseStates: denseStates, to: slim, finished: finished)
        }
        result.tensors.merge(tensors) { _, new in new }
        return result
    }

    /// The fitted tensors of all branches and of the upsampler.
    ///
    /// - Parameters:
    ///   - fitBranch: Fits a branch to what it reads, `[pixels, 3 + C]`.
    ///   - fitUpsampler: Fits the upsampler to the slim network's hidden states and the dense one's,
    ///     branch after branch, `[pixels, branches · C]`.
    func fitted(
        on clips: [CalibrationClip], options: CompensationOptions,
        branch fitBranch:
            @escaping @Sendable (
                _ branch: Blueprint.Branch, _ inputs: Features, _ threads: Int,
                _ finished: @Sendable () throws -> Void
            ) throws -> CompensatedBranch.Result,
        upsampler fitUpsampler: (
            _ states: Features, _ denseStates: Features, _ threads: Int,
            _ finished: @Sendable () throws -> Void
        ) throws -> [TensorKey: ModelTensor]
    ) throws -> [TensorKey: ModelTensor] {
        guard !clips.isEmpty, clips.allSatisfy({ !$0.frames.isEmpty }) else {
            throw VSRError(
                .invalidArgument, "compensation needs clips to calibrate on: give at least one")
        }
        let steps = try recorded(clips, options)
        let threads = max(options.threads ?? ActiveProcessors.count, 1)
        let branches = blueprint.branches
        let counter = StepCounter(
            total: branches.reduce(0) { $0 + blueprint[$1].count }
                + blueprint.upsamplerLayers.count,
            options)
        // Branches do not depend on each other: side by side they use threads best.
        let perBranch = max(threads / branches.count, 1)
        let outcomes = ResultSlots<CompensatedBranch.Result>(count: branches.count)
        let fit: @Sendable (Int) -> Void = { index in
            let branch = branches[index]
            outcomes.set(index) {
                let inputs = Features(
                    steps.map {
                        [
                            FeatureMap($0.picture),
                            $0.carried[branch]
                                ?? FeatureMap(channels: blueprint.width, size: $0.picture.size),
                        ]
                    })
                return try fitBranch(branch, inputs, perBranch) { try counter.advance() }
            }
        }
        if threads < branches.count {
            for index in branches.indices { fit(index) }
        } else {
            DispatchQueue.concurrentPerform(iterations: branches.count, execute: fit)
        }
        let results = try outcomes.values()
        let pictures = min(steps.count, Self.upsamplerPictures)
        func beside(_ features: (CompensatedBranch.Result) -> Features) -> Features {
            let parts = results.map { features($0).prefix(pictures) }
            return parts.count == 1 ? parts[0] : Features(joining: parts)
        }
        let upsampler = try fitUpsampler(beside(\.states), beside(\.denseStates), threads) {
            try counter.advance()
        }
        return results.map(\.tensors).reduce(upsampler) { $0.merging($1) { _, new in new } }
    }

    /// The upsampler has 16 times as many pixels for each of the trunk's.
    private static let upsamplerPictures = 6

    private func recorded(
        _ clips: [CalibrationClip], _ options: CompensationOptions
    ) throws -> [RecordedStep] {
        var upscaling = UpscalerOptions()
        upscaling.precision = .fp32
        upscaling.threads = options.threads
        upscaling.cancellation = options.cancellation
        var steps: [[RecordedStep]] = []
        for (index, clip) in clips.enumerated() {
            options.progress?(
                ProgressUpdate("record states", completed: index, total: clips.count))
            steps.append(
                try RecordedStep.record(
                    self, clip: clip.frames, at: clip.used,
                    holdingAfter: clip.isStill ? options.stillStep : nil, options: upscaling))
        }
        options.progress?(
            ProgressUpdate("record states", completed: clips.count, total: clips.count))
        let size = steps.first?.first?.picture.size
        guard let size, steps.joined().allSatisfy({ $0.picture.size == size }) else {
            throw VSRError(
                .shapeMismatch,
                "the calibration clips have frames of different sizes, or none is used: cut all to "
                    + "one size")
        }
        // One of each clip, then the next of each: any first few come from different clips.
        let most = steps.map(\.count).max() ?? 0
        return (0..<most).flatMap { index in
            steps.compactMap { index < $0.count ? $0[index] : nil }
        }
    }
}

extension Features {
    /// Channels of all side by side.
    init(joining parts: [Features]) {
        let channels = parts.reduce(0) { $0 + $1.channels }
        var values = Matrix<Float>(rows: parts[0].values.rows, columns: channels)
        var first = 0
        for part in parts {
            for row in 0..<values.rows {
                for channel in 0..<part.channels {
                    values.values[row * channels + first + channel] =
                        part.values.values[row * part.channels + channel]
                }
            }
            first += part.channels
        }
        self.init(size: parts[0].size, values: values)
    }
}
