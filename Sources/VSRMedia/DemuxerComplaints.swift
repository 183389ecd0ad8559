import CLibAV
import Foundation
import Synchronization

/// Hears the errors that libav's demuxers only log: parts of a container that they skipped.
enum DemuxerComplaints {
    /// The first complaint in words, and how many there were, by the address of the demuxer.
    private static let heard = Mutex<[UInt: (count: Int, first: String)]>([:])

    /// Begins to listen; nothing of libav's log is printed from then on.
    static let listening: Void = av_log_set_callback { object, level, format, arguments in
        guard level <= AV_LOG_ERROR, let object, let format, let arguments else { return }
        let key = UInt(bitPattern: object)
        DemuxerComplaints.heard.withLock { heard in
            guard var entry = heard[key] else { return }
            if entry.count == 0 {
                var buffer = [CChar](repeating: 0, count: 200)
                vsnprintf(&buffer, buffer.count, format, arguments)
                let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                entry.first = String(decoding: bytes, as: UTF8.self)
                    .trimmingCharacters(in: .whitespacesAndNewlines)
            }
            entry.count += 1
            heard[key] = entry
        }
    }

    static func begin(_ context: UnsafeMutablePointer<AVFormatContext>) {
        _ = listening
        heard.withLock { $0[UInt(bitPattern: context)] = (0, "") }
    }

    static func end(_ context: UnsafeMutablePointer<AVFormatContext>) {
        heard.withLock { $0[UInt(bitPattern: context)] = nil }
    }

    /// What was heard since the last call, if anything.
    static func take(_ context: UnsafeMutablePointer<AVFormatContext>) -> String? {
        heard.withLock { heard in
            let key = UInt(bitPattern: context)
            guard let entry = heard[key], entry.count > 0 else { return nil }
            heard[key] = (0, "")
            return entry.first
        }
    }
}
