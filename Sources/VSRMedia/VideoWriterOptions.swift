import VSRCore
import VSRImaging

/// How a video is encoded.
public struct VideoWriterOptions: Sendable, Codable, Equatable {
    /// Color samples per luma sample; `yuv420` plays everywhere.
    public enum Chroma: String, Sendable, Codable, CaseIterable {
        case yuv420, yuv422, yuv444

        var subsampling: YUVFormat.Subsampling {
            switch self {
            case .yuv420: .yuv420
            case .yuv422: .yuv422
            case .yuv444: .yuv444
            }
        }
    }

    /// The container's usual one if `nil`: VP9 in WebM, H.264 elsewhere.
    public var codec: VideoCodec?
    /// Constant rate factor of x264 and x265: 0 (largest) to 51; 18 is visually lossless.
    public var quality = 18.0
    /// Their preset, from `ultrafast` to `veryslow`.
    public var preset = "medium"
    /// The source's, as far as the codec has it, if `nil`.
    public var chroma: Chroma?
    /// Bits per sample, 8, 10, 12 or 16; the source's, as far as the codec has it, if `nil`.
    public var depth: Int?
    /// What else is told to the encoder, by libav's names: `["tune": "film"]`.
    public var encoderOptions: [String: String] = [:]
    /// Encoding threads; 0 lets the encoder choose.
    public var threads = 0
    /// Whether audio, subtitles and fonts of the source file are taken over.
    public var copiesOtherStreams = true
    /// Whether the output is refused where it cannot hold all that the source file has.
    public var refusesLosses = false

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
        guard depth.map({ [8, 10, 12, 16].contains($0) }) ?? true else {
            throw VSRError(
                .invalidArgument, "depth is \(depth ?? 0): it must be 8, 10, 12 or 16")
        }
    }
}
