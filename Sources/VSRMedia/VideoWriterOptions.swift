import VSRCore

/// How a video is encoded.
public struct VideoWriterOptions: Sendable, Codable, Equatable {
    /// Color samples per luma sample; `yuv420` plays everywhere.
    public enum Chroma: String, Sendable, Codable, CaseIterable {
        case yuv420, yuv422, yuv444
    }

    /// Constant rate factor of x264: 0 (largest) to 51; 18 is visually lossless.
    public var quality = 18.0
    /// x264's preset, from `ultrafast` to `veryslow`.
    public var preset = "medium"
    public var chroma = Chroma.yuv420
    /// Bits per sample, 8 or 10; the source's, at most 10, if `nil`.
    public var depth: Int?
    /// Encoding threads; 0 lets x264 choose.
    public var threads = 0
    /// Whether audio and subtitles of the source file are copied.
    public var copiesOtherStreams = true

    public init() {}

    static let presets = [
        "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower",
        "veryslow", "placebo",
    ]

    /// - Throws: `invalidArgument` naming the option that is out of range.
    public func validate() throws {
        guard quality >= 0, quality <= 51 else {
            throw VSRError(.invalidArgument, "quality is \(quality): it must be from 0 to 51")
        }
        guard Self.presets.contains(preset) else {
            throw VSRError(
                .invalidArgument,
                "there is no preset \(preset): use one of \(Self.presets.joined(separator: ", "))")
        }
        guard depth == nil || depth == 8 || depth == 10 else {
            throw VSRError(.invalidArgument, "depth is \(depth ?? 0): it must be 8 or 10")
        }
    }
}
