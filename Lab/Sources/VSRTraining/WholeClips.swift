import Foundation
import Torch
import VSRCore
import VSRData
import VSRImaging
import VSRModel
import VSRNetworks
import VSRRuntime

/// What networks make of whole training clips, computed once and kept in the user's cache.
///
/// Files are named after the clip's degraded frames, in folders named after the network and how it
/// was run, so that runs share them and a change of either makes new ones. Two runs that start
/// together may both compute a clip; the files are the same, and each appears whole.
struct WholeClips {
    private let source: any BatchSource
    private let environment: TrainingEnvironment
    /// Threads of the runtime; 0 takes all cores.
    private let threads: Int
    /// The drawn clips' digests, by their numbers.
    private let digests: [Int: String]

    /// Goes through the degraded frames of all clips that are drawn.
    ///
    /// - Throws: what reading clips throws; `cancelled`.
    init(
        _ source: any BatchSource, threads: Int, environment: TrainingEnvironment
    ) throws {
        self.source = source
        self.threads = threads
        self.environment = environment
        var digests: [Int: String] = [:]
        for (index, clip) in source.drawnClips.enumerated() {
            digests[clip] = try Self.digest(of: clip, in: source, environment.cancellation)
            environment.progress?(
                ProgressUpdate(
                    "look clips up", completed: index + 1, total: source.drawnClips.count,
                    unit: "clips"))
        }
        self.digests = digests
    }

    /// Frames that a bidirectional teacher sees at a time; longer clips come in windows, with the
    /// runtime's usual look-ahead.
    static let window = 64

    /// The runtime for a teacher: fp32, without the guard of still scenes.
    ///
    /// - Throws: `unsupported` where the runtime has no kernels for the network.
    static func upscaler(
        of model: Model, threads: Int, cancellation: Cancellation
    ) throws -> Upscaler {
        var options = UpscalerOptions()
        options.threads = threads > 0 ? threads : nil
        options.precision = .fp32
        options.guardsStability = false
        options.windowLength = window
        options.cancellation = cancellation
        return try Upscaler(model: model, options: options)
    }

    /// Frames of every drawn clip upscaled by `model` on the CPU, rounded to 8 bits.
    ///
    /// - Throws: `shapeMismatch` where the model's scale is another one; what the runtime, reading
    ///   clips and writing files throw; `cancelled`, after which files that are whole stay.
    func frames(by model: Model) throws -> ClipFrames {
        guard model.blueprint.scale == source.scale else {
            throw VSRError(
                .shapeMismatch,
                "the teacher upscales \(model.blueprint.scale) times, the data "
                    + "\(source.scale) times: take a teacher of the same scale")
        }
        let upscaler = try Self.upscaler(
            of: model, threads: threads, cancellation: environment.cancellation)
        return ClipFrames(
            try made("teacher's frames", in: "frames-\(model.fingerprint)-\(Self.window)") {
                (
                    frames: source.shape(clip: $0).frames, channels: 3,
                    size: source.shape(clip: $0).size
                )
            } _: { clip, output in
                func write(_ frame: Frame) throws {
                    try output.write(contentsOf: Data(ByteFrame(rounding: frame).samples))
                }
                try source.visitLowResolution(clip: clip) { low in
                    try environment.cancellation.check()
                    try upscaler.push(low.frame).forEach(write)
                }
                try upscaler.finish(write)
            })
    }

