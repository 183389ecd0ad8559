import VSRConfiguration
import VSRCore
import VSRData
import VSRImaging

/// Which clips a network is trained on, and how samples are cut from them.
public struct DataSettings: Configuration, Equatable {
    /// A folder of clips (videos, or folders of frames); without one, scenes are rendered.
    ///
    /// `$NAME` at its start stands for an environment variable, as in ``list``.
    public var clips: String?
    /// A file with the path of one clip in ``clips`` per line; all clips there if left out.
    public var list: String?
    /// Names of clips, or folders of clips, that are not trained on.
    public var exclude: [String] = []
    /// Memory for decoded frames; clips that take more are decoded while training goes on.
    public var memory = MemorySize(bytes: 8 << 30)
    /// Threads that decode; 0 takes all cores.
    public var threads = 0
    /// Synthetic scenes, where no clips are given.
    public var scenes = 24
    /// Frames of each synthetic scene.
    public var sceneFrames = 15
    /// High-resolution size of each synthetic scene, `WIDTHxHEIGHT`.
    public var sceneSize = "256x256"
    /// How low-resolution frames are made: `BI`, `BD` or `BD-DUF`.
    public var degradation = "BI"
    /// Consecutive frames of a sample.
    public var frames = 15
    /// Side of a sample's square, low-resolution pixels.
    public var patch = 64
    public var batchSize = 8
    /// Samples drawn for each one that is taken, the one with the most detail.
    public var candidates = 1
    /// Horizontal and vertical flips, and transposition, each with probability ½.
    public var flips = true
    public var rotations = true
    /// Time reversal with probability ½.
    public var timeReversal = false
    /// Share of the samples that stand still, 0…1: one frame again and again, with fresh noise of
    /// σ 1.5 levels on the low-resolution frames.
    public var stillShare = 0.0
    /// Frames over which the network runs before those that are trained on, without gradients, so that
    /// hidden states are as after many frames.
    ///
    /// Branches that come from the end begin so many frames
    /// after the sample.
    public var warmFrames = 0

    public init() {}

    /// The part that decides which batches there are; where frames are kept does not.
    public var identity: DataSettings {
        var settings = self
        settings.memory = DataSettings().memory
        settings.threads = 0
        return settings
    }

    public func validate() throws {
        try InvalidSetting.require(scenes > 0, "scenes", scenes, "positive")
        try InvalidSetting.require(
            sceneFrames >= frames || clips != nil, "sceneFrames", sceneFrames,
            "at least frames (\(frames))")
        try InvalidSetting.require(
            list == nil || clips != nil, "list", list ?? "", "left out where clips names no folder")
        try InvalidSetting.require(
            exclude.isEmpty || clips != nil, "exclude", exclude,
            "left out where clips names no folder")
        try InvalidSetting.require(
            (0...RunSettings.maximumThreads).contains(threads), "threads", threads,
            "from 0 to \(RunSettings.maximumThreads)")
        _ = try sceneFrameSize()
        _ = try degradationMethod()
        try InvalidSetting.require((1...1000).contains(frames), "frames", frames, "from 1 to 1000")
        try InvalidSetting.require((1...4096).contains(patch), "patch", patch, "from 1 to 4096")
        try InvalidSetting.require(
            (1...4096).contains(batchSize), "batchSize", batchSize, "from 1 to 4096")
        try InvalidSetting.require(
            (1...100).contains(candidates), "candidates", candidates, "from 1 to 100")
        try InvalidSetting.require(
            (0...1).contains(stillShare), "stillShare", stillShare, "from 0 to 1")
        try InvalidSetting.require(
            (0...1000).contains(warmFrames), "warmFrames", warmFrames, "from 0 to 1000")
    }

    /// ``degradation`` as a method.
    ///
    /// - Throws: `InvalidSetting` where there is none of that name, as ``validate()`` does.
    func degradationMethod() throws -> Degradation {
        if let method = Degradation(rawValue: degradation) { return method }
        let known = Degradation.allCases.map(\.rawValue).joined(separator: ", ")
        throw InvalidSetting("degradation", found: degradation, permitted: "one of \(known)")
    }

    /// ``sceneSize`` as a size.
    ///
    /// - Throws: `InvalidSetting` where it is none, as ``validate()`` does.
    func sceneFrameSize() throws -> FrameSize {
        if let size = FrameSize(sceneSize) { return size }
        throw InvalidSetting("sceneSize", found: sceneSize, permitted: "such as 256x256")
    }
}
