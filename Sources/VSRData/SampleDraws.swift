import Algorithms
import VSRCore

/// Which samples a batch consists of: a pure function of the clips' shapes, seed and index.
///
/// Frames themselves are not needed, so that batches can be planned before clips are decoded.
struct SampleDraws: Sendable {
    let clips: [ClipShape]
    let scale: Int
    let options: SamplingOptions

    /// Why clips are never drawn: one sentence for each.
    let skipped: [String]
    /// Numbers of the clips that are drawn.
    let usable: [Int]
    /// Sums of the usable clips' weights up to and including each.
    private let cumulativeWeights: [Int]

    /// - Throws: `invalidArgument` if the options are invalid or no clip is large and long enough.
    init(_ clips: [ClipShape], scale: Int, options: SamplingOptions) throws {
        try options.validate()
        self.clips = clips
        self.scale = scale
        self.options = options
        var usable: [Int] = []
        var sums: [Int] = []
        var skipped: [String] = []
        for (index, clip) in clips.enumerated() {
            if let reason = Self.obstacle(clip, scale: scale, options) {
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
        _ clip: ClipShape, scale: Int, _ options: SamplingOptions
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

    /// The samples of batch `index`, of several candidates those with the most detail.
    ///
    /// - Parameter detail: Asked only where there are several candidates; of equal ones the first
    ///   is taken.
    func samples(_ index: Int, detail: (TrainingSample) -> Int) -> [TrainingSample] {
        var generator = SeededGenerator(seed: options.seed)
            .fork(UInt64(truncatingIfNeeded: index))
        return (0..<options.batchSize).map { _ in
            var best = draw(&generator)
            guard options.candidates > 1 else { return best }
            var most = detail(best)
            for _ in 1..<options.candidates {
                let candidate = draw(&generator)
                let found = detail(candidate)
                if found > most { (best, most) = (candidate, found) }
            }
            return best
        }
    }

    private func draw(_ generator: inout SeededGenerator) -> TrainingSample {
        let ticket = generator.integer(below: cumulativeWeights[cumulativeWeights.count - 1])
        let index = usable[cumulativeWeights.partitioningIndex { $0 > ticket }]
        let clip = clips[index]
        let isTransposed = options.rotations && generator.next() >> 63 == 1
        let isFlippedX = options.flips && generator.next() >> 63 == 1
        let isFlippedY = options.flips && generator.next() >> 63 == 1
        let width = isTransposed ? options.patch.height : options.patch.width
        let height = isTransposed ? options.patch.width : options.patch.height
        return TrainingSample(
            clip: index, frames: drawFrames(of: clip.frameCount, &generator),
            x: generator.integer(below: clip.size.width / scale - width + 1),
            y: generator.integer(below: clip.size.height / scale - height + 1),
            isTransposed: isTransposed, isFlippedX: isFlippedX, isFlippedY: isFlippedY)
    }

    private func drawFrames(of count: Int, _ generator: inout SeededGenerator) -> [Int] {
        let length = count < options.frames ? 2 * count : count
        let start = generator.integer(below: length - options.frames + 1)
        let frames = (start..<start + options.frames).map { $0 < count ? $0 : 2 * count - 1 - $0 }
        let isReversed = options.timeReversal && generator.next() >> 63 == 1
        return isReversed ? frames.reversed() : frames
    }
}
