@preconcurrency import Dispatch
import Foundation
import Synchronization
import VSRCore

/// The right to work in a folder, held by one process at a time, on one machine or several that share
/// the file system.
///
/// A lease is a file `lease-N`, made so that only one process can make it. Its holder rewrites it every
/// few seconds. Whoever finds the newest one silent for longer than ``lifetime``, given back, or held
/// by a process of this machine that is gone, makes `lease-N+1`; the former holder, should it still
/// live, sees that at its next beat and stops. Files are compared by the times that the file system
/// gave them, so clocks of machines need not agree.
final class FolderLease: Sendable {
    /// How long a holder may be silent, seconds.
    let lifetime: Double
    let folder: String

    private let number: Int
    private let timer: any DispatchSourceTimer
    private let loss: Mutex<Bool>

    private struct Note: Codable {
        var host: String
        var process: Int32
        var isReleased = false
    }

    private static let prefix = "lease-"

    /// Takes the lease on `folder`, which is made where it is missing.
    ///
    /// - Parameter lost: Called, on another thread, should somebody else have taken over.
    /// - Returns: `nil` where another process holds it.
    /// - Throws: `io` where the folder cannot be written.
    static func take(
        _ folder: String, lifetime: Double = 120, lost: @escaping @Sendable () -> Void = {}
    ) throws -> FolderLease? {
        let files = FileManager.default
        do {
            try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw VSRError(.io, "cannot make the folder \(folder)", cause: error)
        }
        let newest = numbers(in: folder).max() ?? 0
        if newest > 0, try isHeld("\(folder)/\(prefix)\(newest)", in: folder, lifetime) {
            return nil
        }
        let path = "\(folder)/\(prefix)\(newest + 1)"
        let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY, 0o644)
        guard descriptor >= 0 else {
            if errno == EEXIST { return nil }
            throw VSRError(
                .io, "cannot write to the folder \(folder): \(String(cString: strerror(errno)))")
        }
        close(descriptor)
        let lease = FolderLease(folder, newest + 1, lifetime, lost)
        try lease.write(isReleased: false)
        // Older ones have no more to say.
        for number in numbers(in: folder) where number < newest {
            unlink("\(folder)/\(prefix)\(number)")
        }
        return lease
    }

    private init(
        _ folder: String, _ number: Int, _ lifetime: Double, _ lost: @escaping @Sendable () -> Void
    ) {
        (self.folder, self.number, self.lifetime) = (folder, number, lifetime)
        loss = Mutex(false)
        timer = DispatchSource.makeTimerSource(queue: .global())
        timer.schedule(deadline: .now() + lifetime / 6, repeating: lifetime / 6)
        timer.setEventHandler { [weak self] in
            guard let self else { return }
            if self.isLost {
                self.timer.cancel()
                lost()
            } else {
                try? self.write(isReleased: false)
            }
        }
        timer.activate()
    }

    deinit { timer.cancel() }

    /// Whether somebody else has taken over.
    var isLost: Bool {
        loss.withLock { lost in
            if !lost { lost = (Self.numbers(in: folder).max() ?? 0) > number }
            return lost
        }
    }

    /// Lets others have the folder.
    func giveBack() {
        timer.cancel()
        if !isLost { try? write(isReleased: true) }
    }

    /// Whether somebody works in `folder` now, as far as its files tell.
    static func isHeld(_ folder: String, lifetime: Double = 120) -> Bool {
        guard let newest = numbers(in: folder).max() else { return false }
        return (try? isHeld("\(folder)/\(prefix)\(newest)", in: folder, lifetime)) ?? true
    }

    private var path: String { "\(folder)/\(Self.prefix)\(number)" }

    /// Rewrites the file in place: its time becomes the file system's present one.
    private func write(isReleased: Bool) throws {
        let note = Note(
            host: ProcessInfo.processInfo.hostName, process: getpid(), isReleased: isReleased)
        try JSONText.data(note, .compact).write(to: URL(fileURLWithPath: path))
    }

    private static func numbers(in folder: String) -> [Int] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).compactMap {
            $0.hasPrefix(prefix) ? Int($0.dropFirst(prefix.count)) : nil
        }
    }

    private static func isHeld(
        _ path: String, in folder: String, _ lifetime: Double
    ) throws -> Bool {
        if let data = FileManager.default.contents(atPath: path),
            let note = try? JSONDecoder().decode(Note.self, from: data)
        {
            if note.isReleased { return false }
            let isHere = note.host == ProcessInfo.processInfo.hostName
            if isHere, kill(note.process, 0) != 0, errno == ESRCH { return false }
        }
        let probe = "\(folder)/.time-\(UUID().uuidString)"
        try AtomicFile.write(Data(), to: probe)
        defer { unlink(probe) }
        guard let written = time(of: path), let now = time(of: probe) else { return false }
        return now - written < lifetime
    }

    private static func time(of path: String) -> Double? {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        return Double(info.st_mtim.tv_sec) + Double(info.st_mtim.tv_nsec) / 1e9
    }
}
