import Foundation
import VSRCore
import VSRImaging

/// A folder of PNG or JPEG pictures as a video.
///
/// Frames are in natural order of their names (`f2` before `f10`); the one at place n has
/// timestamp n. Pictures are turned as their EXIF orientation says.
public final class ImageSequenceReader: FrameSource {
    public let properties: VideoProperties

    /// The pictures in order.
    public let paths: [String]
    private let folder: String?
    private var position = 0
    private var first: ImageFile.Content?

    /// - Parameter frameRate: Frames per second to be reported; a folder does not know.
    /// - Throws: `notFound` if the folder is missing or holds no pictures.
    public convenience init(_ folder: String, frameRate: Rational = Rational(25, 1)) throws {
        let paths = try Self.pictures(in: folder)
        guard !paths.isEmpty else {
            throw VSRError(.notFound, "the folder \(folder) holds no PNG or JPEG pictures")
        }
        try self.init(paths, in: folder, frameRate)
    }

    /// Reads the pictures at `paths`, in this order.
    public convenience init(
        pictures paths: [String], frameRate: Rational = Rational(25, 1)
    ) throws {
        try self.init(paths, in: nil, frameRate)
    }

    private init(_ paths: [String], in folder: String?, _ frameRate: Rational) throws {
        guard let path = paths.first, frameRate.isPositive else {
            throw VSRError(
                .invalidArgument, "a sequence needs pictures and a positive rate, not \(frameRate)")
        }
        self.paths = paths
        self.folder = folder
        let content = try ImageFile.readContent(path)
        first = content
        properties = VideoProperties(
            size: content.frame.size,
            timeBase: Rational(frameRate.denominator, frameRate.numerator),
            frameRate: frameRate, frameCount: paths.count,
            duration: Double(paths.count) / frameRate.value,
            color: ColorTags(matrix: 0, isFullRange: true), depth: content.depth, codec: "png",
            hasAlpha: content.alpha != nil, colorProfile: content.colorProfile)
    }

    /// - Throws: `shapeMismatch` naming the picture whose size differs from the first one's.
    public func next() throws -> TimedFrame? {
        guard position < paths.count else { return nil }
        let path = paths[position]
        let content = try first ?? ImageFile.readContent(path)
        first = nil
        try check(content.frame.size, of: path)
        defer { position += 1 }
        return TimedFrame(
            content.frame, timestamp: Int64(position), duration: 1, alpha: content.alpha)
    }

    /// Looks at the sizes of all pictures before any is worked on.
    ///
    /// - Throws: `shapeMismatch` naming the first picture whose size differs.
    public func survey(first count: Int?) throws {
        for path in paths.prefix(count ?? .max) {
            guard let handle = FileHandle(forReadingAtPath: path) else { continue }
            defer { try? handle.close() }
            // Of JPEG pictures, the size may lie behind a thumbnail and a color profile.
            let start = (try? handle.read(upToCount: 1 << 18)) ?? Data()
            if let size = PictureHeader(start).uprightSize { try check(size, of: path) }
        }
    }

    private func check(_ size: FrameSize, of path: String) throws {
        guard size == properties.size else {
            throw VSRError(
                .shapeMismatch,
                "\(path) is \(size) but the first picture of its folder is \(properties.size): all "
                    + "must have one size, so put it into another folder")
        }
    }

    public var warnings: [String] {
        guard let folder else { return [] }
        let names = paths.map { ($0 as NSString).lastPathComponent }
        let gap = SequenceNumbers(names).gapText.map { ["\(folder): \($0)"] }
        return (gap ?? []) + ignored(folder)
    }

    /// Says which entries of a folder are no pictures; those that systems leave in folders are
    /// passed over.
    private func ignored(_ folder: String) -> [String] {
        let entries = (try? FolderListing.entries(of: folder)) ?? []
        let others = entries.filter {
            !ImageFile.isImage($0) && !["thumbs.db", "desktop.ini"].contains($0.lowercased())
        }
        guard !others.isEmpty else { return [] }
        let shown = others.prefix(3).joined(separator: ", ") + (others.count > 3 ? ", …" : "")
        return [
            "\(folder): ignored, since not named .png, .jpg or .jpeg: \(shown) "
                + "(\(others.count) of \(entries.count))"
        ]
    }

    /// What is missing, or comes twice, by the numbers in the names of a sequence's pictures; `nil`
    /// if nothing is.
    ///
    /// - Parameter names: In natural order.
    public static func gap(in names: [String]) -> String? { SequenceNumbers(names).gapText }

    /// The paths of a folder's pictures in natural order of their names.
    ///
    /// - Throws: `notFound` if there is no such folder.
    public static func pictures(in folder: String) throws -> [String] {
        try FolderListing.entries(of: folder).filter { ImageFile.isImage($0) }
            .map { (folder as NSString).appendingPathComponent($0) }
    }
}
