import VSRConfiguration
import VSRCore
import VSRImaging

/// Which clips a network is trained on, and how samples are cut from them.
public struct DataSettings: Configuration, Equatable {
    /// A folder of clips (videos, or folders of frames); without one, scenes are rendered.
    ///
    /// `$NAME` at its start stands for an environment variable.
    public var clips: String?
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
    /// Horizontal and vertical flips, and transposition, each with probability ½.
    public var flips = true
    public var rotations = true
    /// Time reversal with probability ½.
    public var timeReversal = false

    public init() {}

    public func validate() throws {
        try InvalidSetting.require(scenes > 0, "scenes", scenes, "positive")
        try InvalidSetting.require(
            sceneFrames >= frames || clips != nil, "sceneFrames", sceneFrames,
            "at least frames (\(frames))")
        _ = try sceneFrameSize()
        _ = try degradationMethod()
        try InvalidSetting.require((1...1000).contains(frames), "frames", frames, "from 1 to 1000")
        try InvalidSetting.require((1...4096).contains(patch), "patch", patch, "from 1 to 4096")
        try InvalidSetting.require(
            (1...4096).contains(batchSize), "batchSize", batchSize, "from 1 to 4096")
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
