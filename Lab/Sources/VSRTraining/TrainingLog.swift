import Foundation
import VSRCore

/// A run's log: one JSON object per line, each with its iteration.
final class TrainingLog {
    private let path: String
    private let handle: FileHandle

    /// Opens the log at `path`, of which only lines up to `iteration` are kept: those after it are
    /// written again by the resumed run.
    init(path: String, keepingUpTo iteration: Int) throws {
        self.path = path
        let old = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let lines = old.split(separator: "\n").filter { line in
            let entry = try? JSONDecoder().decode(Entry.self, from: Data(line.utf8))
            return entry.map { $0.iteration <= iteration } ?? false
        }
        let text = iteration > 0 ? lines.map { $0 + "\n" }.joined() : ""
        try AtomicFile.write(Data(text.utf8), to: path)
        guard let handle = FileHandle(forWritingAtPath: path) else {
            throw VSRError(.io, "cannot write the log \(path): check the folder's permissions")
        }
        self.handle = handle
        _ = try handle.seekToEnd()
    }

    deinit { try? handle.close() }

    private struct Entry: Decodable { var iteration: Int }

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
