import Foundation
import VSRCore
import VSRMedia

/// A folder that may hold the smaller frames of originals.
private struct Candidate {
    /// As it is shown.
    let name: String
    /// What is the same in the names for training and for validation clips.
    let key: String
    let folder: ClipFolder
}

extension DataSet {
    /// The data set with the low-resolution frames and lists that lie in it.
    static func complete(_ set: DataSet, besides others: [ClipFolder] = []) -> DataSet {
        var set = set
        set.lists = lists(
            in: [set.folder] + set.originals.map { ($0.path as NSString).deletingLastPathComponent }
        )
        var order: [String] = []
        var found: [String: (names: [String], scale: Int, folders: [Int: ClipFolder])] = [:]
        for (index, original) in set.originals.enumerated() {
            let names = original.firstNames(3)
            let given = others.map {
                Candidate(name: set.name(of: $0.path), key: $0.path, folder: $0)
            }
            for candidate in set.candidates(besides: original, names.first) + given {
                guard let sizes = sizes(original, candidate.folder, names) else { continue }
                guard let scale = scale(sizes.original, sizes.low) else {
                    set.remarks.append(
                        "\(candidate.name) is left out: its frames of \(sizes.low) are "
                            + (sizes.low == sizes.original
                                ? "as large as the originals"
                                : "no whole number of times smaller than the originals of "
                                    + "\(sizes.original)"))
                    continue
                }
                if found[candidate.key] == nil { order.append(candidate.key) }
                var entry = found[candidate.key] ?? ([], scale, [:])
                entry.names.append(candidate.name)
                entry.folders[index] = candidate.folder
                found[candidate.key] = entry
            }
        }
        set.lowResolution = order.compactMap { key in
            found[key].map { entry in
                LowResolutionFrames(
                    name: entry.names.joined(separator: " and "), scale: entry.scale,
                    folders: set.originals.indices.map { entry.folders[$0] })
            }
        }
        return set
    }

    /// Text files that may list clips.
    static func lists(in folders: [String]) -> [String] {
        var seen: Set<String> = []
        return folders.filter { seen.insert($0).inserted }.flatMap { folder in
            ((try? FolderListing.entries(of: folder)) ?? [])
                .filter {
                    $0.hasSuffix(".txt") && ($0.contains("list") || $0.contains("meta_info"))
                }
                .map { ClipFolder.path(folder, $0) }
        }
    }

    /// Folders beside the originals, or beside `truth` in a clip's folder.
    private func candidates(besides original: ClipFolder, _ clip: String?) -> [Candidate] {
        if let inner = original.inner {
            guard let clip else { return [] }
            let place = ClipFolder.path(original.path, clip)
            return ((try? FolderListing.entries(of: place)) ?? [])
                .filter { $0 != inner && ClipLayout.isFolder(ClipFolder.path(place, $0)) }
                .map { name in
                    Candidate(
                        name: name, key: name, folder: ClipFolder(path: original.path, inner: name))
                }
        }
        guard layout != .clips, original.path != folder else { return [] }
        let base = (original.path as NSString).deletingLastPathComponent
        let own = (original.path as NSString).lastPathComponent
        let split = layout == .reds ? own.prefix { $0 != "_" } : ""
        return ((try? FolderListing.entries(of: base)) ?? [])
            .filter { $0 != own && $0.hasPrefix(split) }
            .flatMap { entry in
                ["", "X4", "X2", "x4", "x2", "sequences"].compactMap { inside in
                    let path = ClipFolder.path(base, entry, inside.isEmpty ? nil : inside)
                    guard ClipLayout.isFolder(path) else { return nil }
                    return Candidate(
                        name: name(of: path),
                        key: ClipFolder.path(
                            String(entry.dropFirst(split.count)), inside.isEmpty ? nil : inside),
                        folder: ClipFolder(path: path))
                }
            }
    }

    /// Sizes of the first of the named clips that is in both folders.
    private static func sizes(
        _ original: ClipFolder, _ low: ClipFolder, _ names: [String]
    ) -> (original: FrameSize, low: FrameSize)? {
        let only = (original.path as NSString).lastPathComponent
        for name in names {
            guard let high = original.location(of: name, only: only).flatMap(size),
                let small = low.location(of: name, only: only).flatMap(size)
            else { continue }
            return (high, small)
        }
        return nil
    }

    /// The size of a clip's first frame.
    static func size(of clip: String) -> FrameSize? {
        guard ClipLayout.isFolder(clip) else {
            return try? ClipSource.media(clip).open().properties.size
        }
        guard let first = try? ImageSequenceReader.pictures(in: clip).first else { return nil }
        return try? ImageFile.size(of: first)
    }

    /// How many times smaller the second size is; `nil` if it is not, or by no whole number.
    static func scale(_ original: FrameSize, _ low: FrameSize) -> Int? {
        (2...8).first { original.width / $0 == low.width && original.height / $0 == low.height }
    }

    /// Low-resolution frames in a folder that lies anywhere, with the clips' names.
    ///
    /// - Throws: `notFound` where it has none of the clips, `shapeMismatch` where its frames are no
    ///   whole number of times smaller.
    public func lowResolution(at path: String) throws -> LowResolutionFrames {
        guard originals.count == 1 else {
            throw VSRError(
                .invalidArgument,
                "\(folder) has clips of the same names in \(originals.map { name(of: $0.path) }.joined(separator: " and ")): "
                    + "name one of these folders, to which \(path) belongs")
        }
        let candidates = originals.map { original -> ClipFolder in
            ClipFolder(path: path, inner: nil, prefix: original.prefix)
        }
        for (original, candidate) in zip(originals, candidates) {
            let names = original.firstNames(3)
            guard let sizes = Self.sizes(original, candidate, names) else { continue }
            guard let scale = Self.scale(sizes.original, sizes.low) else {
                throw VSRError(
                    .shapeMismatch,
                    "the frames in \(path) are \(sizes.low), which is no whole number of times "
                        + "smaller than the originals of \(sizes.original)")
            }
            return LowResolutionFrames(name: path, scale: scale, folders: candidates)
        }
        let names = originals.flatMap { $0.firstNames(3) }.joined(separator: ", ")
        throw VSRError(
            .notFound,
            "\(path) has no frames of the clips of \(folder) (\(names), …): name the folder that "
                + "holds clips of these names")
    }
}
