import VSRCore

/// Where training batches come from: clips in memory, or clips decoded on demand.
public protocol BatchSource: Sendable {
    var options: SamplingOptions { get }

    /// Why clips are never drawn: one sentence for each.
    var skipped: [String] { get }

    /// Batch `index`; the same from all sources of the same clips.
    func batch(_ index: Int) throws -> TrainingBatch

    /// Batches from index `start` on, made ahead on other threads.
    func prefetcher(start: Int) -> BatchPrefetcher

    /// What decoding has cost so far, one sentence; `nil` where all was decoded beforehand.
    var expense: String? { get }
}

extension StreamedSampler: BatchSource {
    public var expense: String? {
        "\(clips.decodedFrames) frames were decoded while training went on, those kept took at most "
            + "\(clips.peakBytes) of \(clips.memoryLimit) bytes"
    }
}

extension BatchSampler: BatchSource {
    public func prefetcher(start: Int = 0) -> BatchPrefetcher {
        BatchPrefetcher(self, start: start, capacity: 4, threads: 1)
    }

    public var expense: String? { nil }
}
