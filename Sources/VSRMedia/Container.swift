import CLibAV
import Foundation

/// A file format that videos are written in.
public enum Container: String, Sendable, Codable, CaseIterable {
    case matroska, mp4, mov, webm, avi, mpegts
    /// Pictures alone, which ``GIFWriter`` writes.
    case gif

    /// File name extensions, the usual one first; without the dot.
    public var extensions: [String] {
        switch self {
        case .matroska: ["mkv"]
        case .mp4: ["mp4", "m4v"]
        case .mov: ["mov"]
        case .webm: ["webm"]
        case .avi: ["avi"]
        case .mpegts: ["ts", "m2ts", "mts"]
        case .gif: ["gif"]
        }
    }

    /// What a file name says; `nil` for other extensions.
    public init?(named path: String) {
        let suffix = (path as NSString).pathExtension.lowercased()
        guard let match = Self.allCases.first(where: { $0.extensions.contains(suffix) }) else {
            return nil
        }
        self = match
    }

    /// The usual extension with its dot, as messages name the format.
    public var name: String { "." + extensions[0] }

    /// libav's muxer.
    var muxer: String { self == .matroska ? "matroska" : rawValue }

    /// The codec that text subtitles of other kinds are converted to.
    var textSubtitle: AVCodecID? {
        switch self {
        case .matroska: AV_CODEC_ID_SUBRIP
        case .mp4, .mov: AV_CODEC_ID_MOV_TEXT
        case .webm: AV_CODEC_ID_WEBVTT
        case .avi, .mpegts, .gif: nil
        }
    }

    /// The codec of the upscaled video where none is named; `nil` where there is only one.
    var usualCodec: VideoCodec? {
        switch self {
        case .matroska, .mp4, .mov, .avi, .mpegts: .h264
        case .webm: .vp9
        case .gif: nil
        }
    }

    var holdsAttachments: Bool { self == .matroska }

    var holdsChapters: Bool {
        switch self {
        case .matroska, .mp4, .mov, .webm: true
        case .avi, .mpegts, .gif: false
        }
    }

    /// Whether players are told to turn the picture; where not, the pixels are turned.
    var holdsRotation: Bool { self == .mp4 || self == .mov }

    var holdsTimecode: Bool { self == .mp4 || self == .mov || self == .matroska }

    /// Whether frames may be shown for different times.
    var holdsVariableRates: Bool { self != .avi }

    /// Whether times that begin anywhere are usual.
    var startsAnywhere: Bool { self == .mpegts }

    /// Whether streams of a kind have languages.
    func holdsLanguage(of kind: MediaStream.Kind) -> Bool {
        switch self {
        case .avi, .gif: false
        case .mpegts: kind == .audio || kind == .subtitle
        case .matroska, .mp4, .mov, .webm: true
        }
    }

    /// Whether streams have titles.
    var holdsTitles: Bool { self != .mpegts && self != .gif }

    /// Whether pictures are cover art, of these codecs.
    func holdsCover(_ codec: AVCodecID) -> Bool {
        switch self {
        case .matroska: Self.coverTypes[codec.rawValue] != nil
        case .mp4:
            [AV_CODEC_ID_MJPEG, AV_CODEC_ID_PNG, AV_CODEC_ID_BMP].contains { $0 == codec }
        case .mov, .webm, .avi, .mpegts, .gif: false
        }
    }

    /// Mime type and file name extension of the pictures that Matroska attaches.
    static let coverTypes: [UInt32: (mime: String, suffix: String)] = [
        AV_CODEC_ID_MJPEG.rawValue: ("image/jpeg", "jpg"),
        AV_CODEC_ID_PNG.rawValue: ("image/png", "png"),
        AV_CODEC_ID_BMP.rawValue: ("image/bmp", "bmp"),
        AV_CODEC_ID_GIF.rawValue: ("image/gif", "gif"),
        AV_CODEC_ID_WEBP.rawValue: ("image/webp", "webp"),
        AV_CODEC_ID_TIFF.rawValue: ("image/tiff", "tiff"),
    ]
}
