import Algorithms
import VSRCore

/// Where one training sample is cut from and how it is turned.
public struct TrainingSample: Sendable, Equatable {
    /// Index of the clip.
    public var clip: Int
    /// The clip's frames in the order of the sample.
    public var frames: [Int]
    /// Left and top of the crop, in low-resolution pixels.
    public var x: Int
    public var y: Int
    /// Applied to the crop in this order: rows and columns swapped, then mirrored.
    public var isTransposed: Bool
    public var isFlippedX: Bool
    public var isFlippedY: Bool
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
    /// Where the samples come from.
    public let samples: [TrainingSample]
}

/// Draws training batches; a batch is a pure function of seed and index, in whatever order and on
/// whatever thread it is made.
public struct BatchSampler: Sendable {
    public let clips: TrainingClips
    public let options: SamplingOptions

    /// Why clips are never drawn: one sentence for each.
    public let skipped: [String]
    private let usable: [Int]
    /// Sums of the usable clips' weights up to and including each.
    private let cumulativeWeights: [Int]

    /// Clips are drawn in proportion to their pixels in all (frames · width · height).
    ///
    /// - Throws: `invalidArgument` if the options are invalid or no clip is large and long enough.
    public init(_ clips: TrainingClips, options: SamplingOptions) throws {
        try options.validate()
        self.clips = clips
        self.options = options
        var usable: [Int] = []
        var sums: [Int] = []
        var skipped: [String] = []
        for (index, clip) in clips.clips.enumerated() {
            if let reason = Self.obstacle(clip, scale: clips.scale, options) {
                skipped.append(reason)
            } else {
                usable.append(index)
                sums.append((sums.last ?? 0) + clip.frameCount * clip.size.area)
            }
        }
        guard !usable.isEmpty else {
            throw VSRError(
                .invalidArgument,
                "no clip can be used for training: " + skipped.joined(separator: "; "))
        }
        self.usable = usable
        self.skipped = skipped
        cumulativeWeights = sums
    }

    private static func obstacle(
        _ clip: StoredClip, scale: Int, _ options: SamplingOptions
    ) -> String? {
        let low = FrameSize(width: clip.size.width / scale, height: clip.size.height / scale)
        let longer = max(options.patch.width, options.patch.height)
        let needed =
            options.rotations ? FrameSize(width: longer, height: longer) : options.patch
        if low.width < needed.width || low.height < needed.height {
            return
                "\(clip.location) is \(low) at low resolution, smaller than the patch of \(needed)"
        }
        let available = options.mirrorsShortClips ? 2 * clip.frameCount : clip.frameCount
        if available < options.frames || clip.frameCount == 0 {
            return "\(clip.location) has \(clip.frameCount) frames, too few for \(options.frames)"
        }
        return nil
    }

    /// The samples of batch `index`.
    public func samples(_ index: Int) -> [TrainingSample] {
        var generator = SeededGenerator(seed: options.seed)
            .fork(UInt64(truncatingIfNeeded: index))
        return (0..<options.batchSize).map { _ in draw(&generator) }
    }

    /// Batch `index`.
    public func batch(_ index: Int) -> TrainingBatch {
        let samples = samples(index)
        let scale = clips.scale
        return TrainingBatch(
            index: index, batchSize: options.batchSize, frames: options.frames,
            size: options.patch, scale: scale,
            lowResolution: assemble(samples, scale: 1) { $0.lowResolution },
            highResolution: assemble(samples, scale: scale) { $0.highResolution },
            samples: samples)
    }

    private func draw(_ generator: inout SeededGenerator) -> TrainingSample {
        let ticket = generator.integer(below: cumulativeWeights[cumulativeWeights.count - 1])
        let index = usable[cumulativeWeights.partitioningIndex { $0 > ticket }]
        let clip = clips.clips[index]
        let isTransposed = options.rotations && generator.next() >> 63 == 1
        let isFlippedX = options.flips && generator.next() >> 63 == 1
        let isFlippedY = options.flips && generator.next() >> 63 == 1
        let width = isTransposed ? options.patch.height : options.patch.width
        let height = isTransposed ? options.patch.width : options.patch.height
        return TrainingSample(
            clip: index, frames: drawFrames(of: clip.frameCount, &generator),
            x: generator.integer(below: clip.size.width / clips.scale - width + 1),
            y: generator.integer(below: clip.size.height / clips.scale - height + 1),
            isTransposed: isTransposed, isFlippedX: isFlippedX, isFlippedY: isFlippedY)
    }

    private func drawFrames(of count: Int, _ generator: inout SeededGenerator) -> [Int] {
        let length = count < options.frames ? 2 * count : count
        let start = generator.integer(below: length - options.frames + 1)
        let frames = (start..<start + options.frames).map { $0 < count ? $0 : 2 * count - 1 - $0 }
        let isReversed = options.timeReversal && generator.next() >> 63 == 1
        return isReversed ? frames.reversed() : frames
    }

    private func assemble(
        _ samples: [TrainingSample], scale: Int, _ stored: (StoredClip) -> [UInt8]
    ) -> [Float] {
        let patch = options.patch.scaled(by: scale)
        let total = samples.count * options.frames * 3 * patch.area
        return [Float](unsafeUninitializedCapacity: total) { output, count in
            var offset = 0
            for sample in samples {
                let clip = clips.clips[sample.clip]
                // `scale` is 1 for LR frames, whose size is the clip's divided by the clips' scale.
                let shrink = clips.scale / scale
                let size = FrameSize(
                    width: clip.size.width / shrink, height: clip.size.height / shrink)
                let walk = CropWalk(sample, scale: scale, patch: patch, size: size)
                stored(clip).withUnsafeBufferPointer { samples in
                    for frame in sample.frames {
                        for channel in 0..<3 {
                            let start = (frame * 3 + channel) * size.area + walk.origin
                            walk.copy(samples, from: start, to: output, at: offset)
                            offset += patch.area
                        }
                    }
                }
            }
            count = total
        }
    }
}

/// The walk over a plane that yields a crop, turned: first position, and steps per column and row.
private struct CropWalk {
    let origin: Int
    let columnStep: Int
    let rowStep: Int
    let patch: FrameSize

    /// - Parameter patch: The crop's size after turning, in pixels of the plane.
    init(_ sample: TrainingSample, scale: Int, patch: FrameSize, size: FrameSize) {
        self.patch = patch
        var column = sample.isTransposed ? size.width : 1
        var row = sample.isTransposed ? 1 : size.width
        var first = sample.y * scale * size.width + sample.x * scale
        if sample.isFlippedX {
            first += (patch.width - 1) * column
            column = -column
        }
        if sample.isFlippedY {
            first += (patch.height - 1) * row
            row = -row
        }
        origin = first
        columnStep = column
        rowStep = row
    }

    @inline(__always)
    func copy(
        _ plane: UnsafeBufferPointer<UInt8>, from start: Int,
        to output: UnsafeMutableBufferPointer<Float>, at offset: Int
    ) {
        for y in 0..<patch.height {
            let source = start + y * rowStep
            let target = offset + y * patch.width
            for x in 0..<patch.width {
                output[target + x] = Float(plane[source + x * columnStep]) / 255
            }
        }
    }
}
