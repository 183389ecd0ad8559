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
/// follows a `#` at the start of a line or after a space is a comment. BasicSR's lines
/// `000 100 (720,1280,3)` are understood, of which only the path counts.
public struct ClipList: Sendable {
    /// A line that names a clip.
    public struct Entry: Sendable, Equatable {
        public let path: String
        /// Counted from 1.
        public let line: Int
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
        entries = try text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated().compactMap { index, line in
                guard let path = Self.path(in: line) else { return nil }
                if let first = lines[path] {
                    throw VSRError(
                        .invalidArgument,
                        "\(file) names the clip \(path) in line \(first) and again in line "
                            + "\(index + 1): remove one of them")
                }
                lines[path] = index + 1
                return Entry(path: path, line: index + 1)
            }
        guard !entries.isEmpty else {
            throw VSRError(
                .invalidArgument, "the list \(file) names no clips: write one path per line")
        }
    }

    private static func path(in line: Substring) -> String? {
        let comment = line.indices.first { index in
            line[index] == "#"
                && (index == line.startIndex || line[line.index(before: index)].isWhitespace)
        }
        let text = line[..<(comment ?? line.endIndex)].trimmingCharacters(in: .whitespaces)
        let path =
            if let match = text.wholeMatch(of: /(\S+)\s+\d+\s+\(\d+,\s*\d+,\s*\d+\)/) {
                String(match.1)
            } else {
                text
            }
        let trimmed = path.hasSuffix("/") ? String(path.dropLast()) : path
        return trimmed.isEmpty ? nil : trimmed
    }

    /// The clips that are listed, in the data set at `folder`; none is opened.
    ///
    /// - Throws: `notFound` naming the line whose clip is missing.
    func sources(in folder: String) throws -> [ClipSource] {
        try entries.map { entry in
            let path = (folder as NSString).appendingPathComponent(entry.path)
            if ClipLayout.isFolder(path) { return .media(path, name: entry.path) }
            let name = (entry.path as NSString).deletingPathExtension
            if FileManager.default.fileExists(atPath: path) { return .media(path, name: name) }
            let video = MediaPath.videoExtensions.sorted().map { "\(path).\($0)" }
                .first { FileManager.default.fileExists(atPath: $0) }
            guard let video else {
                throw VSRError(
                    .notFound,
                    "\(file) names the clip \(entry.path) in line \(entry.line), but \(folder) has "
                        + "none: correct the line or the folder")
            }
            return .media(video, name: entry.path)
        }
    }
}
