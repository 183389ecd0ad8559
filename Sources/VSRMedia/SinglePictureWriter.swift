import Foundation
import VSRCore

/// Writes the only frame of a clip as a PNG or JPEG picture.
final class SinglePictureWriter: FrameSink {
    private let path: String
    private let pending: PendingFile
    private let format: ImageFormat
    private let options: ImageOptions
    private let colorProfile: [UInt8]?
    let warnings: [String]
    private var isWritten = false

    /// - Throws: `invalidArgument` if `path` names no picture or is a folder, `io`.
    ///
    /// - Parameter source: What depth and color profile are taken from.
    init(_ path: String, like source: VideoProperties) throws {
        guard let format = ImageFormat(path: path) else {
            throw VSRError(
                .invalidArgument,
                "\(path) does not say which picture to write: end it in .png or .jpg")
        }
        var isFolder: ObjCBool = false
        guard
            !FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
                || !isFolder.boolValue
        else {
            throw VSRError(
                .invalidArgument, "\(path) is a folder: name a file for the picture")
        }
        self.path = path
        self.format = format
        options = ImageOptions(like: source)
        colorProfile = source.colorProfile
        warnings =
            ImageOptions.losses(source, path)
            + (format == .jpeg && source.depth > 8
                ? ["\(path) holds 8 bits per sample, not the \(source.depth) of the input"] : [])
        pending = try PendingFile(path)
    }

    var holdsAlpha: Bool { format == .png }

    /// - Throws: `invalidArgument` for a second frame, `io`.
    func write(_ frame: TimedFrame) throws {
        guard !isWritten else {
            throw VSRError(
                .invalidArgument,
                "\(path) holds one picture but the input has more: name a video or a folder")
        }
        let data = try ImageFile.encode(
            frame.frame, as: format, options: options, alpha: frame.alpha,
            colorProfile: colorProfile, name: path)
        do {
            try data.write(to: URL(fileURLWithPath: pending.temporaryPath))
        } catch {
            throw VSRError(
                .io, "cannot write \(path): the disk may be full or the folder read-only",
                cause: error)
        }
        isWritten = true
    }

    func finish() throws {
        if isWritten { try pending.commit() }
    }

    func cancel() { pending.discard() }
}
