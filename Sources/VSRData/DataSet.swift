import Foundation
import VSRCore
import VSRImaging
import VSRMedia

/// A data set in its folder: which layout it has, where originals and low-resolution frames lie.
///
/// Only folders' entries and a few pictures' sizes are looked at.
public struct DataSet: Sendable {
    /// As it was named.
    public let folder: String
    public let layout: ClipLayout
    /// Folders of originals.
    let originals: [ClipFolder]
    /// The low-resolution frames that come with it, in natural order of their names.
    public internal(set) var lowResolution: [LowResolutionFrames] = []
    /// Paths of the lists of clips that lie in it.
    public internal(set) var lists: [String] = []
    /// What lies in it and is left out, in words.
    public internal(set) var remarks: [String] = []

    init(_ folder: String, _ layout: ClipLayout, _ originals: [ClipFolder]) {
        self.folder = folder
        self.layout = layout
        self.originals = originals
    }

    /// What was recognized, in one sentence.
    public var sentence: String {
        let places = originals.map { place in
            ClipFolder.path(name(of: place.path), place.inner.map { "<clip>/\($0)" })
        }
        let joined = places.joined(separator: " and ")
        let shown = joined.isEmpty ? "the folder itself" : joined
        let low = lowResolution.map { "\($0.name) (×\($0.scale))" }.joined(separator: ", ")
        return "recognized layout \(layout.rawValue): originals in \(shown); "
            + (low.isEmpty ? "no low-resolution frames" : "low-resolution frames in \(low)")
    }

    /// A path as it is called from the data set's folder; empty for that itself.
    func name(of path: String) -> String {
        guard path != folder else { return "" }
        let start = folder.hasSuffix("/") ? folder : folder + "/"
        return path.hasPrefix(start) ? String(path.dropFirst(start.count)) : path
    }

    /// Whether one of its folders of originals is called `name`.
    func has(_ name: String) -> Bool {
        originals.contains { ($0.path as NSString).lastPathComponent == name }
    }

    /// The clips that a selection leaves; none is opened.
    ///
    /// - Parameter frames: The low-resolution frames that are paired with them; the ones that bicubic
    ///   interpolation made, or else the first, if left out.
    /// - Throws: `notFound` naming line or clip where the selection names what is not there or where
    ///   there are no clips at all, `invalidArgument` where nothing is left.
    public func clips(
        _ selection: ClipSelection = ClipSelection(),
        lowResolution frames: LowResolutionFrames? = nil
    ) throws -> [ClipPair] {
        var clips = try sources(of: selection)
        if let names = selection.names {
            clips = try names.flatMap { try named($0, of: clips) }
        }
        for name in selection.excluded {
            _ = try named(name, of: clips)
            clips.removeAll { belongs($0.name, to: name) }
        }
        guard !clips.isEmpty else {
            throw VSRError(
                .invalidArgument, "no clip of \(folder) is left: exclude fewer of them")
        }
        let frames = frames ?? lowResolution.first { $0.hint == .bicubic } ?? lowResolution.first
        return clips.map { clip in
            let low = frames.flatMap { location(of: clip.name, in: $0) }
            return ClipPair(groundTruth: clip, lowResolution: low.map { .media($0) })
        }
    }

    private func sources(of selection: ClipSelection) throws -> [ClipSource] {
        if let list = selection.list {
            return try ClipList(list).clips(in: folder, find: listed)
        }
        let all = try originals.flatMap { try $0.clips() }
        guard !all.isEmpty else {
            throw VSRError(
                .notFound,
                "\(folder) holds no clips of layout \(layout.rawValue): \(layout.expectation)")
        }
        return all
    }

    /// The clips that a list names, and those of its lines whose clip is missing.
    ///
    /// - Throws: As ``ClipList/init(_:)``.
    func clips(ofList file: String) throws -> (clips: [ClipSource], missing: [ClipList.Entry]) {
        var clips: [ClipSource] = []
        var missing: [ClipList.Entry] = []
        for entry in try ClipList(file).entries {
            let found = [entry.path, entry.pathBeforeCount].lazy.compactMap { $0 }
                .compactMap(listed).first
            if let found { clips.append(found) } else { missing.append(entry) }
        }
        return (clips, missing)
    }

    /// The clip that a list names, from the originals' folder or from the data set's.
    private func listed(_ path: String) -> ClipSource? {
        for root in originals {
            if let clip = Self.clip(path, in: root) { return clip }
            let own = name(of: root.path) + "/"
            guard own != "/", path.hasPrefix(own) else { continue }
            if let clip = Self.clip(String(path.dropFirst(own.count)), in: root) { return clip }
        }
        return nil
    }

