import Dispatch
import Foundation
import VSRCore

/// Turns Ctrl-C, SIGTERM and a closed terminal into a request to stop; a second Ctrl-C ends the program at once.
final class Interruption {
    let cancellation = Cancellation()
    private let sources: [any DispatchSourceSignal]

    init() {
        let cancellation = cancellation
        let queue = DispatchQueue(label: "signals")
        sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                if cancellation.isRequested { _exit(130) }
                cancellation.request()
            }
            source.resume()
            return source
        }
    }

    /// Gives the signals back to the system.
    func end() {
        for source in sources { source.cancel() }
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
        signal(SIGHUP, SIG_DFL)
    }
}
