import CLibAV
import Foundation
import Synchronization
import VSRCore

/// What libav reads from a pipe or another descriptor that cannot go back.
///
/// It waits with an eye on a cancellation: a pipe whose other end does nothing never ends.
final class PipeReader {
    let context: UnsafeMutablePointer<AVIOContext>
    private let source: Source

    private static let bufferSize = 65536

    /// Reads a descriptor that stays the caller's.
    init(descriptor: Int32, cancellation: Cancellation?) throws {
        source = Source(descriptor, isOwned: false, cancellation)
        context = try Self.makeContext(source)
    }

    /// Opens a pipe, a socket's or a device's file; a pipe that nobody writes to yet is waited for.
    ///
    /// - Throws: `io` if it cannot be opened.
    init(path: String, cancellation: Cancellation?) throws {
        // Without O_NONBLOCK this would wait for a writer, deaf to a cancellation.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw VSRError(.io, "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        source = Source(descriptor, isOwned: true, cancellation)
        context = try Self.makeContext(source)
    }

    deinit {
        var context: UnsafeMutablePointer<AVIOContext>? = context
        av_free(context?.pointee.buffer)
        avio_context_free(&context)
    }

    private static func makeContext(_ source: Source) throws -> UnsafeMutablePointer<AVIOContext> {
        let buffer = try LibAV.allocated(av_malloc(bufferSize))
        let context = avio_alloc_context(
            buffer.assumingMemoryBound(to: UInt8.self), Int32(bufferSize), 0,
            Unmanaged.passUnretained(source).toOpaque(),
            { opaque, buffer, count in
                guard let opaque, let buffer else { return vsr_av_error_eof }
                let source = Unmanaged<Source>.fromOpaque(opaque).takeUnretainedValue()
                return source.read(into: buffer, count)
            }, nil, nil)
        guard let context else {
            av_free(buffer)
            throw VSRError(.outOfMemory, "no memory left for libav")
        }
        context.pointee.seekable = 0
        return context
    }

    /// Ends waiting for what the pipe gives next; may be called by any thread.
    func stop() { source.stop() }

    private final class Source {
        private let isStopped = Atomic(false)
        private let descriptor: Int32
        private let isOwned: Bool
        private let cancellation: Cancellation?
        /// Milliseconds between two looks at the cancellation.
        private static let interval: Int32 = 50

        init(_ descriptor: Int32, isOwned: Bool, _ cancellation: Cancellation?) {
            self.descriptor = descriptor
            self.isOwned = isOwned
            self.cancellation = cancellation
        }

        deinit { if isOwned { close(descriptor) } }

        func stop() { isStopped.store(true, ordering: .relaxed) }

        func read(into buffer: UnsafeMutablePointer<UInt8>, _ count: Int32) -> Int32 {
            while true {
                if isStopped.load(ordering: .relaxed) || cancellation?.isRequested ?? false {
                    return vsr_av_error_exit
                }
                var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                let status = poll(&entry, 1, Self.interval)
                if status == 0 || (status < 0 && errno == EINTR) { continue }
                let length = Foundation.read(descriptor, buffer, Int(count))
                if length > 0 { return Int32(length) }
                if length == 0 { return vsr_av_error_eof }
                guard errno == EINTR || errno == EAGAIN else { return -errno }
            }
        }
    }
}
