import Foundation
import VSRCore

/// The checkpoints of a run: the newest few, one file each.
struct CheckpointFolder {
    let path: String
    /// Newest checkpoints that are kept.
    let kept: Int

    private static let suffix = ".checkpoint"

    /// Whether there is no checkpoint, as far as can be told.
    var isEmpty: Bool { ((try? names()) ?? []).isEmpty }

    /// Writes a checkpoint, then removes those that are too old to be kept.
    func save(_ checkpoint: Checkpoint) throws {
        let name = String(format: "%09d", checkpoint.iteration) + Self.suffix
        try CheckpointFile.write(checkpoint, to: "\(path)/\(name)")
        // The checkpoint is safe; tidying up ends no training.
        for old in ((try? names()) ?? []).dropLast(kept) {
            try? FileManager.default.removeItem(atPath: "\(path)/\(old)")
        }
        removeTemporaries()
    }

    /// The newest checkpoint that is whole, or `nil` if there is none at all.
    ///
    /// - Parameter skipped: Called with the reason for each newer one that is not whole.
    /// - Throws: `corruptData` if there are checkpoints, but none is whole; `io` if the folder
    ///   cannot be read.
    func newest(skipped: (VSRError) -> Void) throws -> Checkpoint? {
        let names = try names()
        var reasons: [VSRError] = []
        for name in names.reversed() {
            do {
                let found = try CheckpointFile.read("\(path)/\(name)")
                reasons.forEach(skipped)
                return found
            } catch let error as VSRError {
                reasons.append(error)
            }
        }
        guard let newest = reasons.first else { return nil }
        throw VSRError(
            .corruptData,
            "none of the \(names.count) checkpoints in \(path) can be read (\(newest.message)): "
                + "set another output, or move the folder away to start from the beginning",
            cause: newest)
    }

    /// File names, oldest first; none where the folder is missing.
    private func names() throws -> [String] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
                .filter { $0.hasSuffix(Self.suffix) && !$0.hasPrefix(".") }.sorted()
        } catch {
            throw VSRError(
                .io, "cannot read the folder \(path): check its permissions, or set another output",
                cause: error)
        }
    }

    /// Removes what a killed run left half written.
    func removeTemporaries() {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for entry in entries where entry.hasPrefix(".") && entry.hasSuffix(Self.suffix) {
            try? FileManager.default.removeItem(atPath: "\(path)/\(entry)")
        }
    }
}
