import VSRCore

/// Where training batches come from: clips in memory, or clips decoded on demand.
public protocol BatchSource: Sendable {
    var options: SamplingOptions { get }

    /// Why clips are never drawn: one sentence for each.
    var skipped: [String] { get }

    /// Number of clips, those that are never drawn among them: `TrainingSample.clip` counts so.
    var clipCount: Int { get }

    /// The clips that are drawn, by their numbers.
    var drawnClips: [Int] { get }

    /// Output pixels per input pixel along each axis.
    var scale: Int { get }

    /// Frames and HR size of a clip.
    func shape(clip: Int) -> (frames: Int, size: FrameSize)

    /// Calls `body` with each of a clip's low-resolution frames, in order.
    ///
    /// - Throws: what reading the clip throws, and what `body` throws.
    func visitLowResolution(clip: Int, _ body: (ByteFrame) throws -> Void) throws

    /// Batch `index`; the same from all sources of the same clips.
    func batch(_ index: Int) throws -> TrainingBatch

    /// Batches from index `start` on, made ahead on other threads.
    func prefetcher(start: Int) -> BatchPrefetcher

    /// What decoding has cost so far, one sentence; `nil` where all was decoded beforehand.
    var expense: String? { get }
}

extension BatchSource {
    /// The size of a clip's low-resolution frames.
    public func lowResolutionSize(clip: Int) -> FrameSize {
        let size = shape(clip: clip).size
        return FrameSize(width: size.width / scale, height: size.height / scale)
    }
}

extension StreamedSampler: BatchSource {
    public var scale: Int { clips.scale }

    public var clipCount: Int { clips.count }

    public func shape(clip: Int) -> (frames: Int, size: FrameSize) { clips.shape(clip: clip) }

    public func visitLowResolution(clip: Int, _ body: (ByteFrame) throws -> Void) throws {
        let (frames, low) = (shape(clip: clip).frames, lowResolutionSize(clip: clip))
        try clips.visit(Array(0..<frames), of: clip) { _, block, place in
            try body(block.lowResolutionFrame(place, size: low))
        }
    }

    public var expense: String? {
        "\(clips.decodedFrames) frames were decoded while training went on, those kept took at most "
            + "\(clips.peakBytes) of \(clips.memoryLimit) bytes"
    }
}

extension BatchSampler: BatchSource {
    public var scale: Int { clips.scale }

    public var clipCount: Int { clips.count }

    public func shape(clip: Int) -> (frames: Int, size: FrameSize) { clips.shape(clip: clip) }

    public func visitLowResolution(clip: Int, _ body: (ByteFrame) throws -> Void) throws {
        let (frames, low) = (shape(clip: clip).frames, lowResolutionSize(clip: clip))
        for frame in 0..<frames {
            try body(clips.clips[clip].frames.lowResolutionFrame(frame, size: low))
        }
    }

    public func prefetcher(start: Int = 0) -> BatchPrefetcher {
        BatchPrefetcher(self, start: start, capacity: 4, threads: 1)
    }

    public var expense: String? { nil }
}
