import Foundation
import VSRCore

/// Chooses readers and writers by what a path names: a folder of pictures, one picture, a video.
public enum MediaPath {
    /// Opens a video, a folder of pictures or one picture as frames.
    ///
    /// - Throws: `notFound` if nothing is there, and what the readers throw.
    public static func open(
        _ path: String, options: VideoReaderOptions = VideoReaderOptions()
    ) throws -> any FrameSource {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw VSRError(.notFound, "there is no file or folder \(path)")
        }
        if isFolder.boolValue { return try ImageSequenceReader(path) }
        if ImageFile.isImage(path) { return try ImageSequenceReader(pictures: [path]) }
        return try VideoReader(path, options: options)
    }

    /// Makes a video for a name with the extension of one, else a folder of PNG pictures.
    ///
    /// - Throws: `invalidArgument` for names of single pictures and unknown extensions.
    public static func create(
        _ path: String, size: FrameSize, like source: VideoProperties,
        options: VideoWriterOptions = VideoWriterOptions()
    ) throws -> any FrameSink {
        if ImageFile.isImage(path) { return try SinglePictureWriter(path) }
        let suffix = (path as NSString).pathExtension
        if suffix.isEmpty || path.hasSuffix("/") { return try ImageSequenceWriter(path) }
        return try VideoWriter(path, size: size, like: source, options: options)
    }
}

/// Writes the only frame of a clip as a picture.
private final class SinglePictureWriter: FrameSink {
    private let path: String
    private var frame: Frame?

    init(_ path: String) throws { self.path = path }

    func write(_ frame: TimedFrame) throws {
        guard self.frame == nil else {
            throw VSRError(
                .invalidArgument,
                "\(path) holds one picture but the input has more: name a folder or a video")
        }
        self.frame = frame.frame
    }

    func finish() throws {
        guard let frame else { return }
        try ImageFile.write(frame, to: path)
    }

    func cancel() { frame = nil }
}
