import VSRCore

/// Draws training batches from clips that are decoded on demand.
///
/// Batches are those of ``BatchSampler``, bit for bit: a pure function of seed and index, whatever
/// the memory limit and in whatever order they are made.
public struct StreamedSampler: Sendable {
    public let clips: StreamedClips
    private let draws: SampleDraws

    public var options: SamplingOptions { draws.options }

    /// Why clips are never drawn: one sentence for each.
    public var skipped: [String] { draws.skipped }

    public var drawnClips: [Int] { draws.usable }

    /// - Throws: `invalidArgument` if the options are invalid or no clip is large and long enough;
    ///   `unsupported` for several candidates, whose frames would have to be decoded to choose.
    public init(_ clips: StreamedClips, options: SamplingOptions) throws {
        guard options.candidates <= 1 else {
            throw VSRError(
                .unsupported,
                "clips that do not fit into memory are drawn without candidates: allow more memory "
                    + "for them, or take 1 candidate, not \(options.candidates)")
        }
        self.clips = clips
        draws = try SampleDraws(clips.shapes, scale: clips.scale, options: options)
    }

    /// The samples of batch `index`.
    public func samples(_ index: Int) -> [TrainingSample] {
        draws.samples(index) { _ in 0 }
    }

    /// Batch `index`, decoded on this thread.
    ///
    /// - Throws: what reading its frames throws, naming the file.
    public func batch(_ index: Int) throws -> TrainingBatch {
        joined(index, try samples(index).map(crop))
    }

    /// Batches from index `start` on, made ahead: the clips' threads decode the coming samples.
    public func prefetcher(start: Int = 0) -> BatchPrefetcher {
        let size = options.batchSize
        let samples = Prefetcher(
            start: start * size, capacity: samplesAhead, threads: clips.threads
        ) { number in
            try crop(self.samples(number / size)[number % size])
        }
        return BatchPrefetcher(start: start, capacity: 2, threads: 1) { index in
            joined(index, try (0..<size).map { _ in try samples.next() })
        }
    }

    /// Samples made ahead: 32 batches, fewer where their crops would take more than 256 MiB, at least
    /// two batches and one sample for each thread.
    private var samplesAhead: Int {
        let patch = options.patch.area
        let around = options.framesBefore + options.framesAfter
        let bytes =
            3 * patch * (options.frames * (1 + clips.scale * clips.scale) + around)
        return max(
            min(32 * options.batchSize, (256 << 20) / bytes), 2 * options.batchSize, clips.threads)
    }

    /// One sample at 8 bits.
    private func crop(_ sample: TrainingSample) throws -> SampleCrop {
        let low = options.patch
        let high = low.scaled(by: clips.scale)
        var crop = SampleCrop(
            sample: sample, frames: options.frames, lowResolution: low, highResolution: high)
        let stored = draws.clips[sample.clip].size
        let small = FrameSize(
            width: stored.width / clips.scale, height: stored.height / clips.scale)
        let lowWalk = CropWalk(sample, scale: 1, patch: low, size: small)
        let highWalk = CropWalk(sample, scale: clips.scale, patch: high, size: stored)
        let frames = sample.allFrames
        try clips.visit(Set(frames).sorted(), of: sample.clip) { frame, block, place in
            for (time, wanted) in frames.enumerated() where wanted == frame {
                lowWalk.copyFrame(
                    block.lowResolution, place, of: small, to: &crop.lowResolution, time)
            }
            for (time, wanted) in sample.frames.enumerated() where wanted == frame {
                highWalk.copyFrame(
                    block.highResolution, place, of: stored, to: &crop.highResolution, time)
            }
        }
        let length = 3 * low.area
        for time in frames.indices {
            StillNoise(of: sample, at: time)?.forEach(length) { index, noise in
                let position = time * length + index
                crop.lowResolution[position] = StillNoise.noisy(
                    crop.lowResolution[position], noise)
            }
        }
        return crop
    }

    private func joined(_ index: Int, _ crops: [SampleCrop]) -> TrainingBatch {
        TrainingBatch(
            index: index, batchSize: options.batchSize, frames: options.frames,
            size: options.patch, scale: clips.scale,
            lowResolution: lowResolution(crops, options.framesBefore, options.frames),
            highResolution: Self.floats(crops.map { $0.highResolution[...] }),
            framesBefore: options.framesBefore, framesAfter: options.framesAfter,
            before: lowResolution(crops, 0, options.framesBefore),
            after: lowResolution(
                crops, options.framesBefore + options.frames, options.framesAfter),
            samples: crops.map(\.sample))
    }

    /// `count` of each sample's low-resolution frames from `first` on.
    private func lowResolution(_ crops: [SampleCrop], _ first: Int, _ count: Int) -> [Float] {
        let length = 3 * options.patch.area
        return Self.floats(
            crops.map { $0.lowResolution[first * length..<(first + count) * length] })
    }

    private static func floats(_ parts: [ArraySlice<UInt8>]) -> [Float] {
        let total = parts.reduce(0) { $0 + $1.count }
        return [Float](unsafeUninitializedCapacity: total) { output, count in
            for part in parts {
                for level in part {
                    output[count] = Float(level) / 255
                    count += 1
                }
            }
        }
    }
}

/// The crops of one sample.
private struct SampleCrop: Sendable {
    let sample: TrainingSample
    /// `[framesBefore + frames + framesAfter, 3, height, width]`.
    var lowResolution: [UInt8]
    /// `[frames, 3, scale · height, scale · width]`.
    var highResolution: [UInt8]

    init(
        sample: TrainingSample, frames: Int, lowResolution low: FrameSize,
        highResolution high: FrameSize
    ) {
        self.sample = sample
        lowResolution = Array(repeating: 0, count: sample.allFrames.count * 3 * low.area)
        highResolution = Array(repeating: 0, count: frames * 3 * high.area)
    }
}

extension CropWalk {
    /// Copies the crop of the frame at `place` of `[frames, 3, height, width]` to place `time`.
    fileprivate func copyFrame(
        _ frames: [UInt8], _ place: Int, of size: FrameSize, to output: inout [UInt8], _ time: Int
    ) {
        frames.withUnsafeBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                for channel in 0..<3 {
                    copy(
                        source, from: (place * 3 + channel) * size.area, to: target,
                        at: (time * 3 + channel) * patch.area
                    ) { $0 }
                }
            }
        }
    }
}
