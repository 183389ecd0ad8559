import CLibAV
import Foundation
import VSRCore

/// The manners of libav's C functions, in one place.
enum LibAV {
    static let endOfFile = vsr_av_error_eof
    static let again = vsr_av_error_again
    static let noTimestamp = vsr_av_no_timestamp

    /// Silences libav's own output on stderr; errors arrive as ``VSRError``.
    static let quiet: Void = DemuxerComplaints.listening

    /// libav's words for a status.
    static func text(_ status: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        av_strerror(status, &buffer, buffer.count)
        return buffer.withUnsafeBufferPointer { pointer in
            pointer.baseAddress.map { String(cString: $0) } ?? ""
        }
    }

    /// - Throws: `outOfMemory`, `notFound`, `corruptData` or `io`, as `status` says, with `message`
    ///   before libav's own words.
    static func check(_ status: Int32, _ message: @autoclosure () -> String) throws {
        guard status < 0 else { return }
        throw VSRError(code(status), "\(message()): \(text(status))")
    }

    static func code(_ status: Int32) -> VSRError.Code {
        switch -status {
        case ENOMEM: .outOfMemory
        case ENOENT: .notFound
        case EIO, ENOSPC, EACCES, EPERM, EROFS, EISDIR, EDQUOT, EFBIG: .io
        default: .corruptData
        }
    }

    /// A pointer that an allocator of libav returned.
    static func allocated<Pointer>(_ pointer: Pointer?) throws -> Pointer {
        guard let pointer else { throw VSRError(.outOfMemory, "no memory left for libav") }
        return pointer
    }

    /// A path that libav takes as a file, whatever it looks like (`http:...`, `concat:...`).
    static func url(_ path: String) -> String { "file:" + path }

    static func name(ofPixelFormat format: AVPixelFormat) -> String {
        av_get_pix_fmt_name(format).map { String(cString: $0) } ?? "unknown"
    }
}

/// Owns one `AVFrame`.
final class AVFrameBox {
    let pointer: UnsafeMutablePointer<AVFrame>

    init() throws { pointer = try LibAV.allocated(av_frame_alloc()) }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = pointer
        av_frame_free(&frame)
    }
}

/// Owns one `AVPacket`.
final class AVPacketBox {
    let pointer: UnsafeMutablePointer<AVPacket>

    init() throws { pointer = try LibAV.allocated(av_packet_alloc()) }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = pointer
        av_packet_free(&packet)
    }
}
