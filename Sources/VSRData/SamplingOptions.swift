import VSRCore

/// What a training batch is made of.
public struct SamplingOptions: Sendable, Codable, Equatable {
    /// The same seed and index give the same batch.
    public var seed: UInt64 = 0
    /// Samples per batch.
    public var batchSize = 8
    /// Frames per sample.
    public var frames = 15
    /// Size of the low-resolution crop.
    public var patch = FrameSize(width: 64, height: 64)
    /// Samples that are drawn for each one that is taken: the one whose first frame has the most
    /// detail.
    public var candidates = 1
    /// Mirrors left-right and top-bottom, each in half of the samples.
    public var flips = true
    /// Swaps rows and columns in half of the samples; with flips, all rotations by 90°.
    public var rotations = true
    /// Plays half of the samples backwards.
    public var timeReversal = false
    /// Extends clips shorter than `frames` by their frames in reverse (7 → 14, as is done with
    /// Vimeo-90K).
    public var mirrorsShortClips = false
    /// Share of the samples that stand still, 0…1: one frame again and again, with fresh noise on
    /// each low-resolution one (``StillNoise``).
    ///
    /// All else of a sample is drawn as if it moved.
    public var stillShare = 0.0
    /// Low-resolution frames that are cut before and after each sample: those of the clip, which
    /// goes to and fro beyond its ends; of a sample that stands still, its one frame.
    public var framesBefore = 0
    public var framesAfter = 0

    public init() {}

    /// - Throws: `invalidArgument` naming the number that is not positive.
    public func validate() throws {
        let numbers = [
            ("batchSize", batchSize), ("frames", frames), ("patch width", patch.width),
            ("patch height", patch.height), ("candidates", candidates),
        ]
        for (name, value) in numbers where value < 1 {
            throw VSRError(.invalidArgument, "\(name) is \(value): it must be at least 1")
        }
        for (name, value) in [("framesBefore", framesBefore), ("framesAfter", framesAfter)]
        where value < 0 {
            throw VSRError(.invalidArgument, "\(name) is \(value): it must be at least 0")
        }
        guard (0...1).contains(stillShare) else {
            throw VSRError(
                .invalidArgument, "stillShare is \(stillShare): it must be from 0 to 1")
        }
    }
}
