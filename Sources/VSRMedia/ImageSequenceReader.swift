import Foundation
import VSRCore

/// A folder of PNG or JPEG pictures as a video.
///
/// Frames are in natural order of their names (`f2` before `f10`); the one at place n has
/// timestamp n.
public final class ImageSequenceReader: FrameSource {
    public let properties: VideoProperties

    /// The pictures in order.
    public let paths: [String]
    private var position = 0
    private var first: Frame?

    /// - Parameter frameRate: Frames per second to be reported; a folder does not know.
    /// - Throws: `notFound` if the folder is missing or holds no pictures.
    public convenience init(_ folder: String, frameRate: Rational = Rational(25, 1)) throws {
        let paths = try Self.pictures(in: folder)
        guard !paths.isEmpty else {
            throw VSRError(.notFound, "the folder \(folder) holds no PNG or JPEG pictures")
        }
        try self.init(pictures: paths, frameRate: frameRate)
    }

    /// Reads the pictures at `paths`, in this order.
    public init(pictures paths: [String], frameRate: Rational = Rational(25, 1)) throws {
        guard let path = paths.first, frameRate.isPositive else {
            throw VSRError(
                .invalidArgument, "a sequence needs pictures and a positive rate, not \(frameRate)")
        }
        self.paths = paths
        let frame = try ImageFile.read(path)
        first = frame
        properties = VideoProperties(
            size: frame.size, timeBase: Rational(frameRate.denominator, frameRate.numerator),
            frameRate: frameRate, frameCount: paths.count,
            duration: Double(paths.count) / frameRate.value,
            color: ColorTags(matrix: 0, isFullRange: true), codec: "png")
    }

    /// - Throws: `shapeMismatch` naming the picture whose size differs from the first one's.
    public func next() throws -> TimedFrame? {
        guard position < paths.count else { return nil }
        let path = paths[position]
        let frame = try first ?? ImageFile.read(path)
        first = nil
        guard frame.size == properties.size else {
            throw VSRError(
                .shapeMismatch,
                "\(path) is \(frame.size) but the first picture of its folder is "
                    + "\(properties.size): all must have one size")
        }
        defer { position += 1 }
        return TimedFrame(frame, timestamp: Int64(position), duration: 1)
    }

    /// The paths of a folder's pictures in natural order of their names.
    ///
    /// - Throws: `notFound` if there is no such folder.
    public static func pictures(in folder: String) throws -> [String] {
        try FolderListing.entries(of: folder).filter { ImageFile.isImage($0) }
            .map { (folder as NSString).appendingPathComponent($0) }
    }
}
