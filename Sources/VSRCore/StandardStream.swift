import Glibc
import Synchronization

/// Standard output or standard error, written to without the process dying of what became of it.
///
/// Closed descriptors, full disks, terminals that are gone and pipes that nobody reads are noted
/// and otherwise passed over: work that takes hours does not end because its words are not read.
public final class StandardStream: Sendable {
    public static let output = StandardStream(STDOUT_FILENO, waits: true)
    /// Text that a pipe does not take within a second is dropped: whoever started the program may
    /// never read what it says.
    public static let error = StandardStream(STDERR_FILENO, waits: isatty(STDERR_FILENO) == 1)

    private let descriptor: Int32
    private let waits: Bool
    private let state = Mutex(State())

    private struct State {
        var isOpen = true
        var failure: Int32?
    }

    /// What a pipe takes at once when it takes anything.
    private static let chunk = 4096
    private static let patience: Int32 = 1000

    /// - Parameters:
    ///   - descriptor: Stays the caller's.
    ///   - waits: Whether to wait for as long as nobody reads.
    init(_ descriptor: Int32, waits: Bool) {
        self.descriptor = descriptor
        self.waits = waits
    }

    /// The system's words for what kept text from being written, a reader that has gone aside.
    public var failure: String? {
        state.withLock { $0.failure.map { String(cString: strerror($0)) } }
    }

    /// Writes text as UTF-8.
    public func write(_ text: String) {
        let bytes = Array(text.utf8)
        state.withLock { state in
            guard state.isOpen else { return }
            var start = 0
            while start < bytes.count {
                guard waits || isWritable(Self.patience) else { return }
                let end = waits ? bytes.count : min(start + Self.chunk, bytes.count)
                let count = bytes[start..<end].withUnsafeBytes {
                    Glibc.write(descriptor, $0.baseAddress, $0.count)
                }
                if count >= 0 {
                    start += count
                } else if !goesOn(after: errno, &state) {
                    return
                }
            }
        }
    }

    private func goesOn(after error: Int32, _ state: inout State) -> Bool {
        switch error {
        case EINTR: return true
        case EAGAIN: return isWritable(waits ? -1 : Self.patience)
        case EPIPE:
            state.isOpen = false
            return false
        default:
            state.failure = error
            return false
        }
    }

    /// - Parameter milliseconds: -1 waits for ever.
    private func isWritable(_ milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        while true {
            let status = poll(&entry, 1, milliseconds)
            if status < 0, errno == EINTR { continue }
            return status > 0
        }
    }
}

extension StandardStream {
    /// Descriptors of standard streams that were closed when ``secure()`` was called.
    public static var closedDescriptors: Set<Int32> { closed.withLock { $0 } }

    private static let closed = Mutex<Set<Int32>>([])

    /// For programs, before they open anything: keeps the numbers of closed standard streams from
    /// going to files, into which text would then be written, and a pipe whose reader has gone from
    /// ending the process.
    public static func secure() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            closed.withLock { _ = $0.insert(descriptor) }
            // The lowest free number, which is this one, as those below are taken.
            _ = open("/dev/null", O_RDWR)
        }
        signal(SIGPIPE, SIG_IGN)
    }
}
