import CLibAV
import Foundation
import VSRCore

/// PNG and JPEG pictures, recognized by their content, written by their extension.
public enum ImageFile {
    /// File name extensions that count as pictures in a folder.
    public static let extensions: Set<String> = ["png", "jpg", "jpeg"]

    /// Whether the name of a file says that it is a picture.
    public static func isImage(_ path: String) -> Bool {
        extensions.contains((path as NSString).pathExtension.lowercased())
    }

    /// Reads a picture of 1 to 16 bits per sample, color, gray or palette.
    ///
    /// Alpha is dropped: colors stay as stored, over no background. Orientation marks, ICC
    /// profiles and gamma are not applied.
    ///
    /// - Throws: `notFound`, `corruptData`, or `unsupported` if it is neither PNG nor JPEG or has
    ///   more than `maximumArea` pixels.
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

    /// The size of a picture; of PNG only the beginning is read.
    ///
    /// - Throws: As ``read(_:maximumArea:)``.
    public static func size(of path: String) throws -> FrameSize {
        if let handle = FileHandle(forReadingAtPath: path) {
            defer { try? handle.close() }
            // Signature, length and name of the first chunk, then width and height, 4 bytes each.
            let start = [UInt8]((try? handle.read(upToCount: 24)) ?? Data())
            if start.count == 24, kind(of: Data(start)) == AV_CODEC_ID_PNG,
                Array(start[12..<16]) == Array("IHDR".utf8)
            {
                func number(_ offset: Int) -> Int {
                    start[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
                }
                let size = FrameSize(width: number(16), height: number(20))
                // The format's own limit, below which the area does not overflow.
                if size.width < 1 << 31, size.height < 1 << 31, size.area > 0,
                    size.area <= VideoReaderOptions().maximumArea
                {
                    return size
                }
            }
        }
        return try read(path).size
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
    /// PNG holds 8 or 16 bits, rounded to nearest; JPEG holds 8 bits of full-range BT.601 without
    /// color subsampling.
    public static func encode(
        _ frame: Frame, as format: ImageFormat, options: ImageOptions = ImageOptions(),
        name: String = "a picture"
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
        let encoder = try PictureEncoder(frame.size, format, options, name: name)
        return try encoder.encode(frame)
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
