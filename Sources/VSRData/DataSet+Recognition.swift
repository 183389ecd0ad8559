import Foundation
import VSRCore
import VSRMedia

extension DataSet {
    private static let originalNames = ["GT", "gt", "HR", "hr"]
    private static let innerNames = ["truth", "GT", "gt", "HR", "hr", "original"]
    private static let redsNames = ["train_sharp", "val_sharp"]

    /// The data set at `folder`, its layout recognized by what lies there, or in the one folder of it
    /// that has a layout.
    ///
    /// - Throws: `invalidArgument` naming the folders where there are several data sets.
    public init(recognizing folder: String) throws {
        try Self.checkName(folder)
        if let found = Self.exact(folder) {
            self = found
            return
        }
        let plain = DataSet(folder, .clips, [ClipFolder(path: folder)])
        var inside = Self.holdsClips(folder) ? [] : Self.inside(folder, Self.exact)
        let others = inside.isEmpty ? [] : Self.others(folder, inside)
        let isREDS = inside.allSatisfy { $0.layout == .reds }
        // Clips beside a data set are meant too: all are taken as they lie.
        if !others.isEmpty, !isREDS { inside = [] }
        if var merged = Self.merged(inside, folder) ?? Self.paired(inside, folder) {
            if let first = others.first {
                let rest =
                    others.count > 1 ? " and \((others.count - 1).counted("other folder"))" : ""
                merged.remarks.append("\(first)\(rest) is left out: no part of the layout reds")
            }
            self = merged
            return
        }
        guard inside.count < 2 else {
            let names = inside.map { "\(($0.folder as NSString).lastPathComponent) (\($0.layout))" }
            throw VSRError(
                .invalidArgument,
                "\(folder) holds several data sets: \(names.joined(separator: ", ")); name one of "
                    + "their folders, or the layout clips for all pictures and videos in it")
        }
        self = plain
        lists = Self.lists(in: [folder])
    }

    /// The data set at `folder`; where there are several, all of their pictures and videos.
    ///
    /// For training, which has no use for a distinction: what was meant is said by lists.
    ///
    /// - Throws: `notFound` for an empty name.
    public init(recognizingOrAll folder: String) throws {
        do {
            try self.init(recognizing: folder)
        } catch let error as VSRError where error.code == .invalidArgument {
            try self.init(at: folder, layout: .clips)
            remarks.append("several data sets are taken as clips, smaller frames among them")
        }
    }

    /// The data set at `folder`, which is to have a layout.
    ///
    /// - Throws: `notFound` where it has not.
    public init(at folder: String, layout: ClipLayout) throws {
        try Self.checkName(folder)
        guard layout != .clips else {
            self.init(folder, .clips, [ClipFolder(path: folder)])
            lists = Self.lists(in: [folder])
            return
        }
        let find: (String) -> DataSet? = { path in
            Self.originals(path, layout).map { Self.complete(DataSet(path, layout, $0)) }
        }
        if let found = find(folder) {
            self = found
            return
        }
        let inside = Self.inside(folder, find)
        guard let found = Self.merged(inside, folder) ?? Self.paired(inside, folder) else {
            throw VSRError(
                .notFound,
                "\(folder) holds no clips of layout \(layout.rawValue): \(layout.expectation)")
        }
        self = found
    }

    private static func checkName(_ folder: String) throws {
        guard !folder.isEmpty else {
            throw VSRError(.notFound, "the name of the data set's folder is empty: name one")
        }
    }

    private static func exact(_ folder: String) -> DataSet? {
        for layout in [ClipLayout.reds, .vimeo90k, .vid4, .spmcs] {
            guard let originals = originals(folder, layout) else { continue }
            return complete(DataSet(folder, layout, originals))
        }
        return nil
    }

    /// Folders that hold clips and are none of the data sets found.
    private static func others(_ folder: String, _ found: [DataSet]) -> [String] {
        let known = Set(found.map { ($0.folder as NSString).lastPathComponent })
        return ((try? FolderListing.entries(of: folder)) ?? []).filter { entry in
            let place = ClipFolder(path: ClipFolder.path(folder, entry))
            return !known.contains(entry) && !place.firstNames(1).isEmpty
        }
    }

    private static func inside(_ folder: String, _ find: (String) -> DataSet?) -> [DataSet] {
        let entries = (try? FolderListing.entries(of: folder)) ?? []
        return entries.compactMap { find(ClipFolder.path(folder, $0)) }
    }

    /// One data set seen from the folder around it; training and validation of REDS, whose archives
    /// lie in `train` and `val`, are taken together.
    private static func merged(_ found: [DataSet], _ folder: String) -> DataSet? {
        guard let first = found.first,
            found.count == 1 || found.allSatisfy({ $0.layout == .reds })
        else { return nil }
        var roots = found.flatMap(\.originals)
        if roots.count > 1 {
            roots = roots.map {
                ClipFolder(
                    path: $0.path, inner: $0.inner,
                    prefix: ($0.path as NSString).lastPathComponent + "/")
            }
        }
        return complete(DataSet(folder, first.layout, roots))
    }

