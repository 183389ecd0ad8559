import Foundation
import VSRCore
import VSRTools

/// A run's log: one JSON object per line, each with its iteration.
final class TrainingLog {
    private let path: String
    private let handle: FileHandle
    private let validated: Set<Int>

    /// Opens the log at `path`, of which only lines up to `iteration` are kept: those after it are
    /// written again by the resumed run.
    init(path: String, keepingUpTo iteration: Int) throws {
        self.path = path
        let old = (try? TrainingLogFile(path: path))?.lines ?? []
        var kept = Data()
        var validated: Set<Int> = []
        for line in old where iteration > 0 {
            guard let entry = line.entry, entry.iteration <= iteration else { continue }
            kept += line.text + Data("\n".utf8)
            if entry.validation != nil { validated.insert(entry.iteration) }
        }
        self.validated = validated
        try AtomicFile.write(kept, to: path)
        guard let handle = FileHandle(forWritingAtPath: path) else {
            throw VSRError(.io, "cannot write the log \(path): check the folder's permissions")
        }
        self.handle = handle
        _ = try handle.seekToEnd()
    }

    deinit { try? handle.close() }

    /// Whether the log, as it was opened, has a validation of this iteration.
    func hasValidation(at iteration: Int) -> Bool { validated.contains(iteration) }

    /// Appends a line.
    func write(_ record: some Encodable) throws {
        let line = try JSONText.data(record, .compact)
        do {
            try handle.write(contentsOf: line)
        } catch {
            throw VSRError(.io, "cannot write the log \(path): the disk may be full", cause: error)
        }
    }
}
