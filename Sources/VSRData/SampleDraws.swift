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
        return (0..<options.batchSize).map { place in
            var best = draw(&generator)
            if options.candidates > 1 {
                var most = detail(best)
                for _ in 1..<options.candidates {
                    let candidate = draw(&generator)
                    let found = detail(candidate)
                    if found > most { (best, most) = (candidate, found) }
                }
            }
            return stilled(best, batch: index, place: place)
        }
    }

    /// The sample as it is, or standing still on its first frame.
    ///
    /// Numbers of their own decide, so that samples in motion are those of a run without still ones.
    private func stilled(_ sample: TrainingSample, batch: Int, place: Int) -> TrainingSample {
        guard options.stillShare > 0 else { return sample }
        var generator = SeededGenerator(seed: options.seed).fork(Self.stillness)
            .fork(UInt64(truncatingIfNeeded: batch)).fork(UInt64(place))
        guard Double(generator.uniform()) < options.stillShare else { return sample }
        var still = sample
        let first = sample.frames[0]
        still.before = sample.before.map { _ in first }
        still.frames = sample.frames.map { _ in first }
        still.after = sample.after.map { _ in first }
        still.noiseSeed = generator.next()
        return still
    }

    private static let stillness: UInt64 = 0x5711

    private func draw(_ generator: inout SeededGenerator) -> TrainingSample {
        let ticket = generator.integer(below: cumulativeWeights[cumulativeWeights.count - 1])
        let index = usable[cumulativeWeights.partitioningIndex { $0 > ticket }]
        let clip = clips[index]
        let isTransposed = options.rotations && generator.next() >> 63 == 1
        let isFlippedX = options.flips && generator.next() >> 63 == 1
        let isFlippedY = options.flips && generator.next() >> 63 == 1
        let width = isTransposed ? options.patch.height : options.patch.width
        let height = isTransposed ? options.patch.width : options.patch.height
        let frames = drawFrames(of: clip.frameCount, &generator)
        return TrainingSample(
            clip: index, before: frames.before, frames: frames.own, after: frames.after,
            x: generator.integer(below: clip.size.width / scale - width + 1),
            y: generator.integer(below: clip.size.height / scale - height + 1),
            isTransposed: isTransposed, isFlippedX: isFlippedX, isFlippedY: isFlippedY)
    }

    /// Frames of a sample and those around it, in the order of the sample.
    private func drawFrames(
        of count: Int, _ generator: inout SeededGenerator
    ) -> (before: [Int], own: [Int], after: [Int]) {
        let length = count < options.frames ? 2 * count : count
        let start = generator.integer(below: length - options.frames + 1)
        let isReversed = options.timeReversal && generator.next() >> 63 == 1
        // The clip goes to and fro without end.
        func frame(_ time: Int) -> Int {
            let position = (start + time) % (2 * count)
            let place = position < 0 ? position + 2 * count : position
            return place < count ? place : 2 * count - 1 - place
        }
        let (last, end) = (options.frames - 1, options.frames)
        func frames(_ times: Range<Int>) -> [Int] {
            times.map { frame(isReversed ? last - $0 : $0) }
        }
        return (
            frames(-options.framesBefore..<0), frames(0..<end),
            frames(end..<end + options.framesAfter)
        )
    }
}
