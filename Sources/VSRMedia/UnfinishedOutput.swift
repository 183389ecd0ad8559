import Foundation
import VSRCore
import VSRImaging

/// What a run has finished of a video, so that another run can go on when it is stopped: a folder
/// beside the output, with whole parts of the video, which play, and what comes after them depends on.
///
/// Everything in it appears whole or not at all. The folder is made with the first part, and removed
/// with the last.
public final class UnfinishedOutput {
    /// Where a run has come to.
    public struct Place: Sendable, Codable, Equatable {
        /// Frames that have been written.
        public var written: Int
        /// Frames that have been given to the network.
        public var pushed: Int
        /// Whether no frame follows.
        public var isEnd: Bool

        public init(written: Int, pushed: Int, isEnd: Bool = false) {
            self.written = written
            self.pushed = pushed
            self.isEnd = isEnd
        }
    }

    /// A stretch of the video in a file of its own.
    struct Part: Codable, Equatable {
        var file: String
        var bytes: Int
        var frames: Int
    }

    /// When each of a part's frames is shown and for how long, in the order of packets, in ticks.
    struct Times: Codable, Equatable {
        var starts: [Int64] = []
        var durations: [Int64] = []
    }

    private struct Record: Codable {
        var version = 1
        /// What the frames depend on, by names for people.
        var settings: [String: String]
        var parts: [Part] = []
        var place = Place(written: 0, pushed: 0)
        var states: String?
        /// Whether a file in the output's place may be replaced.
        var replaces: Bool
    }

    /// What is done with what an earlier run has left.
    public enum Beginning: Sendable {
        /// Refuses where there is something.
        case new
        /// Removes it.
        case replacing
        /// Goes on with it, or begins where there is nothing; refused for outputs that have no parts.
        case resuming
        /// The same, but outputs without parts begin too.
        case continuing
    }

    /// Beside the output.
    public let folder: String
    private let output: String
    private var record: Record
    private var lock: Int32 = -1

    private static let recordName = "run.json"
    private static let lockName = "lock"
    /// What the lock holds, by which the folder is known.
    private static let mark = "slimvsr upscale\n"
    /// Whether what an earlier run has left goes with the first part.
    private var clearsFirst = false

    /// The folder of an output.
    public static func folder(of output: String) -> String {
        var path = output
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path + ".unfinished"
    }

    /// - Parameters:
    ///   - settings: All that decides on the frames; a run goes on only if none has changed.
    ///   - replaces: Whether a file in the output's place may be replaced, by runs that go on too.
    /// - Throws: `invalidArgument` where there is something and it is to be neither replaced nor gone
    ///   on with, where another process works on it, or where `settings` differ; `corruptData` where
    ///   it is damaged.
    public init(
        of output: String, settings: [String: String], _ beginning: Beginning,
        replaces: Bool = false
    ) throws {
        self.output = output
        folder = Self.folder(of: output)
        record = Record(settings: settings, replaces: replaces)
        guard FileManager.default.fileExists(atPath: folder) else { return }
        guard Self.isOwn(folder) else {
            throw VSRError(
                .invalidArgument,
                "\(folder) is in the way and not of this program: move it, or name another output")
        }
        let path = "\(folder)/\(Self.recordName)"
        // A run may have been stopped before its first part was finished.
        let hasParts = FileManager.default.fileExists(atPath: path)
        guard beginning != .new || !hasParts else {
            throw VSRError(
                .invalidArgument,
                "\(folder) holds what a stopped run has finished: --resume goes on from there, "
                    + "--overwrite begins anew")
        }
        try takeLock()
        guard beginning != .replacing, hasParts else {
            clearsFirst = true
            return
        }
        record = try Self.record(at: path)
        try Self.check(record.settings, settings, folder)
        try checkParts()
        record.replaces = record.replaces || replaces
        removeAllElse()
    }

    /// Whether a stopped run of an output was allowed to replace the file in its place.
    public static func mayReplace(_ output: String) -> Bool {
        let folder = folder(of: output)
        return isOwn(folder) && (try? record(at: "\(folder)/\(recordName)"))?.replaces == true
    }

    private static func isOwn(_ folder: String) -> Bool {
        let data = FileManager.default.contents(atPath: "\(folder)/\(lockName)")
        return data == Data(mark.utf8)
    }

