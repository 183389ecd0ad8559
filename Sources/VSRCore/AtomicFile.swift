import Foundation

/// Files that appear whole or not at all.
public enum AtomicFile {
    /// Writes a file through a temporary neighbor, whose path `body` gets.
    ///
    /// Only if it returns is the file flushed to disk and renamed to `path`. On any error the
    /// temporary is removed and whatever was at `path` stays as it was.
    ///
    /// - Parameter path: The file to appear; its folder is made if missing.
    /// - Throws: `io` naming `path`, or what `body` throws.
    public static func write<Result>(
        to path: String, _ body: (_ temporaryPath: String) throws -> Result
    ) throws -> Result {
        let pending = try PendingFile(path)
        do {
            let result = try body(pending.temporaryPath)
            try pending.commit()
            return result
        } catch {
            pending.discard()
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
}
