import Dispatch
import Foundation
import VSRCore

/// Ctrl-C and termination signals as a ``Cancellation``.
public enum Interruption {
    /// A cancellation that the first SIGINT, SIGTERM or SIGHUP requests.
    ///
    /// Work then stops at its next step and removes what is half written; a second signal ends the
    /// process at once. Signals that the process was started to ignore stay ignored: SIGHUP under
    /// `nohup`, SIGINT of a shell script's background jobs.
    public static func cancellation() -> Cancellation {
        let cancellation = Cancellation()
        for number in [SIGINT, SIGTERM, SIGHUP] {
            let isOurs = state.withLock { $0.caught.contains(number) }
            guard !isIgnored(previous: signal(number, SIG_IGN)) || isOurs else { continue }
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                state.withLock { $0.received = $0.received ?? number }
                if cancellation.isRequested { end(by: number) }
                cancellation.request()
            }
            source.resume()
            state.withLock {
                _ = $0.caught.insert(number)
                $0.sources.append(source)
            }
        }
        return cancellation
    }

    /// The first signal that requested a cancellation.
    public static var signalNumber: Int32? { state.withLock { $0.received } }

    /// Ends the process by a signal, as if it had not been caught.
    ///
    /// A shell's loop goes on to the next file where a program that got Ctrl-C exits by itself.
    public static func end(by number: Int32) -> Never {
        signal(number, SIG_DFL)
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, number)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        raise(number)
        _exit(128 + number)
    }

    private static func isIgnored(previous handler: sighandler_t?) -> Bool {
        unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private static let queue = DispatchQueue(label: "slimvsr.signals")

    private struct State {
        var caught: Set<Int32> = []
        var received: Int32?
        /// Sources stop working when they are let go.
        var sources: [any DispatchSourceSignal] = []
    }

    private final class LockedState: @unchecked Sendable {
        private let lock = NSLock()
        private var state = State()

        func withLock<Result>(_ body: (inout State) -> Result) -> Result {
            lock.withLock { body(&state) }
        }
    }

    private static let state = LockedState()
}
