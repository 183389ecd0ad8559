import Foundation
import VSRCore
import VSRMedia

/// A high-resolution clip and, where the data set brings them, its low-resolution frames.
public struct ClipPair: Sendable {
    public let groundTruth: ClipSource
    public let lowResolution: ClipSource?

    public var name: String { groundTruth.name }

    public init(groundTruth: ClipSource, lowResolution: ClipSource? = nil) {
        self.groundTruth = groundTruth
        self.lowResolution = lowResolution
    }
}

/// How a data set lies in its folder.
///
/// ``DataSet`` recognizes it.
public enum ClipLayout: String, Sendable, Codable, CaseIterable {
    /// Every video file and every folder of pictures is a clip; a single video or picture, or a
    /// folder of pictures, is one clip.
    ///
    /// Where the folder itself holds no clips, the folders in it are searched, however deep; clips
    /// are then named by their paths in the folder: `00001/0001`.
    case clips
    /// `GT/<clip>/*.png` (or `HR`), and `BIx4/<clip>/*.png`, `BDx4/…` where frames are published:
    /// Vid4 and UDM10, and all data sets of mmagic.
    case vid4
    /// `train_sharp/<clip>/*.png`, `val_sharp/…`, and `train_sharp_bicubic/X4/<clip>/*.png`.
    case reds
    /// `sequences/00001/0266/im1.png` to `im7.png`, or the same in `GT` or in the folder itself.
    case vimeo90k
    /// `<clip>/truth/*.png`, and `<clip>/input4/*.png` or the like.
    case spmcs

    /// The clips of the data set at `folder` in natural order of their names; none is opened.
    ///
    /// - Parameter names: Only these, in this order; `nil` for all.
    /// - Throws: `notFound` if the folder, a named clip or any clip at all is missing.
    public func clips(at folder: String, names: [String]? = nil) throws -> [ClipPair] {
        try DataSet(at: folder, layout: self).clips(ClipSelection(names: names))
    }

    /// The clips that a selection leaves of the data set at `folder`; none is opened.
    ///
    /// - Throws: as ``DataSet/clips(_:lowResolution:)`` does.
    public func clips(at folder: String, _ selection: ClipSelection) throws -> [ClipPair] {
        try DataSet(at: folder, layout: self).clips(selection)
    }

    var expectation: String {
        switch self {
        case .clips: "expected video files or folders of PNG or JPEG pictures"
        case .vid4: "expected folders GT/<clip> of PNG pictures"
        case .reds: "expected folders train_sharp/<clip> or val_sharp/<clip> of PNG pictures"
        case .vimeo90k: "expected folders sequences/00001/0001 with im1.png to im7.png"
        case .spmcs: "expected folders <clip>/truth of PNG pictures"
        }
    }

    /// The clips at a path, named by where they lie in it.
    static func sources(at path: String) throws -> [ClipSource] {
        if !isFolder(path), FileManager.default.fileExists(atPath: path) { return [.media(path)] }
        let clips = try sources(in: path)
        guard clips.isEmpty else { return clips }
        let isClip = try !ImageSequenceReader.pictures(in: path).isEmpty
        return isClip ? [.media(path)] : try nestedSources(in: path, prefix: "", depth: 0)
    }

    private static func sources(in folder: String) throws -> [ClipSource] {
        try FolderListing.entries(of: folder).compactMap { entry in
            try clip(at: (folder as NSString).appendingPathComponent(entry), name: entry)
        }
    }

    /// The clips in a folder's folders.
    private static func nestedSources(
        in folder: String, prefix: String, depth: Int
    ) throws -> [ClipSource] {
        // Links may lead in circles.
        guard depth < 8 else { return [] }
        return try FolderListing.entries(of: folder).flatMap { entry in
            let path = (folder as NSString).appendingPathComponent(entry)
            if let clip = try clip(at: path, name: prefix + entry) { return [clip] }
            guard isFolder(path) else { return [] }
            return try nestedSources(in: path, prefix: prefix + entry + "/", depth: depth + 1)
        }
    }

    /// The clip at `path`, if it is a video or a folder of pictures.
    private static func clip(at path: String, name: String) throws -> ClipSource? {
        if isFolder(path) {
            let isClip = try !ImageSequenceReader.pictures(in: path).isEmpty
            return isClip ? .media(path, name: name) : nil
        }
        let suffix = (path as NSString).pathExtension.lowercased()
        guard MediaPath.videoExtensions.contains(suffix) else { return nil }
        return .media(path, name: (name as NSString).deletingPathExtension)
    }

    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            && isFolder.boolValue
    }
}
