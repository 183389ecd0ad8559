import Foundation
import VSRCore
import VSRModel
import VSRRuntime

/// Times a model frame by frame, as a long clip costs.
public struct Benchmark: Sendable {
    /// Low-resolution frames.
    public var frameSize = Blueprint.referenceFrameSize
    /// Threads; `nil` for one per core.
    public var threads: Int?
    public var precision = UpscalerOptions.Precision.auto
    public var executor = UpscalerOptions.Executor.tuned
    /// Instruction sets that kernels may use.
    public var instructionSets = InstructionSets.all
    public var guardsStability = true
    /// Frames timed, after ``warmUpFrames`` that are not.
    ///
    /// A clip's first frame, which has neither flow nor warp, is never among those timed.
    public var frames = 20
    public var warmUpFrames = 3
    /// Whether layers are timed too, in frames of their own.
    public var timesLayers = true
    /// Whether what the stability guard costs is timed too, in frames of their own.
    public var timesGuard = false

    public init() {}

    /// What was measured.
    public struct Outcome: Sendable, Codable, Equatable {
        /// A layer's or step's share of a frame.
        public struct LayerTime: Sendable, Codable, Equatable {
            public var name: String
            public var millisecondsPerFrame: Double
        }

        /// How a bidirectional network was timed: by whole windows within one long clip.
        public struct Window: Sendable, Codable, Equatable {
            /// Frames handed out at a time.
            public var length: Int
            /// Frames after each window whose backward states are computed once more.
            public var lookAhead: Int
        }

        /// What the first frame costs beyond the others, in milliseconds.
        public struct StartUp: Sendable, Codable, Equatable {
            /// Reading the file; `nil` where random weights came from none.
            public var read: Double?
            /// Packing the weights for the kernels.
            public var pack: Double
            /// The frame itself, as a clip of one, and the memory for it.
            public var firstFrame: Double

            public var total: Double { (read ?? 0) + pack + firstFrame }
        }

        public var model: String
        public var frameSize: FrameSize
        public var scale: Int
        public var threads: Int
        public var precision: String
        public var instructionSet: String
        /// Milliseconds per frame.
        ///
        /// Bidirectional networks are timed by windows within one clip, the first left out, one
        /// measurement being a window's time shared among its frames.
        public var milliseconds: Spread
        /// Every measurement, in milliseconds per frame and in order.
        public var measurements: [Double]
        /// `nil` for unidirectional networks.
        public var window: Window?
        public var startUp: StartUp
        /// Multiply-accumulates per second, in billions, flow network included; a frame's own, so
        /// that a look-ahead computed twice counts once.
        public var gigaMACsPerSecond: Double
        /// Output pixels per second, in millions.
        public var megapixelsPerSecond: Double
        public var layers: [LayerTime]
        /// Time with the stability guard divided by that without, both medians of steps taken by
        /// turns on a moving picture; `nil` unless asked for.
        public var guardCost: Double?
        /// Resident memory of the process after the timed frames, and its peak, in bytes.
        public var residentBytes: Int?
        public var peakResidentBytes: Int?
        /// Bytes of the maps and planes that the executor holds, without weights and the kernels'
        /// scratch: see `Upscaler.plannedBytes`.
        public var plannedBytes: Int?
        public var machine: Machine
        /// What was assumed or left out on reading a file of another project, a sentence each.
        public var remarks: [String] = []
    }

    /// A model to be timed: a file, a bundled one, or a published network with random weights,
    /// whose time is that of trained ones.
    ///
    /// - Parameter foreign: What is said of a file of another project.
    /// - Throws: What reading throws; `invalidArgument` for what is said of anything else.
    public static func model(
        named name: String, foreign: ForeignModelOptions? = nil
    ) throws -> ModelReference.Loaded {
        if let preset = Blueprint.Preset(rawValue: name.lowercased()) {
            try foreign?.refuse(for: name, kind: "a published network without a file")
            let model = try Model.initialized(try preset.blueprint(), seed: 1)
            return ModelReference.Loaded(model: model, remarks: [])
        }
        return try ModelReference(name, foreign: foreign).load()
    }

    /// Reads and times the model that a user names; see ``model(named:foreign:)``.
    ///
    /// - Throws: As ``run(_:name:progress:cancellation:)``, and what reading throws.
    public func run(
        named name: String, foreign: ForeignModelOptions? = nil,
        progress: ProgressHandler? = nil, cancellation: Cancellation? = nil
    ) throws -> Outcome {
        let isFile = Blueprint.Preset(rawValue: name.lowercased()) == nil
        let (loaded, seconds) = try timed { try Self.model(named: name, foreign: foreign) }
        var outcome = try run(
            loaded.model, name: name, progress: progress, cancellation: cancellation)
        outcome.remarks = loaded.remarks
        if isFile { outcome.startUp.read = seconds * 1000 }
        return outcome
    }

