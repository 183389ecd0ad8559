import CLibAV
import VSRCore

/// What videos can be coded as.
public enum VideoCodec: String, Sendable, Codable, CaseIterable {
    /// Plays everywhere at 8 bits and 4:2:0; up to 10 bits and 4:4:4.
    case h264
    /// Up to 12 bits and 4:4:4.
    ///
    /// One process that encoded several bit depths by x265 3.5 has been seen to fail: encode one
    /// depth per process.
    case hevc
    /// For editing: 10 bits, 4:2:2 or 4:4:4, with alpha.
    case prores
    /// Without loss: up to 16 bits, any color planes, with alpha.
    case ffv1
    /// What WebM holds: up to 12 bits and 4:4:4.
    case vp9
    /// Smallest files at 4:2:0, up to 10 bits.
    case av1

    /// libav's name of the encoder for frames of a size.
    func encoderName(for size: FrameSize) -> String {
        switch self {
        case .h264: "libx264"
        case .hevc: "libx265"
        case .prores: "prores_ks"
        case .ffv1: "ffv1"
        case .vp9: "libvpx-vp9"
        // The faster one does not take small frames.
        case .av1: min(size.width, size.height) < 64 ? "libaom-av1" : "libsvtav1"
        }
    }

    /// What people call it.
    var title: String {
        switch self {
        case .h264: "H.264"
        case .hevc: "HEVC"
        case .prores: "ProRes"
        case .ffv1: "FFV1"
        case .vp9: "VP9"
        case .av1: "AV1"
        }
    }

    /// Whether color planes of half the size need sides that are multiples of 2.
    var needsEvenSides: Bool { self != .ffv1 }

    /// The encoder's own words for quality and preset; none where they mean nothing.
    func rateSettings(
        _ options: VideoWriterOptions, for size: FrameSize
    ) -> [(key: String, value: String)] {
        switch self {
        case .h264, .hevc:
            return [("crf", String(options.quality)), ("preset", options.preset)]
        case .vp9:
            // VP9 counts from 0 to 63 what H.264 counts from 0 to 51, and has speeds for presets.
            let speeds = [8, 7, 6, 5, 4, 2, 1, 1, 0, 0]
            let place = VideoWriterOptions.presets.firstIndex(of: options.preset) ?? 5
            return [
                ("crf", String(Int((options.quality * 63 / 51).rounded()))), ("b", "0"),
                ("deadline", speeds[place] > 5 ? "realtime" : "good"),
                ("cpu-used", String(speeds[place])), ("row-mt", "1"),
            ]
        case .av1:
            // From 0, the slowest, to 13; AV1 counts quality from 0 to 63.
            let presets = [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]
            let place = VideoWriterOptions.presets.firstIndex(of: options.preset) ?? 5
            let isSmall = encoderName(for: size) == "libaom-av1"
            return [
                ("crf", String(max(Int((options.quality * 63 / 51).rounded()), 1))),
                isSmall
                    ? ("cpu-used", String(min(presets[place], 8)))
                    : ("preset", String(presets[place])),
            ]
        case .prores, .ffv1:
            return []
        }
    }
}
