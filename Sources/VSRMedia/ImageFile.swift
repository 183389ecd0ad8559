import CLibAV
import Foundation
import VSRCore
import VSRImaging

/// PNG and JPEG pictures, recognized by their content, written by their extension.
public enum ImageFile {
    /// File name extensions that count as pictures in a folder.
    public static let extensions: Set<String> = ["png", "jpg", "jpeg"]

    /// Whether the name of a file says that it is a picture.
    public static func isImage(_ path: String) -> Bool {
        extensions.contains((path as NSString).pathExtension.lowercased())
    }

    /// A picture with all that is kept when it is written again.
    public struct Content: Sendable, Equatable {
        public var frame: Frame
        /// How opaque it is; `nil` where it knows no transparency.
        public var alpha: AlphaPlane?
        /// Bits per sample in its file: 8 or 16.
        public var depth = 8
        /// The ICC profile that its colors are in.
        public var colorProfile: [UInt8]?
        /// Whether an orientation mark turned it.
        public var isTurned = false
    }

    /// Reads a picture as it is to be seen, turned as its EXIF orientation says.
    ///
    /// - Throws: As ``read(_:maximumArea:)``.
    public static func readContent(
        _ path: String, maximumArea: Int = VideoReaderOptions().maximumArea
    ) throws -> Content {
        let data = try contents(path)
        let (picture, reader) = try decoded(data, name: path, maximumArea: maximumArea)
        let format = AVPixelFormat(rawValue: picture.pointer.pointee.format)
        let bits = av_pix_fmt_desc_get(format).map { Int($0.pointee.comp.0.depth) } ?? 8
        let content = Content(
            frame: try reader.frame(picture.pointer), alpha: try reader.alpha(picture.pointer),
            depth: bits > 8 ? 16 : 8, colorProfile: ColorProfile.bytes(of: picture.pointer))
        return content.turned(by: PictureHeader(data).orientation)
    }

    /// Reads a picture of 1 to 16 bits per sample, color, gray or palette.
    ///
    /// Alpha is dropped: colors stay as stored, over no background. Orientation marks, ICC
    /// profiles and gamma are not applied.
    ///
    /// - Throws: `notFound`, `corruptData`, or `unsupported` if it is neither PNG nor JPEG, is CMYK
    ///   or has more than `maximumArea` pixels.
    public static func read(
        _ path: String, maximumArea: Int = VideoReaderOptions().maximumArea
    ) throws -> Frame {
        try decode(try contents(path), name: path, maximumArea: maximumArea)
    }

    private static func contents(_ path: String) throws -> Data {
        guard FileManager.default.fileExists(atPath: path) else {
            throw VSRError(.notFound, "there is no picture \(path)")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw VSRError(.io, "cannot read \(path): check that it is a file you may read")
        }
        return data
    }

    /// The size of a picture as it is to be seen; of PNG only the beginning is read.
    ///
    /// - Throws: As ``read(_:maximumArea:)``.
    public static func size(of path: String) throws -> FrameSize {
        if let handle = FileHandle(forReadingAtPath: path) {
            defer { try? handle.close() }
            let start = (try? handle.read(upToCount: 1 << 14)) ?? Data()
            // The format's own limit, below which the area does not overflow.
            if kind(of: start) == AV_CODEC_ID_PNG, let size = PictureHeader(start).uprightSize,
                size.width < 1 << 31, size.height < 1 << 31, size.area > 0,
                size.area <= VideoReaderOptions().maximumArea
            {
                return size
            }
        }
        return try readContent(path).frame.size
    }

    /// Reads a picture rounded to 8 bits; exact for 8-bit RGB, gray and palette pictures.
    public static func readBytes(_ path: String) throws -> ByteFrame {
        let (picture, pictureReader) = try decoded(
            try contents(path), name: path, maximumArea: VideoReaderOptions().maximumArea)
        return try pictureReader.byteFrame(picture.pointer)
    }

    /// Decodes a picture held in memory; `name` is what messages call it.
    public static func decode(
        _ data: Data, name: String, maximumArea: Int = VideoReaderOptions().maximumArea
    ) throws -> Frame {
        let (picture, pictureReader) = try decoded(data, name: name, maximumArea: maximumArea)
        return try pictureReader.frame(picture.pointer)
    }

    private static func decoded(
        _ data: Data, name: String, maximumArea: Int
    ) throws -> (AVFrameBox, DecodedPictureReader) {
        _ = LibAV.quiet
        guard data.count < 1 << 30, let kind = kind(of: data) else {
            throw VSRError(
                .unsupported, "\(name) is neither a PNG nor a JPEG picture: convert it first")
        }
        guard kind != AV_CODEC_ID_MJPEG || hasEnd(data) else {
            throw VSRError(.corruptData, "\(name) is cut off: a JPEG picture without its end")
        }
        guard kind != AV_CODEC_ID_MJPEG || PictureHeader(data).components != 4 else {
            throw VSRError(
                .unsupported,
                "\(name) is a CMYK picture, made for printing: convert it to RGB first")
        }
        let decoder = try PictureCodec(decoder: kind, name: name, maximumArea: maximumArea)
        let picture = try decoder.decode(data)
        let color = ColorTags(
            space: picture.pointer.pointee.colorspace,
            primaries: picture.pointer.pointee.color_primaries,
            transfer: picture.pointer.pointee.color_trc,
            range: picture.pointer.pointee.color_range,
            location: picture.pointer.pointee.chroma_location)
        return (picture, DecodedPictureReader(name: name, color: color))
    }