    private static func record(at path: String) throws -> Record {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw VSRError(.io, "cannot read \(path)", cause: error)
        }
        guard let found = try? JSONDecoder().decode(Record.self, from: data), found.version == 1
        else {
            throw VSRError(
                .corruptData,
                "\(path) is damaged or of another version: --overwrite begins anew")
        }
        return found
    }

    deinit { unlock() }

    /// Where the last part ends; `nil` before the first.
    public var place: Place? { record.parts.isEmpty ? nil : record.place }

    var parts: [Part] { record.parts }

    /// - Throws: `corruptData` where they are damaged.
    public func states() throws -> CarriedStates {
        guard let name = record.states else { return CarriedStates() }
        let path = "\(folder)/\(name)"
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw VSRError(.corruptData, "cannot read \(path): --overwrite begins anew")
        }
        return try CarriedStates(data: data, of: path)
    }

    /// Where the next part is to be written.
    ///
    /// - Throws: `io` if the folder cannot be made, `invalidArgument` if another process works there.
    func nextPart() throws -> String {
        if lock < 0 {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true)
            } catch {
                throw VSRError(.io, "cannot make the folder \(folder)", cause: error)
            }
            try takeLock()
        }
        if clearsFirst {
            clearsFirst = false
            try? FileManager.default.removeItem(atPath: "\(folder)/\(Self.recordName)")
            removeAllElse()
        }
        return path(ofPart: record.parts.count + 1)
    }

    func path(of part: Part) -> String { "\(folder)/\(part.file)" }

    /// - Throws: `corruptData` where the file is damaged.
    func times(of part: Part) throws -> Times {
        let path = Self.timesPath(path(of: part))
        let bounds = -(Int64(1) << 60)..<Int64(1) << 60
        guard let data = FileManager.default.contents(atPath: path),
            let times = try? JSONDecoder().decode(Times.self, from: data),
            times.starts.count == part.frames, times.durations.count == part.frames,
            times.starts.allSatisfy(bounds.contains), times.durations.allSatisfy(bounds.contains)
        else {
            throw VSRError(
                .corruptData, "\(path) is missing or was changed: --overwrite begins anew")
        }
        return times
    }

    /// Beside the part.
    private static func timesPath(_ part: String) -> String {
        (part as NSString).deletingPathExtension + ".times"
    }

    private func path(ofPart number: Int) -> String {
        let digits = String(number)
        return
            "\(folder)/part-\(String(repeating: "0", count: max(4 - digits.count, 0)))\(digits).mkv"
    }

    /// Takes over the part that was written last, after which the run can go on at `place`.
    func add(_ times: Times, at place: Place, _ states: CarriedStates) throws {
        let path = path(ofPart: record.parts.count + 1)
        var next = record
        next.parts.append(
            Part(
                file: (path as NSString).lastPathComponent, bytes: Self.size(of: path) ?? 0,
                frames: times.starts.count))
        next.place = place
        next.states = "states-\(next.parts.count)"
        try AtomicFile.write(try JSONEncoder().encode(times), to: Self.timesPath(path))
        try AtomicFile.write(to: "\(folder)/\(next.states ?? "")") { try states.write(to: $0) }
        try AtomicFile.write(try JSONEncoder().encode(next), to: "\(folder)/\(Self.recordName)")
        if let old = record.states {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(old)")
        }
        record = next
    }

    /// Removes the folder: the output is there.
    func remove() {
        guard lock >= 0 else { return }
        record.parts = []
        record.states = nil
        try? FileManager.default.removeItem(atPath: "\(folder)/\(Self.recordName)")
        removeAllElse()
        try? FileManager.default.removeItem(atPath: "\(folder)/\(Self.lockName)")
        // What others have put there stays.
        rmdir(folder)
        unlock()
    }

    /// Removes the folder if nothing in it is of use.
    func removeIfEmpty() {
        if record.parts.isEmpty { remove() }
    }

    private func takeLock() throws {
        let path = "\(folder)/\(Self.lockName)"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw VSRError(.io, "cannot write \(path): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw VSRError(.invalidArgument, "another process is at work on \(output)")
        }
        let mark = Array(Self.mark.utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, mark, mark.count, 0) == mark.count
        else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw VSRError(.io, "cannot write \(path): \(reason)")
        }
        lock = descriptor
    }

    private func unlock() {
        guard lock >= 0 else { return }
        close(lock)
        lock = -1
    }

    private static func check(
        _ found: [String: String], _ wanted: [String: String], _ folder: String
    ) throws {
        let changed = Set(found.keys).union(wanted.keys).filter { found[$0] != wanted[$0] }.sorted()
        guard let name = changed.first else { return }
        let others =
            changed.count > 1 ? " (and \(changed.dropFirst().joined(separator: ", ")))" : ""
        throw VSRError(
            .invalidArgument,
            "\(folder) was begun with another \(name)\(others): it had \(found[name] ?? "none"), now "
                + "it is \(wanted[name] ?? "none"); restore that, or begin anew with --overwrite")
    }

    private func checkParts() throws {
        for (index, part) in record.parts.enumerated() {
            let path = path(ofPart: index + 1)
            guard part.file == (path as NSString).lastPathComponent,
                Self.size(of: path) == part.bytes, part.frames > 0
            else {
                throw VSRError(
                    .corruptData, "\(path) is missing or was changed: --overwrite begins anew")
            }
            _ = try times(of: part)
        }
        guard record.states == "states-\(record.parts.count)", !record.parts.isEmpty else {
            throw VSRError(
                .corruptData,
                "\(folder)/\(Self.recordName) is damaged: --overwrite begins anew")
        }
    }

    private static func size(of path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// Removes parts and states that are no longer of use, and what killed runs left half written; what
    /// is not of this program stays.
    private func removeAllElse() {
        let files = record.parts.map(\.file)
        let kept = Set(files + files.map(Self.timesPath) + [record.states].compactMap { $0 })
        let own = ["part-", "states-", ".part-", ".states-", ".run."]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        where !kept.contains(name) && own.contains(where: name.hasPrefix) {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }
}
