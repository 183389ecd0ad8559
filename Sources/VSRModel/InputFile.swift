import Foundation
import VSRCore

/// A file opened for reading at any offset.
///
/// Read with calls rather than mapped: a mapped file that another process cuts short kills the
/// reader.
final class InputFile {
    let path: String
    /// In bytes, when it was opened.
    let size: Int
    private let descriptor: Int32

    /// - Throws: `notFound` or `io` naming the path.
    init(path: String) throws {
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw VSRError(
                errno == ENOENT ? .notFound : .io, "cannot read \(path): \(reason)")
        }
        self.path = path
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw VSRError(.io, "cannot read \(path): it is not a regular file")
        }
        size = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// The bytes of `range`.
    ///
    /// - Throws: `corruptData` where the file ends earlier, `io` where reading fails.
    func bytes(_ range: Range<Int>) throws -> [UInt8] {
        guard range.lowerBound >= 0, range.upperBound <= size else {
            throw VSRError(
                .corruptData,
                "\(path) has \(size) bytes where at least \(range.upperBound) belong: it is "
                    + "truncated or no such file")
        }
        return try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while count < range.count {
                let result = pread(
                    descriptor, buffer.baseAddress.map { $0 + count }, range.count - count,
                    off_t(range.lowerBound + count))
                if result < 0, errno == EINTR { continue }
                guard result > 0 else { throw readError(errno: result < 0 ? errno : 0) }
                count += result
            }
        }
    }

    private func readError(errno code: Int32) -> VSRError {
        code == 0
            ? VSRError(.corruptData, "\(path) became shorter while it was read")
            : VSRError(.io, "cannot read \(path): \(String(cString: strerror(code)))")
    }

    /// Hands on the bytes of `range` piece by piece; pieces are multiples of 64 bytes, except the
    /// last.
    func forEachChunk(
        of range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let chunk = 1 << 20
        var start = range.lowerBound
        while start < range.upperBound {
            let end = min(start + chunk, range.upperBound)
            try bytes(start..<end).withUnsafeBytes(body)
            start = end
        }
    }
}