    /// Several data sets of the same clips in different sizes: the largest are the originals, as
    /// BasicSR keeps `vimeo_septuplet` and `vimeo_septuplet_matlabLRx4` side by side.
    private static func paired(_ found: [DataSet], _ folder: String) -> DataSet? {
        let roots = found.compactMap { $0.originals.count == 1 ? $0.originals.first : nil }
        guard roots.count > 1, roots.count == found.count, Set(found.map(\.layout)).count == 1,
            Set(roots.map { $0.firstNames(1) }).count == 1
        else { return nil }
        let sizes = roots.map { root -> Int in
            let clip = root.firstNames(1).first.flatMap { root.location(of: $0) }
            return clip.flatMap(size)?.area ?? 0
        }
        guard let largest = sizes.max(), sizes.count(where: { $0 == largest }) == 1,
            let index = sizes.firstIndex(of: largest)
        else { return nil }
        let others = roots.enumerated().filter { $0.offset != index }.map(\.element)
        return complete(DataSet(folder, found[index].layout, [roots[index]]), besides: others)
    }

    private static func originals(_ folder: String, _ layout: ClipLayout) -> [ClipFolder]? {
        func first(_ names: [String]) -> ClipFolder? {
            names.map { ClipFolder(path: ClipFolder.path(folder, $0)) }
                .first { ClipLayout.isFolder($0.path) }
        }
        switch layout {
        case .clips: return [ClipFolder(path: folder)]
        case .vid4:
            guard let found = first(originalNames), !holdsOthers(folder, found) else { return nil }
            return [found]
        case .reds:
            let roots = redsNames.filter { ClipLayout.isFolder(ClipFolder.path(folder, $0)) }
                .map { (ClipFolder.path(folder, $0), $0) }
            guard !roots.isEmpty else { return nil }
            return roots.map { ClipFolder(path: $0.0, prefix: roots.count > 1 ? $0.1 + "/" : "") }
        case .vimeo90k:
            let candidates =
                [first(["sequences"]), first(originalNames), ClipFolder(path: folder)]
                .compactMap { $0 }
            return candidates.first(where: holdsSeptuplets).map { [$0] }
        case .spmcs:
            guard !holdsClips(folder) else { return nil }
            return innerNames.map { ClipFolder(path: folder, inner: $0) }
                .first { candidate in
                    candidate.firstNames(1).contains {
                        holdsPictures(ClipFolder.path(folder, $0, candidate.inner))
                    } && isEverywhere(candidate)
                }
                .map { [$0] }
        }
    }

    /// Whether clips lie beside the originals that are no smaller frames of theirs, to judge by names.
    private static func holdsOthers(_ folder: String, _ originals: ClipFolder) -> Bool {
        let own = (originals.path as NSString).lastPathComponent
        return ((try? FolderListing.entries(of: folder)) ?? []).contains { entry in
            let name = entry.lowercased()
            let isSmaller =
                ["bi", "bd", "lr", "blur", "gauss", "cubic", "low"].contains {
                    name.contains($0)
                } || name.contains(/x[2348]/)
            guard entry != own, !isSmaller else { return false }
            return MediaPath.videoExtensions.contains(
                (entry as NSString).pathExtension.lowercased())
                || holdsPictures(ClipFolder.path(folder, entry))
        }
    }

    /// Whether each folder of clips has the same kind of frames within.
    private static func isEverywhere(_ candidate: ClipFolder) -> Bool {
        ((try? FolderListing.entries(of: candidate.path)) ?? []).allSatisfy { entry in
            let path = ClipFolder.path(candidate.path, entry)
            return !ClipLayout.isFolder(path)
                || ClipLayout.isFolder(ClipFolder.path(path, candidate.inner))
                || ClipFolder(path: path).firstNames(1).isEmpty
        }
    }

    private static func holdsSeptuplets(_ folder: ClipFolder) -> Bool {
        guard let name = folder.firstNames(1).first,
            name.wholeMatch(of: /\d{5}\/\d{4}/) != nil
        else { return false }
        let first = ClipFolder.path(folder.path, name, "im1.png")
        return FileManager.default.fileExists(atPath: first)
    }

    private static func holdsPictures(_ folder: String) -> Bool {
        !((try? ImageSequenceReader.pictures(in: folder)) ?? []).isEmpty
    }

    /// Whether videos, pictures or folders of pictures lie in the folder itself.
    private static func holdsClips(_ folder: String) -> Bool {
        if !ClipLayout.isFolder(folder) || holdsPictures(folder) { return true }
        let entries = (try? FolderListing.entries(of: folder)) ?? []
        return entries.contains { entry in
            holdsPictures(ClipFolder.path(folder, entry))
                || MediaPath.videoExtensions.contains(
                    (entry as NSString).pathExtension.lowercased())
        }
    }
}
