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
public enum ClipLayout: String, Sendable, Codable, CaseIterable {
    /// Every video file and every folder of pictures is a clip; a single video or picture, or a
    /// folder of pictures, is one clip.
    case clips
    /// `GT/<clip>/*.png`, and `BIx4/<clip>/*.png` where the frames are published.
    case vid4

    /// The clips of the data set at `folder` in natural order of their names; none is opened.
    ///
    /// - Parameter names: Only these, in this order; `nil` for all.
    /// - Throws: `notFound` if the folder, a named clip or any clip at all is missing.
    public func clips(at folder: String, names: [String]? = nil) throws -> [ClipPair] {
        let all =
            switch self {
            case .clips: try Self.sources(at: folder).map { ClipPair(groundTruth: $0) }
            case .vid4: try Self.pairs(in: folder)
            }
        guard !all.isEmpty else {
            throw VSRError(
                .notFound,
                "\(folder) holds no clips of layout \(rawValue): \(expectation)")
        }
        guard let names else { return all }
        return try names.map { name in
            guard let clip = all.first(where: { $0.name == name }) else {
                throw VSRError(
                    .notFound,
                    "\(folder) has no clip \(name): it has "
                        + all.map(\.name).joined(separator: ", "))
            }
            return clip
        }
    }

    private var expectation: String {
        switch self {
        case .clips: "expected video files or folders of PNG or JPEG pictures"
        case .vid4: "expected folders GT/<clip> of PNG pictures"
        }
    }

    private static func sources(at path: String) throws -> [ClipSource] {
        if !isFolder(path), FileManager.default.fileExists(atPath: path) { return [.media(path)] }
        let clips = try sources(in: path)
        guard try clips.isEmpty && !ImageSequenceReader.pictures(in: path).isEmpty else {
            return clips
        }
        return [.media(path)]
    }

    private static func sources(in folder: String) throws -> [ClipSource] {
        try FolderListing.entries(of: folder).compactMap { entry in
            let path = (folder as NSString).appendingPathComponent(entry)
            if isFolder(path) {
                return try ImageSequenceReader.pictures(in: path).isEmpty ? nil : .media(path)
            }
            let suffix = (entry as NSString).pathExtension.lowercased()
            return MediaPath.videoExtensions.contains(suffix) ? .media(path) : nil
        }
    }

    private static func pairs(in folder: String) throws -> [ClipPair] {
        let published = (folder as NSString).appendingPathComponent("BIx4")
        return try sources(in: (folder as NSString).appendingPathComponent("GT")).map { clip in
            let path = (published as NSString).appendingPathComponent(clip.name)
            return ClipPair(groundTruth: clip, lowResolution: isFolder(path) ? .media(path) : nil)
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            && isFolder.boolValue
    }
}
