import Foundation
import VSRCore

/// The one door for what comes in or goes out: a video, a picture, or a folder of pictures.
public enum MediaPath {
    /// What a path stands for.
    public enum Kind: Sendable, Equatable {
        case video
        /// One PNG or JPEG picture.
        case picture
        /// A folder of pictures.
        case folder
    }

    /// File name extensions that count as videos in a folder; any other video opens by its name.
    public static let videoExtensions: Set<String> = [
        "mp4", "mkv", "mov", "m4v", "webm", "avi", "ts", "m2ts", "mpg", "mpeg", "y4m", "flv",
        "wmv", "ogv", "3gp",
    ]

    /// File name extensions of the videos that can be written.
    public static let writtenVideoExtensions =
        Container.allCases.flatMap(\.extensions) + ["y4m"]

    /// What lies at `path`, by its content; names do not matter.
    ///
    /// - Throws: `notFound` if nothing is there, `unsupported` saying what a file is that is
    ///   neither a video nor a picture, as far as its first bytes tell.
    public static func kind(of path: String) throws -> Kind {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw VSRError(.notFound, "there is no video, picture or folder \(path)")
        }
        if isFolder.boolValue { return .folder }
        // What a pipe or a device gives is gone once it is read.
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG { return .video }
        let start = try FileStart(path)
        if start.isPicture { return .picture }
        if let found = start.refusal(hasImageName: ImageFile.isImage(path)) {
            throw VSRError(
                .unsupported,
                "\(path) is \(found): name a video, a PNG or JPEG picture, or a folder")
        }
        return .video
    }

    /// Opens a video, one picture or a folder of pictures as frames.
    ///
    /// - Throws: As ``kind(of:)``, and what the readers throw.
    public static func open(
        _ path: String, options: VideoReaderOptions = VideoReaderOptions()
    ) throws -> any FrameSource {
        switch try kind(of: path) {
        case .folder: try ImageSequenceReader(path)
        case .picture: try ImageSequenceReader(pictures: [path])
        case .video: try VideoReader(path, options: options)
        }
    }

    /// What a name says is to be written.
    ///
    /// - Throws: `unsupported` for extensions other than those of pictures and of
    ///   ``writtenVideoExtensions``.
    public static func kind(named path: String) throws -> Kind {
        if path.hasSuffix("/") { return .folder }
        if ImageFile.isImage(path) { return .picture }
        let suffix = (path as NSString).pathExtension.lowercased()
        if suffix.isEmpty { return .folder }
        guard writtenVideoExtensions.contains(suffix) else {
            throw VSRError(
                .unsupported,
                "cannot write \(path): name an .mp4, .mov, .mkv, .webm, .avi, .ts, .y4m or .gif file, a "
                    + ".png or .jpg "
                    + "picture, or a folder for pictures")
        }
        return .video
    }

    /// Makes a video, a picture, or a folder of PNG pictures, as the name says; it appears whole or
    /// not at all.
    ///
    /// - Parameter cancellation: Looked at while a pipe of that name waits for its reader.
    /// - Throws: As ``kind(named:)``, and what the writers throw.
    public static func create(
        _ path: String, size: FrameSize, like source: VideoProperties,
        options: VideoWriterOptions = VideoWriterOptions(), cancellation: Cancellation? = nil
    ) throws -> any FrameSink {
        switch try kind(named: path) {
        case .folder: return try ImageSequenceWriter(path, like: source)
        case .picture: return try SinglePictureWriter(path, like: source)
        case .video: break
        }
        switch (path as NSString).pathExtension.lowercased() {
        case "y4m":
            return try Y4MWriter(
                path, size: size, like: source, options: options, cancellation: cancellation)
        case "gif": return try GIFWriter(path, size: size, like: source, options: options)
        default: return try VideoWriter(path, size: size, like: source, options: options)
        }
    }
}
