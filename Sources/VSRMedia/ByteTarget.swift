import Foundation
import VSRCore

/// Where bytes go one after the other: a file that appears when it is finished, a pipe, or standard
/// output.
final class ByteTarget {
    private let name: String
    private let descriptor: Int32
    private let isOwned: Bool
    private let pending: PendingFile?
    private let cancellation: Cancellation?
    private var isOpen = true

    /// What a pipe takes at once when it takes anything.
    private static let chunk = 4096
    /// Milliseconds between two looks at the cancellation.
    private static let interval: Int32 = 50

    /// - Throws: `io` if it cannot be written, `cancelled` while a pipe waits for its reader.
    init(_ path: String, _ cancellation: Cancellation?) throws {
        name = path
        self.cancellation = cancellation
        isOwned = true
        var status = stat()
        if stat(path, &status) == 0, [S_IFIFO, S_IFCHR].contains(status.st_mode & S_IFMT) {
            pending = nil
            descriptor = try Self.openPipe(path, cancellation)
        } else {
            let pending = try PendingFile(path)
            self.pending = pending
            descriptor = open(pending.temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        }
        guard descriptor >= 0 else { throw failure() }
    }

    /// - Throws: `invalidArgument` if standard output is closed or a terminal.
    init(standardOutput cancellation: Cancellation?) throws {
        name = "standard output"
        self.cancellation = cancellation
        isOwned = false
        pending = nil
        descriptor = STDOUT_FILENO
        let isClosed =
            StandardStream.closedDescriptors.contains(STDOUT_FILENO)
            || fcntl(STDOUT_FILENO, F_GETFD) == -1
        guard !isClosed, isatty(STDOUT_FILENO) == 0 else {
            throw VSRError(
                .invalidArgument,
                "standard output is \(isClosed ? "closed" : "a terminal"), which takes no video: let "
                    + "another program read it, or name a file")
        }
    }

    /// Opens a pipe as soon as somebody reads from it.
    private static func openPipe(_ path: String, _ cancellation: Cancellation?) throws -> Int32 {
        while true {
            let descriptor = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
            if descriptor >= 0 || errno != ENXIO { return descriptor }
            try cancellation?.check()
            usleep(UInt32(interval) * 1000)
        }
    }

    /// - Throws: `io` where the disk is full or nobody reads any more, `cancelled`.
    func write(_ bytes: [UInt8]) throws {
        var start = 0
        while start < bytes.count {
            var end = bytes.count
            if pending == nil {
                try waitUntilWritable()
                end = min(start + Self.chunk, end)
            }
            let count = bytes[start..<end].withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress, $0.count)
            }
            if count >= 0 {
                start += count
            } else if errno != EINTR, errno != EAGAIN {
                throw failure()
            }
        }
    }

    /// Waits until a chunk can be written without waiting.
    private func waitUntilWritable() throws {
        while true {
            try cancellation?.check()
            var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            if poll(&entry, 1, Self.interval) > 0 { return }
        }
    }

    /// Makes the file appear.
    func finish() throws {
        guard isOpen else { return }
        isOpen = false
        if isOwned, close(descriptor) != 0 {
            let error = failure()
            pending?.discard()
            throw error
        }
        try pending?.commit()
    }

    func discard() {
        guard isOpen else { return }
        isOpen = false
        if isOwned { close(descriptor) }
        pending?.discard()
    }

    private func failure() -> VSRError {
        let reason =
            errno == EPIPE ? "its reader has gone" : String(cString: strerror(errno))
        return VSRError(.io, "cannot write \(name): \(reason)")
    }

    deinit { discard() }
}
