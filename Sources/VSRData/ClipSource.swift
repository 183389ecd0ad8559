import Foundation
import VSRCore
import VSRMedia

/// A clip by name, opened when its frames are wanted.
public struct ClipSource: Sendable {
    /// Unique within its data set: the file name without extension, or the folder's name.
    public let name: String

    /// Where it lies, for messages; the name itself for rendered clips.
    public let location: String
    /// The folder, where it is one of pictures: any of its frames can be read by itself.
    private(set) var pictureFolder: String?
    /// Whether ``location`` is a path.
    private(set) var isFile = false
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
    ///
    /// - Parameter name: The file name without extension, or the folder's name, if left out.
    public static func media(_ path: String, name: String? = nil) -> ClipSource {
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        let last = (path as NSString).lastPathComponent as NSString
        let ownName = isFolder.boolValue ? last as String : last.deletingPathExtension
        var source = ClipSource(name: name ?? ownName, location: path) {
            var options = VideoReaderOptions()
            options.threads = 1
            return try MediaPath.open(path, options: options)
        }
        source.pictureFolder = isFolder.boolValue ? path : nil
        source.isFile = true
        return source
    }

    /// A clip held in memory or rendered on demand; `frame` is asked for `0..<count` in order.
    public static func rendered(
        name: String, size: FrameSize, count: Int,
        frame: @escaping @Sendable (Int) throws -> Frame
    ) -> ClipSource {
        ClipSource(name: name) { RenderedFrames(size: size, count: count, frame: frame) }
    }

    public func open() throws -> any FrameSource { try opener() }

    /// The exact number of frames; videos are decoded for it.
    ///
    /// - Throws: what opening and decoding throw.
    public func countFrames() throws -> Int {
        if let pictureFolder { return try ClipPictures(folder: pictureFolder).names.count }
        let input = try open()
        var count = 0
        while try input.nextPicture() != nil { count += 1 }
        return count
    }
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

extension [ClipSource] {
    /// - Throws: `invalidArgument` without clips, or for a scale below 1.
    func requireAny(scale: Int) throws {
        guard !isEmpty, scale >= 1 else {
            throw VSRError(.invalidArgument, "there are no training clips: name at least one")
        }
    }
}