    /// Writes a picture as PNG or JPEG, by the extension of `path`; it appears whole or not at all.
    ///
    /// - Throws: `invalidArgument` for other extensions, `io` if it cannot be written.
    public static func write(
        _ frame: Frame, to path: String, options: ImageOptions = ImageOptions()
    ) throws {
        guard let format = ImageFormat(path: path) else {
            throw VSRError(
                .invalidArgument,
                "\(path) does not say which picture to write: end it in .png or .jpg")
        }
        try AtomicFile.write(try encode(frame, as: format, options: options, name: path), to: path)
    }

    /// Encodes a picture in memory, as reports embed it.
    ///
    /// PNG holds 8 or 16 bits, rounded to nearest, and alpha; JPEG holds 8 bits of full-range BT.601
    /// without color subsampling.
    ///
    /// - Parameters:
    ///   - alpha: Of the frame's size; JPEG leaves it out.
    ///   - colorProfile: An ICC profile that the colors are in; one that is not for RGB is left out.
    public static func encode(
        _ frame: Frame, as format: ImageFormat, options: ImageOptions = ImageOptions(),
        alpha: AlphaPlane? = nil, colorProfile: [UInt8]? = nil, name: String = "a picture"
    ) throws -> Data {
        _ = LibAV.quiet
        guard (1...100).contains(options.quality), [8, 16].contains(options.depth) else {
            throw VSRError(
                .invalidArgument,
                "\(name): quality is \(options.quality), depth \(options.depth): they must be from "
                    + "1 to 100, and 8 or 16")
        }
        guard frame.width > 0, frame.height > 0, frame.width <= 65500, frame.height <= 65500 else {
            throw VSRError(
                .invalidArgument,
                "\(name) is \(frame.size): pictures are 1 to 65500 pixels on each side")
        }
        let encoder = try PictureEncoder(
            frame.size, format, options, hasAlpha: alpha != nil, name: name)
        let data = try encoder.encode(frame, alpha)
        guard let colorProfile, ColorProfile.isRGB(colorProfile) else { return data }
        return ColorProfile.adding(colorProfile, to: data, format)
    }

    /// Whether an end marker follows the last scan of a JPEG picture; libav does not mind.
    private static func hasEnd(_ data: Data) -> Bool {
        guard let end = data.range(of: Data([0xFF, 0xD9]), options: .backwards) else {
            return false
        }
        let scan = data.range(of: Data([0xFF, 0xDA]), options: .backwards)
        return scan.map { $0.lowerBound < end.lowerBound } ?? true
    }

    private static func kind(of data: Data) -> AVCodecID? {
        let start = [UInt8](data.prefix(8))
        if start == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] { return AV_CODEC_ID_PNG }
        if start.starts(with: [0xFF, 0xD8, 0xFF]) { return AV_CODEC_ID_MJPEG }
        return nil
    }
}

extension ImageFile.Content {
    /// The picture upright, where its file has it mirrored and turned.
    ///
    /// Source: Exif 2.32, tag 0x112.
    fileprivate func turned(by orientation: Int) -> ImageFile.Content {
        func upright(_ frame: Frame) -> Frame {
            switch orientation {
            case 2: frame.flippedHorizontally()
            case 3: frame.rotated(quarterTurns: 2)
            case 4: frame.flippedVertically()
            case 5: frame.transposed()
            case 6: frame.rotated(quarterTurns: 1)
            case 7: frame.transposed().rotated(quarterTurns: 2)
            case 8: frame.rotated(quarterTurns: 3)
            default: frame
            }
        }
        guard orientation != 1 else { return self }
        var result = self
        result.isTurned = true
        result.frame = upright(frame)
        result.alpha = alpha.map {
            let turned = upright(
                Frame(size: $0.size, samples: $0.samples + $0.samples + $0.samples))
            return AlphaPlane(size: turned.size, samples: Array(turned.plane(0)))
        }
        return result
    }
}

/// File formats of pictures that can be written.
public enum ImageFormat: String, Sendable, Codable {
    case png, jpeg

    /// By the extension of a file name.
    public init?(path: String) {
        switch (path as NSString).pathExtension.lowercased() {
        case "png": self = .png
        case "jpg", "jpeg": self = .jpeg
        default: return nil
        }
    }
}

/// How pictures are encoded.
public struct ImageOptions: Sendable, Codable, Equatable {
    /// Bits per sample of PNG: 8 or 16.
    public var depth = 8
    /// Of JPEG, 1 to 100; 100 is best.
    public var quality = 92

    public init() {}
}

extension ImageOptions {
    /// With 16 bits where the source has more than 8.
    init(like source: VideoProperties) {
        self.init()
        depth = source.depth > 8 ? 16 : 8
    }

    /// What pictures do not keep of a source, a sentence each.
    static func losses(_ source: VideoProperties, _ path: String) -> [String] {
        var texts: [String] = []
        if let profile = source.colorProfile, !ColorProfile.isRGB(profile) {
            texts.append("\(path): the color profile is left out, since it is not for RGB")
        }
        if source.hdr != nil || [16, 18].contains(source.color.transfer) {
            texts.append(
                "\(path): pictures do not say that these are HDR colors (PQ or HLG), so that they look "
                    + "pale")
        }
        return texts
    }
}
