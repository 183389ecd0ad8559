import Foundation
import VSRCore

/// The checkpoints of a run: the newest few, one file each.
struct CheckpointFolder {
    let path: String
    /// Newest checkpoints that are kept.
    let kept: Int

    private static let suffix = ".checkpoint"

    /// Writes a checkpoint, then removes those that are too old to be kept.
    func save(_ checkpoint: Checkpoint) throws {
        let name = String(format: "%09d", checkpoint.iteration) + Self.suffix
        try CheckpointFile.write(checkpoint, to: "\(path)/\(name)")
        for old in names().dropLast(kept) {
            try? FileManager.default.removeItem(atPath: "\(path)/\(old)")
        }
        removeTemporaries()
    }

    /// The newest checkpoint that is whole, or `nil` if there is none at all.
    ///
    /// - Parameter skipped: Called with the reason for each newer one that is not whole.
    /// - Throws: `corruptData` if there are checkpoints, but none is whole.
    func newest(skipped: (VSRError) -> Void) throws -> Checkpoint? {
        var last: VSRError?
        for name in names().reversed() {
            do {
                return try CheckpointFile.read("\(path)/\(name)")
            } catch let error as VSRError {
                skipped(error)
                last = error
            }
        }
        if let last { throw last }
        return nil
    }

    /// File names, oldest first.
    private func names() -> [String] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return entries.filter { $0.hasSuffix(Self.suffix) && !$0.hasPrefix(".") }.sorted()
    }

    /// Removes what a killed run left half written.
    private func removeTemporaries() {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for entry in entries where entry.hasPrefix(".") && entry.hasSuffix(Self.suffix) {
            try? FileManager.default.removeItem(atPath: "\(path)/\(entry)")
        }
    }
}
