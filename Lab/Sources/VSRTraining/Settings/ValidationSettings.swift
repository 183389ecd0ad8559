import VSRConfiguration
import VSRCore

/// The clips on which a network is measured while it is trained.
public struct ValidationSettings: Configuration, Equatable {
    /// A folder of clips, or nothing to validate on.
    ///
    /// `$NAME` at its start stands for an environment variable.
    public var clips: String?
    /// A file with the path of one clip in ``clips`` per line; all clips there if left out.
    public var list: String?
    /// Only these clips, or those in these folders; all if left out.
    public var only: [String] = []
    /// Whether of each clip's frames only the middle one is measured, number ⌊n / 2⌋ of 0..<n.
    public var middle = false
    /// Frames taken from the start of each clip.
    public var frames = 8
    /// Clips taken; 0 takes all.
    public var maximumClips = 0
    /// Frames of a still picture on which the network is measured too, that of
    /// `slimvsr stability`; 0 for none.
    public var stillFrames = 0

    public init() {}

    public func validate() throws {
        try InvalidSetting.require(
            clips != nil || list == nil, "list", list ?? "",
            "left out where clips names no folder")
        try InvalidSetting.require(
            clips != nil || only.isEmpty, "only", only, "left out where clips names no folder")
        try InvalidSetting.require(frames > 0, "frames", frames, "positive")
        try InvalidSetting.require(maximumClips >= 0, "maximumClips", maximumClips, "at least 0")
        try InvalidSetting.require(
            stillFrames == 0 || (20...10_000).contains(stillFrames), "stillFrames", stillFrames,
            "0, or from 20 to 10000")
        try InvalidSetting.require(
            stillFrames == 0 || clips != nil, "stillFrames", stillFrames,
            "0 where clips names no folder")
    }
}
