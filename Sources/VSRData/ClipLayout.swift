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
    ///
    /// Where the folder itself holds no clips, the folders in it are searched, however deep; clips
    /// are then named by their paths in the folder: `00001/0001`.
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
        let byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
        return try names.map { name in
            guard let clip = byName[name] else {
                throw VSRError(
                    .notFound, "\(folder) has no clip \(name): it has \(Self.some(all.map(\.name)))"
                )
            }
            return clip
        }
    }

    /// The clips that a selection leaves of the data set at `folder`; none is opened.
    ///
    /// - Throws: as ``clips(at:names:)`` and ``ClipList/init(_:)`` do; `notFound` naming line or clip
    ///   where the selection names what is not there, `invalidArgument` where nothing is left.
    public func clips(at folder: String, _ selection: ClipSelection) throws -> [ClipPair] {
        let listed = try selection.list.map { try ClipList($0) }
        var clips: [ClipPair]
        switch (self, listed) {
        case (_, nil): clips = try self.clips(at: folder)
        case (.clips, let list?):
            clips = try list.sources(in: folder).map { ClipPair(groundTruth: $0) }
        case (.vid4, let list?): clips = try self.clips(at: folder, names: list.entries.map(\.path))
        }
        if let names = selection.names {
            clips = try names.flatMap { try Self.named($0, of: clips, at: folder) }
        }
        for name in selection.excluded {
            _ = try Self.named(name, of: clips, at: folder)
            clips.removeAll { Self.belongs($0.name, to: name) }
        }
        guard !clips.isEmpty else {
            throw VSRError(
                .invalidArgument, "no clip of \(folder) is left: exclude fewer of them")
        }
        return clips
    }

    private static func named(
        _ name: String, of clips: [ClipPair], at folder: String
    ) throws -> [ClipPair] {
        let found = clips.filter { belongs($0.name, to: name) }
        guard found.isEmpty else { return found }
        throw VSRError(
            .notFound,
            "\(folder) has no clip \(name): it has \(some(clips.map(\.name)))")
    }

    /// Whether a clip has this name or lies in a folder of this name.
    private static func belongs(_ clip: String, to name: String) -> Bool {
        clip == name || clip.hasPrefix(name + "/")
    }

    /// The first names, for messages.
    private static func some(_ names: [String]) -> String {
        let shown = names.prefix(12).joined(separator: ", ")
        return names.count > 12 ? "\(shown) and \(names.count - 12) others" : shown
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

    private static func pairs(in folder: String) throws -> [ClipPair] {
        let published = (folder as NSString).appendingPathComponent("BIx4")
        return try sources(in: (folder as NSString).appendingPathComponent("GT")).map { clip in
            let path = (published as NSString).appendingPathComponent(clip.name)
            return ClipPair(groundTruth: clip, lowResolution: isFolder(path) ? .media(path) : nil)
        }
    }

    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            && isFolder.boolValue
    }
}
