import VSRCore

/// Where one training sample is cut from and how it is turned.
public struct TrainingSample: Sendable, Equatable {
    /// Index of the clip.
    public var clip: Int
    /// The clip's frames before those of the sample, in the sample's order.
    public var before: [Int] = []
    /// The clip's frames in the order of the sample.
    public var frames: [Int]
    /// The clip's frames after those of the sample, in the sample's order.
    public var after: [Int] = []
    /// Left and top of the crop, in low-resolution pixels.
    public var x: Int
    public var y: Int
    /// Applied to the crop in this order: rows and columns swapped, then mirrored.
    public var isTransposed: Bool
    public var isFlippedX: Bool
    public var isFlippedY: Bool
    /// Where the noise on the low-resolution frames begins, if the sample stands still.
    public var noiseSeed: UInt64?

    /// All frames of the clip that the sample has low-resolution crops of.
    var allFrames: [Int] { before + frames + after }
}

/// One training batch, samples in `0...1`.
public struct TrainingBatch: Sendable, Equatable {
    public let index: Int
    public let batchSize: Int
    public let frames: Int
    /// Size of the low-resolution crops.
    public let size: FrameSize
    public let scale: Int
    /// `[batchSize, frames, 3, height, width]`.
    public let lowResolution: [Float]
    /// `[batchSize, frames, 3, scale · height, scale · width]`.
    public let highResolution: [Float]
    /// The low-resolution frames before and after those, `[batchSize, framesBefore, 3, height, width]`
    /// and `[batchSize, framesAfter, 3, height, width]`.
    public let framesBefore: Int
    public let framesAfter: Int
    public let before: [Float]
    public let after: [Float]
    /// Where the samples come from.
    public let samples: [TrainingSample]
}

/// Draws training batches; a batch is a pure function of seed and index, in whatever order and on
/// whatever thread it is made.
public struct BatchSampler: Sendable {
    public let clips: TrainingClips
    private let draws: SampleDraws

    public var options: SamplingOptions { draws.options }

    /// Why clips are never drawn: one sentence for each.
    public var skipped: [String] { draws.skipped }

    public var drawnClips: [Int] { draws.usable }

    /// Clips are drawn in proportion to their pixels in all (frames · width · height).
    ///
    /// - Throws: `invalidArgument` if the options are invalid or no clip is large and long enough.
    public init(_ clips: TrainingClips, options: SamplingOptions) throws {
        self.clips = clips
        draws = try SampleDraws(clips.clips.map(\.shape), scale: clips.scale, options: options)
    }

    /// The samples of batch `index`.
    public func samples(_ index: Int) -> [TrainingSample] {
        draws.samples(index, detail: detail)
    }

    /// The squared differences of neighboring levels, added up over the green plane of the first
    /// frame's low-resolution crop.
    private func detail(of sample: TrainingSample) -> Int {
        let clip = clips.clips[sample.clip]
        let size = lowResolutionSize(clip: sample.clip)
        let patch =
            sample.isTransposed
            ? FrameSize(width: options.patch.height, height: options.patch.width) : options.patch
        let plane = (sample.frames[0] * 3 + 1) * size.area
        return clip.frames.lowResolution.withUnsafeBufferPointer { levels in
            var sum = 0
            for y in sample.y..<sample.y + patch.height {
                let row = plane + y * size.width
                for x in sample.x..<sample.x + patch.width {
                    let level = Int(levels[row + x])
                    if x > sample.x {
                        let step = level - Int(levels[row + x - 1])
                        sum += step * step
                    }
                    if y > sample.y {
                        let step = level - Int(levels[row + x - size.width])
                        sum += step * step
                    }
                }
            }
            return sum
        }
    }

    /// Batch `index`.
    public func batch(_ index: Int) -> TrainingBatch {
        let samples = samples(index)
        let scale = clips.scale
        return TrainingBatch(
            index: index, batchSize: options.batchSize, frames: options.frames,
            size: options.patch, scale: scale,
            lowResolution: assembleLow(samples, \.frames, from: options.framesBefore),
            highResolution: assemble(samples, \.frames, scale: scale) { $0.highResolution },
            framesBefore: options.framesBefore, framesAfter: options.framesAfter,
            before: assembleLow(samples, \.before, from: 0),
            after: assembleLow(
                samples, \.after, from: options.framesBefore + options.frames),
            samples: samples)
    }

    /// - Parameter start: How many of a sample's frames come before these, for their noise.
    private func assembleLow(
        _ samples: [TrainingSample], _ frames: KeyPath<TrainingSample, [Int]>, from start: Int
    ) -> [Float] {
        var crops = assemble(samples, frames, scale: 1) { $0.lowResolution }
        guard samples.contains(where: { $0.noiseSeed != nil }), !crops.isEmpty else {
            return crops
        }
        let length = 3 * options.patch.area
        var offset = 0
        for sample in samples {
            for time in sample[keyPath: frames].indices {
                StillNoise(of: sample, at: start + time)?.forEach(length) { index, noise in
                    // Crops hold levels / 255, from which rounding gives the level back.
                    let level = UInt8((crops[offset + index] * 255).rounded())
                    crops[offset + index] = Float(StillNoise.noisy(level, noise)) / 255
                }
                offset += length
            }
        }
        return crops
    }

    private func assemble(
        _ samples: [TrainingSample], _ frames: KeyPath<TrainingSample, [Int]>, scale: Int,
        _ stored: (FrameBlock) -> [UInt8]
    ) -> [Float] {
        let patch = options.patch.scaled(by: scale)
        let count = samples.reduce(0) { $0 + $1[keyPath: frames].count }
        let total = count * 3 * patch.area
        return [Float](unsafeUninitializedCapacity: total) { output, count in
            var offset = 0
            for sample in samples {
                let clip = clips.clips[sample.clip]
                // `scale` is 1 for LR frames, whose size is the clip's divided by the clips' scale.
                let shrink = clips.scale / scale
                let size = FrameSize(
                    width: clip.size.width / shrink, height: clip.size.height / shrink)
                let walk = CropWalk(sample, scale: scale, patch: patch, size: size)
                stored(clip.frames).withUnsafeBufferPointer { samples in
                    for frame in sample[keyPath: frames] {
                        for channel in 0..<3 {
                            let start = (frame * 3 + channel) * size.area
                            walk.copy(samples, from: start, to: output, at: offset) {
                                Float($0) / 255
                            }
                            offset += patch.area
                        }
                    }
                }
            }
            count = total
        }
    }
}
