import Foundation
import VSRCore
import VSRMedia

/// A folder of clips: `<clip>`, or `<clip>/truth` where each clip has its kinds of frames in it.
struct ClipFolder: Sendable, Equatable {
    /// The folder that holds the clips.
    let path: String
    /// The folder in each clip's folder that holds the frames.
    var inner: String?
    /// What precedes the names of its clips: `train_sharp/`, where there are several such folders.
    var prefix = ""

    /// All clips in natural order of their names.
    ///
    /// - Throws: `notFound` without the folder.
    func clips() throws -> [ClipSource] {
        guard let inner else {
            return try ClipLayout.sources(at: path).map { named(prefix + $0.name, $0.location) }
        }
        return try FolderListing.entries(of: path).compactMap { name in
            let folder = Self.path(path, name, inner)
            let isClip = try ClipLayout.isFolder(folder) && holdsPictures(folder)
            return isClip ? named(prefix + name, folder) : nil
        }
    }

    /// Where the clip lies that is called `name`, without the prefix; `nil` if there is none.
    ///
    /// - Parameter only: The name of the only clip of a data set that is a single folder of
    ///   pictures.
    func location(of name: String, only: String? = nil) -> String? {
        let place = Self.path(path, name, inner)
        if ClipLayout.isFolder(place) { return place }
        if inner == nil {
            if FileManager.default.fileExists(atPath: place) { return place }
            let video = MediaPath.videoExtensions.sorted().map { "\(place).\($0)" }
                .first { FileManager.default.fileExists(atPath: $0) }
            if let video { return video }
            if name == only, (try? holdsPictures(path)) == true { return path }
        }
        return nil
    }

    /// Names of the first clips, found without looking through all of them.
    func firstNames(_ count: Int) -> [String] {
        var names: [String] = []
        func search(_ folder: String, _ name: String, _ depth: Int) {
            guard names.count < count, depth < 8 else { return }
            let entries = (try? FolderListing.entries(of: folder)) ?? []
            for entry in entries {
                guard names.count < count else { return }
                let path = Self.path(folder, entry)
                if let inner {
                    if ClipLayout.isFolder(Self.path(path, inner)) { names.append(entry) }
                } else if ClipLayout.isFolder(path) {
                    if (try? holdsPictures(path)) == true {
                        names.append(name + entry)
                    } else {
                        search(path, name + entry + "/", depth + 1)
                    }
                } else if MediaPath.videoExtensions.contains(
                    (entry as NSString).pathExtension.lowercased())
                {
                    names.append(name + (entry as NSString).deletingPathExtension)
                }
            }
        }
        if inner == nil, (try? holdsPictures(path)) == true {
            return [(path as NSString).lastPathComponent]
        }
        search(path, "", 0)
        return names
    }

    private func named(_ name: String, _ location: String) -> ClipSource {
        .media(location, name: name)
    }

    private func holdsPictures(_ folder: String) throws -> Bool {
        try !ImageSequenceReader.pictures(in: folder).isEmpty
    }

    /// Path components joined, without those that are `nil`.
    static func path(_ parts: String?...) -> String {
        parts.compactMap { $0 }.reduce("") {
            $0.isEmpty ? $1 : ($0 as NSString).appendingPathComponent($1)
        }
    }
}
