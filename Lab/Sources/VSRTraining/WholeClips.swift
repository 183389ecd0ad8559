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
/// Files are named after the network's weights and the clip's degraded frames, so that runs share
/// them and a change of either makes new ones.
struct WholeClips {
    let source: any BatchSource
    let scale: Int
    let environment: TrainingEnvironment
    /// Threads of the runtime; 0 takes all cores.
    let threads: Int
    private var folder: String { environment.clipCache }

    init(
        _ source: any BatchSource, scale: Int, threads: Int, environment: TrainingEnvironment
    ) {
        self.source = source
        self.scale = scale
        self.threads = threads
        self.environment = environment
    }

    /// Frames of every clip upscaled by `model`, rounded to 8 bits.
    ///
    /// On the CPU by the runtime, in fp32 and without the guard of still scenes; on other devices
    /// by the differentiable network.
    ///
    /// - Throws: `shapeMismatch` where the model's scale is another one; what reading clips and
    ///   writing files throws; `cancelled`, after which files that are whole stay.
    func frames(by model: Model) throws -> ClipFrames {
        guard model.blueprint.scale == scale else {
            throw VSRError(
                .shapeMismatch,
                "the teacher upscales \(model.blueprint.scale) times, the data \(scale) times")
        }
        let upscaler = try upscaler(of: model)
        return ClipFrames(
            try made("teacher's frames", by: model.fingerprint) { clip, frames, size in
                (frames: frames, channels: 3, size: size)
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

    /// Flows between neighboring frames of every clip, both ways, by the flow network of `model`.
    ///
    /// - Throws: as ``frames(by:)``.
    func flows(by model: Model, convolutions: ConvolutionMethod) throws -> ClipFlows {
        let network = try withoutGradients {
            try BasicVSR(model, device: environment.device).assembled(convolutions: convolutions)
        }
        return ClipFlows(
            try made("flows", by: model.flowFingerprint) { clip, frames, size in
                (
                    frames: max(frames - 1, 0), channels: ClipFlows.channels,
                    size: size.divided(by: scale)
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

    private func upscaler(of model: Model) throws -> any Upscaling {
        guard environment.device == .cpu else {
            return try withoutGradients {
                TorchUpscaler(try BasicVSR(model, device: environment.device).assembled())
            }
        }
        var options = UpscalerOptions()
        options.threads = threads > 0 ? threads : nil
        options.precision = .fp32
        options.guardsStability = false
        // Longer clips than most are: whole.
        options.windowLength = 64
        options.cancellation = environment.cancellation
        return try Upscaler(model: model, options: options)
    }

    /// The file of each clip, made where it is not there.
    private func made<Sample>(
        _ what: String, by network: String,
        shape: (_ clip: Int, _ frames: Int, _ size: FrameSize) -> (
            frames: Int, channels: Int, size: FrameSize
        ),
        _ make: (_ clip: Int, _ output: FileHandle) throws -> Void
    ) throws -> [ClipPlanes<Sample>] {
        let clips = 0..<source.clipCount
        var bytes = 0
        let planes = try clips.map { clip in
            let (frames, size) = source.shape(clip: clip)
            let wanted = shape(clip, frames, size)
            let path = "\(folder)/\(network)/\(try digest(of: clip)).\(Sample.self)"
            func mapped() throws -> ClipPlanes<Sample> {
                try ClipPlanes(
                    mapping: path, frames: wanted.frames, channels: wanted.channels,
                    size: wanted.size)
            }
            defer {
                environment.progress?(
                    ProgressUpdate(
                        what, completed: clip + 1, total: clips.count, unit: "clips"))
            }
            if let found = try? mapped() { return found }
            try AtomicFile.write(to: path) { temporary in
                guard FileManager.default.createFile(atPath: temporary, contents: nil),
                    let output = FileHandle(forWritingAtPath: temporary)
                else { throw VSRError(.io, "cannot write \(path): check the folder's permissions") }
                defer { try? output.close() }
                do {
                    try make(clip, output)
                    bytes += Int(try output.offset())
                } catch let error as VSRError {
                    throw error
                } catch {
                    throw VSRError(
                        .io,
                        "cannot write \(path): the disk may be full; its folder can be deleted when "
                            + "no run needs it", cause: error)
                }
            }
            return try mapped()
        }
        if bytes > 0 {
            environment.note(
                "the \(what) of whole clips take \(MemorySize(bytes: bytes)) in \(folder)/\(network); "
                    + "other runs use them too, and they can be deleted afterwards")
        }
        return planes
    }

    /// Digits that tell the clip's degraded frames from others.
    private func digest(of clip: Int) throws -> String {
        var hash = WordHash()
        // Changes when files are made in another way.
        hash.add(1)
        try source.visitLowResolution(clip: clip) { frame in
            hash.add(UInt64(frame.size.width))
            hash.add(UInt64(frame.size.height))
            frame.samples.withUnsafeBytes { bytes in
                var start = 0
                while start < bytes.count {
                    var word: UInt64 = 0
                    for place in start..<min(start + 8, bytes.count) {
                        word = word << 8 | UInt64(bytes[place])
                    }
                    hash.add(word)
                    start += 8
                }
            }
        }
        return hash.digits
    }
}

extension FrameSize {
    fileprivate func divided(by factor: Int) -> FrameSize {
        FrameSize(width: width / factor, height: height / factor)
    }
}

extension Model {
    /// Digits that tell the flow network's shape and weights from others.
    fileprivate var flowFingerprint: String {
        var hash = WordHash()
        for layer in blueprint.flowLayers {
            for tensor in layer.tensors {
                hash.add(tensor.key.name)
                tensor.shape.forEach { hash.add(UInt64($0)) }
                for value in tensors[tensor.key]?.values ?? [] {
                    hash.add(UInt64(value.bitPattern))
                }
            }
        }
        return "flow-" + hash.digits
    }
}