    /// The clip that a list calls `path`.
    private static func clip(_ path: String, in folder: ClipFolder) -> ClipSource? {
        let isPrefixed = !folder.prefix.isEmpty && path.hasPrefix(folder.prefix)
        let name = isPrefixed ? String(path.dropFirst(folder.prefix.count)) : path
        guard let place = folder.location(of: name) else { return nil }
        // Of a video that is listed with its extension, the name is without it.
        let isNamedFile = !ClipLayout.isFolder(place) && place.hasSuffix(name)
        let shown = isNamedFile ? (name as NSString).deletingPathExtension : name
        return .media(place, name: folder.prefix + shown)
    }

    private func named(_ name: String, of clips: [ClipSource]) throws -> [ClipSource] {
        let found = clips.filter { belongs($0.name, to: name) }
        guard found.isEmpty else { return found }
        let names = clips.map(\.name)
        let shown = names.prefix(12).joined(separator: ", ")
        let rest = names.count > 12 ? " and \(names.count - 12) others" : ""
        throw VSRError(.notFound, "\(folder) has no clip \(name): it has \(shown)\(rest)")
    }

    /// Whether a clip has this name or lies in a folder of this name, which may begin with that of
    /// the originals' folder.
    private func belongs(_ clip: String, to name: String) -> Bool {
        if clip == name || clip.hasPrefix(name + "/") { return true }
        guard originals.count == 1, let root = originals.first else { return false }
        let full = self.name(of: root.path) + "/" + clip
        return full == name || full.hasPrefix(name + "/")
    }

    /// Where a clip's frames lie in one of the folders of low-resolution frames.
    func location(of clip: String, in frames: LowResolutionFrames) -> String? {
        for (original, low) in zip(originals, frames.folders) where clip.hasPrefix(original.prefix)
        {
            let name = String(clip.dropFirst(original.prefix.count))
            return low?.location(of: name, only: (original.path as NSString).lastPathComponent)
        }
        return nil
    }
}

/// Low-resolution frames that a data set brings.
public struct LowResolutionFrames: Sendable {
    /// The folder's path in the data set: `BIx4`, `train_sharp_bicubic/X4`.
    public let name: String
    /// How many times smaller the frames are along each axis.
    public let scale: Int
    /// For each of the originals' folders, that of its smaller frames.
    let folders: [ClipFolder?]

    /// What its name says of how the frames were made.
    public var hint: Degradation? {
        let text = name.lowercased()
        let isBlurred = ["bd", "blur", "gauss"].contains { text.contains($0) }
        let isBicubic = ["bi", "cubic"].contains { text.contains($0) }
        if text.contains("duf") { return .blurredUncentered }
        guard isBlurred != isBicubic else { return nil }
        return isBlurred ? .blurred : .bicubic
    }
}

extension DataSet {
    /// The low-resolution frames that are meant.
    ///
    /// - Parameters:
    ///   - name: The folder's name in the data set, its first or last part is enough, or the path of
    ///     a folder anywhere; `nil` for those whose folder is named after the degradation, or the
    ///     only ones.
    /// - Throws: `notFound` naming what there is, `shapeMismatch` for another scale.
    public func lowResolution(
        named name: String?, for degradation: Degradation, scale: Int
    ) throws -> LowResolutionFrames {
        let fitting = lowResolution.filter { $0.scale == scale }
        let known = lowResolution.map { "\($0.name) (×\($0.scale))" }.joined(separator: ", ")
        if let name {
            let meant = fitting.filter {
                $0.name == name || $0.name.hasSuffix("/" + name)
                    || ($0.name as NSString).deletingLastPathComponent == name
            }
            if meant.isEmpty, ClipLayout.isFolder(name) {
                let frames = try lowResolution(at: name)
                guard frames.scale == scale else {
                    throw VSRError(
                        .shapeMismatch,
                        "the frames in \(name) are \(frames.scale) times smaller than the originals, "
                            + "but the model upscales by \(scale)")
                }
                return frames
            }
            guard meant.count == 1, let found = meant.first else {
                throw VSRError(
                    .notFound,
                    "\(folder) has no low-resolution frames \(name) at scale \(scale): it has "
                        + (known.isEmpty ? "none" : known))
            }
            return found
        }
        guard !fitting.isEmpty else {
            throw VSRError(
                .notFound,
                "\(folder) has no published low-resolution frames at scale \(scale)"
                    + (known.isEmpty ? "" : " but \(known)") + ": leave that option out")
        }
        let isBlur = degradation != .bicubic
        let meant =
            fitting.first { $0.hint == degradation }
            ?? fitting.first { $0.hint.map { ($0 != .bicubic) == isBlur } ?? false }
        if let meant { return meant }
        guard fitting.count == 1 else {
            throw VSRError(
                .notFound,
                "\(folder) has low-resolution frames \(known), of which none is named after "
                    + "\(degradation.rawValue): name one with --low-resolution")
        }
        return fitting[0]
    }
}
