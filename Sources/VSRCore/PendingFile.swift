import Foundation

/// A file or folder in the making: work goes to ``temporaryPath``, ``commit()`` makes it appear.
///
/// For writers that live longer than one call; ``AtomicFile`` is the short form. Let go without a
/// commit, it leaves nothing behind, and whatever was at the path stays as it was.
public final class PendingFile {
    /// Where the file is to appear.
    public let path: String

    /// A hidden neighbor of ``path`` with the same extension, since writers choose formats by it.
    public let temporaryPath: String
    private var isOpen = true

    /// Makes the folder of `path` if missing; creates nothing else.
    ///
    /// - Throws: `io` if the folder cannot be made, `invalidArgument` where a pipe or a device lies at
    ///   `path`, which a file would take the place of.
    public init(_ path: String) throws {
        var status = stat()
        if stat(path, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) {
            throw VSRError(
                .invalidArgument,
                "\(path) is a pipe or a device, which a finished file cannot go to: name a file")
        }
        let url = URL(fileURLWithPath: path)
        let folder = url.deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw VSRError(
                .io, "cannot make the folder \(folder.path) for \(path): check its permissions",
                cause: error)
        }
        let stem = url.deletingPathExtension().lastPathComponent
        let name = ".\(stem).\(getpid())-\(UInt32.random(in: 0 ... .max))"
        var temporary = folder.appendingPathComponent(name)
        if !url.pathExtension.isEmpty { temporary.appendPathExtension(url.pathExtension) }
        self.path = path
        temporaryPath = temporary.path
    }

    deinit { discard() }

    /// Flushes what lies at ``temporaryPath`` to disk and renames it to ``path``.
    ///
    /// - Throws: `io` naming the path; the temporary is then gone.
    public func commit() throws {
        guard isOpen else { return }
        do {
            try flush()
            guard rename(temporaryPath, path) == 0 else { throw failure() }
            isOpen = false
        } catch {
            discard()
            throw error
        }
    }

    /// Removes the temporary; harmless after ``commit()``.
    public func discard() {
        guard isOpen else { return }
        isOpen = false
        // Folders as well; what was never created is no failure.
        try? FileManager.default.removeItem(atPath: temporaryPath)
    }

    private func flush() throws {
        let descriptor = open(temporaryPath, O_RDONLY)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure() }
    }

    private func failure() -> VSRError {
        VSRError(.io, "cannot write \(path): \(String(cString: strerror(errno)))")
    }
}
