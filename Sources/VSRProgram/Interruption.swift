import Dispatch
import Foundation
import VSRCore

/// Ctrl-C and termination signals as a ``Cancellation``.
public enum Interruption {
    /// A cancellation that the first SIGINT, SIGTERM or SIGHUP requests.
    ///
    /// Work then stops at its next step and removes what is half written; a second signal ends the
    /// process at once.
    public static func cancellation() -> Cancellation {
        let cancellation = Cancellation()
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                if cancellation.isRequested { _exit(128 + number) }
                cancellation.request()
            }
            source.resume()
            sources.withLock { $0.append(source) }
        }
        return cancellation
    }

    private static let queue = DispatchQueue(label: "slimvsr.signals")
    /// Sources stop working when they are let go.
    private static let sources = Sources()

    private final class Sources: @unchecked Sendable {
        private let lock = NSLock()
        private var items: [any DispatchSourceSignal] = []

        func withLock(_ body: (inout [any DispatchSourceSignal]) -> Void) {
            lock.withLock { body(&items) }
        }
    }
}
