import Foundation

/// What is asked before a file that a user named is written.
public struct OutputCheck: Sendable {
    /// Whether a file that is there may be replaced.
    public var replaces = false
    /// Whether folders that are missing may be made.
    public var makesFolders = false

    public init(replaces: Bool = false, makesFolders: Bool = false) {
        self.replaces = replaces
        self.makesFolders = makesFolders
    }

    /// Checks that `path` can be written without loss and that its folder is there.
    ///
    /// Folders at `path` are left to those who write them: they are never replaced. Pipes and
    /// devices hold nothing that could be lost.
    ///
    /// - Throws: `invalidArgument` if it would replace a file, `notFound` without its folder.
    public func check(_ path: String) throws {
        let url = URL(fileURLWithPath: path)
        if !replaces, Self.kind(of: path, followsLinks: false).map(Self.losesContent) ?? false {
            throw VSRError(
                .invalidArgument,
                "\(path) exists: give another name, or --overwrite to replace it")
        }
        let folder = url.deletingLastPathComponent().path
        guard let kind = Self.kind(of: folder, followsLinks: true) else {
            if makesFolders { return }
            throw VSRError(
                .notFound,
                "there is no folder \(folder) for \(path): make it, correct the name, or give "
                    + "--make-folders")
        }
        guard kind == S_IFDIR else {
            throw VSRError(
                .invalidArgument, "\(folder) is no folder, so that \(path) cannot be in it")
        }
    }

    /// The kind of what lies at a path, as a constant `S_IF…`; `nil` if nothing does.
    private static func kind(of path: String, followsLinks: Bool) -> mode_t? {
        var status = stat()
        guard (followsLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
        return status.st_mode & S_IFMT
    }

    private static func losesContent(_ kind: mode_t) -> Bool { kind == S_IFREG || kind == S_IFLNK }
}