    /// - Parameter name: What the outcome calls the model.
    /// - Throws: `invalidArgument` for counts below 1, what the runtime throws, `cancelled`.
    public func run(
        _ model: Model, name: String, progress: ProgressHandler? = nil,
        cancellation: Cancellation? = nil
    ) throws -> Outcome {
        guard frames >= 1, warmUpFrames >= 0, frames <= 1_000_000, warmUpFrames <= 1_000_000 else {
            throw VSRError(
                .invalidArgument,
                "\(frames) timed and \(warmUpFrames) untimed frames cannot be measured: time at least 1"
            )
        }
        let options = options(cancellation)
        let scene = MovingPattern(size: frameSize)
        let (upscaler, startUp) = try startUp(model, options, scene)
        let clip = LongClip(upscaler, scene, model.blueprint.direction)
        let milliseconds = try measurements(clip, progress).map { $0 * 1000 }
        let resident = Machine.residentBytes
        let peak = Machine.peakResidentBytes
        let spread = Spread(milliseconds)
        let costs = model.blueprint.costs(at: frameSize)
        let pixels = frameSize.scaled(by: upscaler.scale).area
        return Outcome(
            model: name, frameSize: frameSize, scale: upscaler.scale,
            threads: threads ?? ProcessInfo.processInfo.activeProcessorCount,
            precision: upscaler.effectivePrecision.rawValue,
            instructionSet: upscaler.instructionSetName, milliseconds: spread,
            measurements: milliseconds, window: clip.window, startUp: startUp,
            gigaMACsPerSecond: Double(costs.macsWithFlow) / 1e6 / spread.median,
            megapixelsPerSecond: Double(pixels) / 1e3 / spread.median,
            layers: try layerTimes(model, options, scene),
            guardCost: timesGuard ? try guardCost(model, options, scene, progress) : nil,
            residentBytes: resident,
            peakResidentBytes: peak, plannedBytes: upscaler.plannedBytes, machine: .current)
    }

    private func options(_ cancellation: Cancellation?) -> UpscalerOptions {
        var options = UpscalerOptions()
        options.threads = threads
        options.precision = precision
        options.executor = executor
        options.instructionSets = instructionSets
        options.guardsStability = guardsStability
        options.cancellation = cancellation
        return options
    }

    private func startUp(
        _ model: Model, _ options: UpscalerOptions, _ scene: MovingPattern
    ) throws -> (Upscaler, Outcome.StartUp) {
        let frame = scene.frame(0)
        let (upscaler, pack) = try timed { try Upscaler(model: model, options: options) }
        let (_, first) = try timed { try upscaler.upscale(clip: [frame]) }
        return (upscaler, Outcome.StartUp(read: nil, pack: pack * 1000, firstFrame: first * 1000))
    }

    /// Seconds per frame, step by step of the clip.
    private func measurements(
        _ clip: LongClip, _ progress: ProgressHandler?
    ) throws -> [Double] {
        let isOnline = clip.window == nil
        // A clip's first step is unlike the others: no flow, or a look-ahead to be filled.
        let untimed = isOnline ? max(1, warmUpFrames) : 1
        let total = untimed + max(1, frames / clip.stepLength)
        var times: [Double] = []
        for index in 0..<total {
            let input = clip.nextFrames()
            let (_, seconds) = try timed { try clip.step(input) }
            if index >= untimed { times.append(seconds / Double(clip.stepLength)) }
            progress?(
                ProgressUpdate(
                    "bench", completed: index + 1, total: total,
                    unit: isOnline ? "frames" : "windows"))
        }
        return times
    }

    /// Steps with the guard and without it by turns, so that both meet the same machine.
    private func guardCost(
        _ model: Model, _ options: UpscalerOptions, _ scene: MovingPattern,
        _ progress: ProgressHandler?
    ) throws -> Double {
        let clips = try [true, false].map { isGuarded in
            var options = options
            options.guardsStability = isGuarded
            let upscaler = try Upscaler(model: model, frameSize: frameSize, options: options)
            return LongClip(upscaler, scene, model.blueprint.direction)
        }
        let untimed = clips[0].window == nil ? max(1, warmUpFrames) : 1
        let total = untimed + max(1, frames / clips[0].stepLength)
        var times: [[Double]] = [[], []]
        for index in 0..<total {
            // Whoever comes second finds the caches otherwise: they take turns in that, too.
            for side in index % 2 == 0 ? [0, 1] : [1, 0] {
                let input = clips[side].nextFrames()
                let (_, seconds) = try timed { try clips[side].step(input) }
                if index >= untimed { times[side].append(seconds) }
            }
            progress?(
                ProgressUpdate("guard", completed: index + 1, total: total, unit: "steps"))
        }
        return Spread(times[0]).median / Spread(times[1]).median
    }

    /// Measured apart, since the clock at every layer slows the whole down a little.
    private func layerTimes(
        _ model: Model, _ options: UpscalerOptions, _ scene: MovingPattern
    ) throws -> [Outcome.LayerTime] {
        guard timesLayers, executor == .tuned else { return [] }
        var options = options
        options.isProfiled = true
        let upscaler = try Upscaler(model: model, frameSize: frameSize, options: options)
        let clip = LongClip(upscaler, scene, model.blueprint.direction)
        try clip.step(clip.nextFrames())
        upscaler.resetProfile()
        let steps = clip.window == nil ? min(frames, 8) : 1
        for _ in 0..<steps { try clip.step(clip.nextFrames()) }
        return upscaler.profile.map {
            Outcome.LayerTime(
                name: $0.name,
                millisecondsPerFrame: $0.seconds * 1000 / Double(steps * clip.stepLength))
        }
    }

    private func timed<Result>(
        _ body: () throws -> Result
    ) rethrows -> (result: Result, seconds: Double) {
        let start = DispatchTime.now().uptimeNanoseconds
        let result = try body()
        return (result, Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9)
    }
}