    /// Flows between neighboring frames of every drawn clip, both ways, by the flow network of
    /// `model` on the environment's device.
    ///
    /// - Throws: as ``frames(by:)``.
    func flows(by model: Model) throws -> ClipFlows {
        let network = try withoutGradients {
            try BasicVSR(model, device: environment.device).assembled()
        }
        return ClipFlows(
            try made("flows", in: "flows-\(model.flowFingerprint)") {
                (
                    frames: max(source.shape(clip: $0).frames - 1, 0), channels: ClipFlows.channels,
                    size: source.lowResolutionSize(clip: $0)
                )
            } _: { clip, output in
                var earlier: Tensor?
                try source.visitLowResolution(clip: clip) { low in
                    try environment.cancellation.check()
                    try withoutGradients {
                        let later = try Tensor(
                            low.frame.samples, shape: [1, 3, low.size.height, low.size.width],
                            device: environment.device)
                        if let earlier {
                            let flows = try network.flows(from: earlier, to: later)
                            for flow in [flows.fromEarlier, flows.fromLater] {
                                try flow.floats().withUnsafeBytes {
                                    try output.write(contentsOf: Data($0))
                                }
                            }
                        }
                        earlier = later
                    }
                }
            })
    }

    /// The file of each drawn clip, made where it is not there; empty planes for other clips.
    ///
    /// - Parameters:
    ///   - name: The folder within the cache.
    ///   - shape: Of a clip's planes.
    private func made<Sample>(
        _ what: String, in name: String,
        shape: (_ clip: Int) -> (frames: Int, channels: Int, size: FrameSize),
        _ make: (_ clip: Int, _ output: FileHandle) throws -> Void
    ) throws -> [ClipPlanes<Sample>] {
        let folder = "\(environment.clipCache)/\(name)"
        let clips = 0..<source.clipCount
        var bytes = 0
        let planes = try clips.map { clip -> ClipPlanes<Sample> in
            let wanted = shape(clip)
            guard let digest = digests[clip] else {
                return try ClipPlanes(
                    "", frames: 0, channels: wanted.channels, size: wanted.size)
            }
            let path = "\(folder)/\(digest).raw"
            func found() throws -> ClipPlanes<Sample> {
                try ClipPlanes(
                    path, frames: wanted.frames, channels: wanted.channels, size: wanted.size)
            }
            try environment.cancellation.check()
            defer {
                environment.progress?(
                    ProgressUpdate(what, completed: clip + 1, total: clips.count, unit: "clips"))
            }
            if let planes = try? found() { return planes }
            bytes += try write(to: path) { try make(clip, $0) }
            return try found()
        }
        if bytes > 0 {
            environment.note(
                "the \(what) of whole clips take \(MemorySize(bytes: bytes)) in \(folder); other "
                    + "runs use them too, and the folder can be deleted when none runs")
        }
        return planes
    }

    /// Writes a file, whole or not at all, and returns its length.
    private func write(
        to path: String, _ make: (_ output: FileHandle) throws -> Void
    ) throws -> Int {
        try AtomicFile.write(to: path) { temporary in
            guard FileManager.default.createFile(atPath: temporary, contents: nil),
                let output = FileHandle(forWritingAtPath: temporary)
            else { throw VSRError(.io, "cannot write \(path): check the folder's permissions") }
            defer { try? output.close() }
            do {
                try make(output)
                return Int(try output.offset())
            } catch let error as VSRError {
                throw error
            } catch {
                throw VSRError(
                    .io,
                    "cannot write \(path): the disk may be full; delete \(environment.clipCache) "
                        + "while no run needs it, or let XDG_CACHE_HOME name a folder with more room",
                    cause: error)
            }
        }
    }

    /// Digits that tell the clip's degraded frames from others.
    private static func digest(
        of clip: Int, in source: any BatchSource, _ cancellation: Cancellation
    ) throws -> String {
        var hash = WordHash()
        // To be raised when files are made in another way.
        hash.add(1)
        try source.visitLowResolution(clip: clip) { frame in
            try cancellation.check()
            hash.add(UInt64(frame.size.width))
            hash.add(UInt64(frame.size.height))
            frame.samples.withUnsafeBytes { bytes in
                for start in stride(from: 0, to: bytes.count, by: 8) {
                    hash.add(
                        bytes[start..<min(start + 8, bytes.count)].reduce(UInt64(0)) {
                            $0 << 8 | UInt64($1)
                        })
                }
            }
        }
        return hash.digits
    }
}
