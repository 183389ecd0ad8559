import Foundation
import VSRCore
import VSRMedia

/// A clip by name, opened when its frames are wanted.
public struct ClipSource: Sendable {
    /// Unique within its data set: the file name without extension, or the folder's name.
    public let name: String

    /// Where it lies, for messages; the name itself for rendered clips.
    public let location: String
    private let opener: @Sendable () throws -> any FrameSource

    /// A clip that `open` makes or reads.
    public init(
        name: String, location: String? = nil,
        open: @escaping @Sendable () throws -> any FrameSource
    ) {
        self.name = name
        self.location = location ?? name
        opener = open
    }

    /// A video, a folder of pictures, or one picture.
    ///
    /// Videos are decoded by one thread: many clips are read at once instead.
    public static func media(_ path: String) -> ClipSource {
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        let name = (path as NSString).lastPathComponent as NSString
        return ClipSource(
            name: isFolder.boolValue ? name as String : name.deletingPathExtension, location: path
        ) {
            var options = VideoReaderOptions()
            options.threads = 1
            return try MediaPath.open(path, options: options)
        }
    }

    /// A clip held in memory or rendered on demand; `frame` is asked for `0..<count` in order.
    public static func rendered(
        name: String, size: FrameSize, count: Int,
        frame: @escaping @Sendable (Int) throws -> Frame
    ) -> ClipSource {
        ClipSource(name: name) { RenderedFrames(size: size, count: count, frame: frame) }
    }

    public func open() throws -> any FrameSource { try opener() }
}

/// Frames that a function makes.
private final class RenderedFrames: FrameSource {
    let properties: VideoProperties
    private let count: Int
    private let frame: @Sendable (Int) throws -> Frame
    private var position = 0

    init(size: FrameSize, count: Int, frame: @escaping @Sendable (Int) throws -> Frame) {
        self.count = count
        self.frame = frame
        properties = VideoProperties(
            size: size, timeBase: Rational(1, 25), frameRate: Rational(25, 1), frameCount: count)
    }

    func next() throws -> TimedFrame? {
        guard position < count else { return nil }
        defer { position += 1 }
        return TimedFrame(try frame(position), timestamp: Int64(position), duration: 1)
    }
}
