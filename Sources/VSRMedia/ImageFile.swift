import CLibAV
import Foundation
import VSRCore

/// PNG and JPEG pictures, recognised by their content, written by their extension.
public enum ImageFile {
    /// File name extensions that count as pictures in a folder.
    public static let extensions: Set<String> = ["png", "jpg", "jpeg"]

    /// Whether the name of a file says that it is a picture.
    public static func isImage(_ path: String) -> Bool {
        extensions.contains((path as NSString).pathExtension.lowercased())
    }

    /// Reads a picture of 1 to 16 bits per sample, colour, grey or palette.
    ///
    /// Alpha is dropped: colours stay as stored, over no background. Orientation marks, ICC
    /// profiles and gamma are not applied.
    ///
    /// - Throws: `notFound`, `corruptData`, or `unsupported` if it is neither PNG nor JPEG or has
    ///   more than `maximumArea` pixels.
    public static func read(
        _ path: String, maximumArea: Int = VideoReaderOptions().maximumArea
    ) throws -> Frame {
        guard FileManager.default.fileExists(atPath: path) else {
            throw VSRError(.notFound, "there is no picture \(path)")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw VSRError(.io, "cannot read \(path): check that it is a file you may read")
        }
        return try decode(data, name: path, maximumArea: maximumArea)
    }

    /// Reads a picture rounded to 8 bits; exact for 8-bit RGB, grey and palette pictures.
    public static func readBytes(_ path: String) throws -> ByteFrame {
        ByteFrame(rounding: try read(path))
    }

    /// Decodes a picture held in memory; `name` is what messages call it.
    public static func decode(
        _ data: Data, name: String, maximumArea: Int = VideoReaderOptions().maximumArea
    ) throws -> Frame {
        _ = LibAV.quiet
        guard data.count < 1 << 30, let kind = kind(of: data) else {
            throw VSRError(
                .unsupported, "\(name) is neither a PNG nor a JPEG picture: convert it first")
        }
        let decoder = try PictureCodec(decoder: kind, name: name, maximumArea: maximumArea)
        let picture = try decoder.decode(data)
        let colour = ColourTags(
            space: picture.pointer.pointee.colorspace,
            primaries: picture.pointer.pointee.color_primaries,
            transfer: picture.pointer.pointee.color_trc,
            range: picture.pointer.pointee.color_range,
            location: picture.pointer.pointee.chroma_location)
        return try PictureConverter(name: name, colour: colour).frame(picture.pointer)
    }

    private static func kind(of data: Data) -> AVCodecID? {
        let start = [UInt8](data.prefix(8))
        if start == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] { return AV_CODEC_ID_PNG }
        if start.starts(with: [0xFF, 0xD8, 0xFF]) { return AV_CODEC_ID_MJPEG }
        return nil
    }
}
