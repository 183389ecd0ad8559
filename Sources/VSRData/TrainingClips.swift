import Dispatch
import Foundation
import VSRCore
import VSRImaging
import VSRMedia

/// How training clips are brought into memory.
public struct LoadingOptions: Sendable {
    /// Bytes that the clips may take; loading fails beyond.
    public var memoryLimit = 8 << 30
    /// Clips decoded at the same time.
    public var threads = ProcessInfo.processInfo.activeProcessorCount
    public var progress: ProgressHandler?
    public var cancellation: Cancellation?

    public init() {}
}

/// High-resolution clips and their degraded frames, at 8 bits in memory.
///
/// Every clip is decoded and degraded once; a frame takes 3 · (1 + 1/scale²) bytes per pixel. LR
/// frames are made from whole frames and rounded to 8 bits before any crop, as data sets are made:
/// a crop's own borders would differ.
public final class TrainingClips: Sendable {
    /// Output pixels per input pixel along each axis.
    public let scale: Int

    let clips: [StoredClip]

    /// Number of clips.
    public var count: Int { clips.count }

    public var names: [String] { clips.map(\.shape.name) }

    /// Number of frames of all clips.
    public var frameCount: Int { clips.reduce(0) { $0 + $1.frameCount } }

    /// Bytes that the frames take.
    public var bytes: Int {
        clips.reduce(0) { $0 + $1.frames.bytes }
    }

    /// Loads and degrades clips.
    ///
    /// - Parameter degrade: HR frame, its sides multiples of `scale`, to the frame `scale` times
    ///   smaller; called from several threads.
    /// - Throws: what opening and decoding throw, `outOfMemory` beyond the memory limit,
    ///   `invalidArgument` without clips, `cancelled`.
    public init(
        _ sources: [ClipSource], scale: Int, options: LoadingOptions = LoadingOptions(),
        degrade: @escaping @Sendable (ByteFrame) throws -> ByteFrame
    ) throws {
        try sources.requireAny(scale: scale)
        self.scale = scale
        let loader = ClipLoader(sources, scale: scale, options: options, degrade: degrade)
        let threads = min(max(options.threads, 1), sources.count)
        DispatchQueue.concurrentPerform(iterations: threads) { _ in loader.work() }
        clips = try loader.clips()
    }

    /// Loads clips and degrades them by a named method.
    public convenience init(
        _ sources: [ClipSource], scale: Int, degradation: Degradation,
        options: LoadingOptions = LoadingOptions()
    ) throws {
        try self.init(sources, scale: scale, options: options) {
            try degradation.degraded($0, scale: scale)
        }
    }

    /// A frame of a clip as stored, for checks and previews.
    public func frames(clip: Int, frame: Int) -> (
        lowResolution: ByteFrame, highResolution: ByteFrame
    ) {
        let stored = clips[clip]
        let high = stored.size
        let low = FrameSize(width: high.width / scale, height: high.height / scale)
        func cut(_ samples: [UInt8], _ size: FrameSize) -> ByteFrame {
            let length = 3 * size.area
            return ByteFrame(
                size: size, samples: Array(samples[frame * length..<(frame + 1) * length]))
        }
        return (cut(stored.frames.lowResolution, low), cut(stored.frames.highResolution, high))
    }

    /// Frames and HR size of a clip.
    public func shape(clip: Int) -> (frames: Int, size: FrameSize) {
        (clips[clip].frameCount, clips[clip].size)
    }
}

/// One clip in memory.
struct StoredClip: Sendable {
    let shape: ClipShape
    let frames: FrameBlock

    var size: FrameSize { shape.size }
    var frameCount: Int { shape.frameCount }
}

/// Hands out sources to worker threads and gathers their clips.
private final class ClipLoader: @unchecked Sendable {
    private let sources: [ClipSource]
    private let scale: Int
    private let options: LoadingOptions
    private let degrader: FrameDegrader
    private let lock = NSLock()
    private var nextSource = 0
    private var finished = 0
    private var bytes = 0
    private var loaded: [StoredClip?]
    private var failure: (any Error)?

    init(
        _ sources: [ClipSource], scale: Int, options: LoadingOptions,
        degrade: @escaping @Sendable (ByteFrame) throws -> ByteFrame
    ) {
        self.sources = sources
        self.scale = scale
        self.options = options
        degrader = FrameDegrader(scale: scale, degrade: degrade)
        loaded = Array(repeating: nil, count: sources.count)
    }

    func clips() throws -> [StoredClip] {
        if let failure { throw failure }
        return loaded.compactMap { $0 }
    }

    func work() {
        while let index = take() {
            do {
                let clip = try load(sources[index])
                report(clip, at: index)
            } catch {
                lock.withLock { failure = failure ?? error }
            }
        }
    }

    private func take() -> Int? {
        lock.withLock {
            guard failure == nil, nextSource < sources.count else { return nil }
            defer { nextSource += 1 }
            return nextSource
        }
    }

    private func report(_ clip: StoredClip, at index: Int) {
        lock.withLock {
            loaded[index] = clip
            finished += 1
            options.progress?(
                ProgressUpdate(
                    "load clips", completed: finished, total: sources.count, unit: "clips",
                    detail: "\(bytes >> 20) MiB"))
        }
    }

    private func load(_ source: ClipSource) throws -> StoredClip {
        let input = try source.open()
        let size = try ClipShape.trainedSize(
            of: input.properties.size, scale: scale, location: source.location)
        var frames = FrameBlock()
        // Growing by doubling would take up to twice the memory; the file's claim is not trusted
        // beyond the limit.
        let limit = options.memoryLimit / (3 * size.area)
        let expected = min(input.properties.frameCount ?? 0, limit)
        frames.highResolution.reserveCapacity(expected * 3 * size.area)
        frames.lowResolution.reserveCapacity(expected * 3 * size.area / (scale * scale))
        var count = 0
        while let timed = try input.next() {
            try options.cancellation?.check()
            let (high, low) = try degrader.pair(
                ByteFrame(rounding: timed.frame), size: size, location: source.location)
            try account(high.samples.count + low.samples.count)
            frames.highResolution += high.samples
            frames.lowResolution += low.samples
            count += 1
        }
        let shape = ClipShape(
            name: source.name, location: source.location, size: size, frameCount: count)
        return StoredClip(shape: shape, frames: frames)
    }

    private func account(_ more: Int) throws {
        let total = lock.withLock {
            bytes += more
            return bytes
        }
        guard total <= options.memoryLimit else {
            throw VSRError(
                .outOfMemory,
                "the training clips take more than the limit of \(options.memoryLimit >> 20) MiB: "
                    + "raise it or use fewer clips")
        }
    }
}
