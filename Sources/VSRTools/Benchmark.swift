import Foundation
import VSRCore
import VSRModel
import VSRRuntime

/// Times a model frame by frame.
public struct Benchmark: Sendable {
    /// Low-resolution frames.
    public var frameSize = Blueprint.referenceFrameSize
    /// Threads; `nil` for one per core.
    public var threads: Int?
    public var precision = UpscalerOptions.Precision.auto
    public var executor = UpscalerOptions.Executor.tuned
    /// Frames timed, after ``warmUpFrames`` that are not.
    public var frames = 20
    public var warmUpFrames = 3

    public init() {}

    /// What was measured.
    public struct Outcome: Sendable, Codable, Equatable {
        /// A layer's or step's share of a frame.
        public struct LayerTime: Sendable, Codable, Equatable {
            public var name: String
            public var millisecondsPerFrame: Double
        }

        public var model: String
        public var frameSize: FrameSize
        public var scale: Int
        public var threads: Int
        public var precision: String
        public var instructionSet: String
        /// Milliseconds per frame.
        ///
        /// Bidirectional networks are timed by windows, one measurement being a window's time
        /// shared among its frames.
        public var milliseconds: Spread
        /// Every measurement, in milliseconds per frame and in order.
        public var measurements: [Double]
        /// Multiply-accumulates per second, in billions, flow network included.
        public var gigaMACsPerSecond: Double
        /// Output pixels per second, in millions.
        public var megapixelsPerSecond: Double
        public var layers: [LayerTime]
        /// Resident memory of the process after the timed frames, and its peak, in bytes.
        public var residentBytes: Int?
        public var peakResidentBytes: Int?
        /// Bytes that the executor planned for itself, weights included.
        public var plannedBytes: Int?
        public var machine: Machine
    }

    /// A model to be timed: a file, a bundled one, or a published network with random weights,
    /// whose time is that of trained ones.
    public static func model(named name: String) throws -> Model {
        if let preset = Blueprint.Preset(rawValue: name.lowercased()) {
            return try Model.initialised(try preset.blueprint(), seed: 1)
        }
        return try ModelReference(name).read()
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
                "\(frames) timed and \(warmUpFrames) untimed frames make no sense: time at least 1")
        }
        var options = UpscalerOptions()
        options.threads = threads
        options.precision = precision
        options.executor = executor
        options.cancellation = cancellation
        let upscaler = try Upscaler(model: model, frameSize: frameSize, options: options)
        let scene = MovingPattern(size: frameSize)
        let isOnline = model.blueprint.direction == .unidirectional
        let times =
            isOnline
            ? try frameTimes(upscaler, scene, progress)
            : try windowTimes(upscaler, scene, options.windowLength ?? 16, progress)
        let resident = Machine.residentBytes
        let peak = Machine.peakResidentBytes
        let layers = try layerTimes(model, options, scene)
        let spread = Spread(times.map { $0 * 1000 })
        let costs = model.blueprint.costs(at: frameSize)
        let pixels = frameSize.scaled(by: upscaler.scale).area
        return Outcome(
            model: name, frameSize: frameSize, scale: upscaler.scale,
            threads: threads ?? ProcessInfo.processInfo.activeProcessorCount,
            precision: upscaler.effectivePrecision.rawValue,
            instructionSet: upscaler.instructionSetName, milliseconds: spread,
            measurements: times.map { $0 * 1000 },
            gigaMACsPerSecond: Double(costs.macsWithFlow) / 1e6 / spread.median,
            megapixelsPerSecond: Double(pixels) / 1e3 / spread.median, layers: layers,
            residentBytes: resident, peakResidentBytes: peak,
            plannedBytes: upscaler.plannedBytes, machine: .current)
    }

    private func frameTimes(
        _ upscaler: Upscaler, _ scene: MovingPattern, _ progress: ProgressHandler?
    ) throws -> [Double] {
        var times: [Double] = []
        for index in 0..<warmUpFrames + frames {
            let frame = scene.frame(index)
            let time = try seconds { _ = try upscaler.push(frame) }
            if index >= warmUpFrames { times.append(time) }
            progress?(
                ProgressUpdate(
                    "bench", completed: index + 1, total: warmUpFrames + frames))
        }
        return times
    }

    /// The first window warms up; at least one more is timed.
    private func windowTimes(
        _ upscaler: Upscaler, _ scene: MovingPattern, _ window: Int, _ progress: ProgressHandler?
    ) throws -> [Double] {
        let length = min(window, max(frames, 2))
        let clip = (0..<length).map(scene.frame)
        let windows = max(1, frames / length) + (warmUpFrames > 0 ? 1 : 0)
        var times: [Double] = []
        for index in 0..<windows {
            let time = try seconds { _ = try upscaler.upscale(clip: clip) }
            if index > 0 || warmUpFrames == 0 { times.append(time / Double(length)) }
            progress?(
                ProgressUpdate("bench", completed: index + 1, total: windows, unit: "windows"))
        }
        return times
    }

    /// Measured apart, since the clock at every layer slows the whole down a little.
    private func layerTimes(
        _ model: Model, _ options: UpscalerOptions, _ scene: MovingPattern
    ) throws -> [Outcome.LayerTime] {
        var options = options
        options.isProfiled = true
        let upscaler = try Upscaler(model: model, frameSize: frameSize, options: options)
        let clip = (0..<min(frames, 8)).map(scene.frame)
        _ = try upscaler.upscale(clip: clip)
        return upscaler.profile.map {
            Outcome.LayerTime(
                name: $0.name, millisecondsPerFrame: $0.seconds * 1000 / Double(clip.count))
        }
    }

    private func seconds(_ body: () throws -> Void) rethrows -> Double {
        let start = DispatchTime.now().uptimeNanoseconds
        try body()
        return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    }
}

/// Smooth waves that move by a fraction of a pixel per frame: cheap to make, and no two frames
/// alike.
private struct MovingPattern {
    let size: FrameSize

    func frame(_ index: Int) -> Frame {
        var frame = Frame(size: size)
        for y in 0..<size.height {
            for x in 0..<size.width {
                let phase = Float(x) * 0.21 + Float(y) * 0.13 + Float(index) * 0.37
                frame[0, y, x] = 0.5 + 0.4 * sin(phase)
                frame[1, y, x] = 0.5 + 0.4 * sin(phase * 0.7 + 1)
                frame[2, y, x] = 0.5 + 0.4 * sin(phase * 1.3 + 2)
            }
        }
        return frame
    }
}
