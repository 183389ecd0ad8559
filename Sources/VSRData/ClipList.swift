import Foundation
import VSRCore
import VSRMedia

/// Which clips of a data set are meant.
public struct ClipSelection: Sendable, Equatable {
    /// A file that lists the clips, see ``ClipList``; all if left out.
    public var list: String?
    /// Only these, or those in these folders, in this order; all if left out.
    public var names: [String]?
    /// Clips that are left out, or folders of clips.
    public var excluded: [String]

    public init(list: String? = nil, names: [String]? = nil, excluded: [String] = []) {
        self.list = list
        self.names = names
        self.excluded = excluded
    }
}

/// A file with the path of one clip per line, as data sets publish their splits.
///
/// Paths are relative to the data set's folder; videos may be named without their extension. What
/// follows a `#` at the start of a line or after a space is a comment. Of lines of BasicSR and
/// mmagic, `000 100 (720,1280,3)`, `00001/0266 (256, 448, 3)` and `calendar 41`, only the path
/// counts; lines `000/00000000.png (720, 1280, 3)`, one per picture, name their folder once.
public struct ClipList: Sendable {
    /// A line that names a clip.
    public struct Entry: Sendable, Equatable {
        public let path: String
        /// Counted from 1.
        public let line: Int

        /// The path without the number of frames that may follow it.
        var pathBeforeCount: String? {
            path.wholeMatch(of: /(.*\S)\s+\d+/).map { String($0.1) }
        }
    }

    public let entries: [Entry]
    private let file: String

    /// Reads the list in `file`.
    ///
    /// - Throws: `notFound` if it cannot be read as text, `invalidArgument` if it names no clip or one
    ///   of them twice.
    public init(_ file: String) throws {
        self.file = file
        let text: String
        do {
            text = try String(contentsOfFile: file, encoding: .utf8)
        } catch {
            throw VSRError(.notFound, "cannot read the list of clips \(file)", cause: error)
        }
        var lines: [String: Int] = [:]
        // Folders that were named by their pictures, whose next pictures say nothing new.
        var byPictures: Set<String> = []
        entries = try text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated().compactMap { index, line in
                guard let (path, isOfPicture) = Self.path(in: line) else { return nil }
                if isOfPicture, byPictures.contains(path) { return nil }
                if let first = lines[path] {
                    throw VSRError(
                        .invalidArgument,
                        "\(file) names the clip \(path) in line \(first) and again in line "
                            + "\(index + 1): remove one of them")
                }
                lines[path] = index + 1
                if isOfPicture { byPictures.insert(path) }
                return Entry(path: path, line: index + 1)
            }
        guard !entries.isEmpty else {
            throw VSRError(
                .invalidArgument, "the list \(file) names no clips: write one path per line")
        }
    }

    /// The path that a line names, and whether it is that of the folder of a picture named.
    private static func path(in line: Substring) -> (path: String, isOfPicture: Bool)? {
        let comment = line.indices.first { index in
            line[index] == "#"
                && (index == line.startIndex || line[line.index(before: index)].isWhitespace)
        }
        let text = line[..<(comment ?? line.endIndex)].trimmingCharacters(in: .whitespaces)
        let match = text.wholeMatch(of: /(\S+)(?:\s+\d+)?\s+\(\d+,\s*\d+,\s*\d+\)/)
        let path = match.map { String($0.1) } ?? text
        if match != nil, ImageFile.isImage(path), let slash = path.lastIndex(of: "/"),
            slash > path.startIndex
        {
            return (String(path[..<slash]), true)
        }
        let trimmed = path.hasSuffix("/") ? String(path.dropLast()) : path
        return trimmed.isEmpty ? nil : (trimmed, false)
    }

    /// What `find` makes of every clip that is listed.
    ///
    /// - Parameter folder: What messages call the place where clips are looked for.
    /// - Throws: `notFound` naming the line whose clip is missing.
    func clips<Clip>(in folder: String, find: (String) -> Clip?) throws -> [Clip] {
        try entries.map { entry in
            guard let clip = find(entry.path) ?? entry.pathBeforeCount.flatMap(find) else {
                throw VSRError(
                    .notFound,
                    "\(file) names the clip \(entry.path) in line \(entry.line), but \(folder) has "
                        + "none: correct the line or the folder")
            }
            return clip
        }
    }
}
