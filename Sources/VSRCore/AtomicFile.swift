import Foundation

/// Files that appear whole or not at all.
public enum AtomicFile {
    /// Writes through a temporary neighbour: `body` gets its path, and only if it returns is the
    /// file flushed to disk and renamed to `path`. On any error the temporary is removed and
    /// whatever was at `path` stays as it was.
    ///
    /// - Parameter path: The file to appear; its folder is made if missing.
    /// - Throws: `io` naming `path`, or what `body` throws.
    public static func write<Result>(
        to path: String, _ body: (_ temporaryPath: String) throws -> Result
    ) throws -> Result {
        let url = URL(fileURLWithPath: path)
        let folder = url.deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw VSRError(
                .io, "cannot make the folder \(folder.path) for \(path): check its permissions",
                cause: error)
        }
        // The extension stays last, since writers choose formats by it.
        let name = ".\(url.deletingPathExtension().lastPathComponent).\(getpid())-\(UInt32.random(in: 0 ... .max))"
        var temporary = folder.appendingPathComponent(name)
        if !url.pathExtension.isEmpty { temporary.appendPathExtension(url.pathExtension) }
        do {
            let result = try body(temporary.path)
            try flush(temporary.path, for: path)
            guard rename(temporary.path, path) == 0 else {
                throw VSRError(.io, "cannot write \(path): \(String(cString: strerror(errno)))")
            }
            return result
        } catch {
            unlink(temporary.path)
            throw error
        }
    }

    /// Writes `data` to `path`, whole or not at all.
    public static func write(_ data: Data, to path: String) throws {
        try write(to: path) { temporary in
            do {
                try data.write(to: URL(fileURLWithPath: temporary))
            } catch {
                throw VSRError(
                    .io, "cannot write \(path): the disk may be full or the folder read-only",
                    cause: error)
            }
        }
    }

    private static func flush(_ temporary: String, for path: String) throws {
        let descriptor = open(temporary, O_RDONLY)
        guard descriptor >= 0 else {
            throw VSRError(.io, "cannot write \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw VSRError(.io, "cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }
}
