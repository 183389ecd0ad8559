import Foundation
import Synchronization

/// Prints progress for people, from any thread.
///
/// On a terminal that is one line, rewritten in place; elsewhere (logs, pipes) a line every ten
/// seconds. A new label begins a new line; a step count that reaches its total ends it.
public final class ProgressPrinter: Sendable {
    /// Seconds between two prints of the same label: on a terminal, and elsewhere.
    static let terminalInterval = 0.1
    static let plainInterval = 10.0

    private let isTerminal: Bool
    private let clock: @Sendable () -> Double
    private let write: @Sendable (String) -> Void
    private let state = Mutex(State())

    private struct State {
        var meter: ProgressMeter?
        var lastPrint = -Double.infinity
        /// Whether the terminal's cursor is on an unfinished line.
        var lineIsOpen = false
    }

    /// Prints to standard error.
    public convenience init() {
        self.init(
            isTerminal: isatty(STDERR_FILENO) == 1,
            clock: { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 },
            write: { StandardStream.error.write($0) })
    }

    /// - Parameters:
    ///   - clock: Seconds since any fixed moment.
    ///   - write: Receives the text, newlines and control characters included.
    public init(
        isTerminal: Bool, clock: @escaping @Sendable () -> Double,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.isTerminal = isTerminal
        self.clock = clock
        self.write = write
    }

    /// What libraries take as their progress parameter.
    public var handler: ProgressHandler { { self.report($0) } }

    /// Takes one report and prints it if it is time to.
    public func report(_ update: ProgressUpdate) {
        let now = clock()
        state.withLock { state in
            if state.meter?.label != update.label {
                closeLine(&state)
                state.meter = ProgressMeter(update, time: now)
                state.lastPrint = -.infinity
            }
            let isComplete = update.total.map { update.completed >= $0 } ?? false
            let interval = isTerminal ? Self.terminalInterval : Self.plainInterval
            guard isComplete || now - state.lastPrint >= interval, let meter = state.meter else {
                return
            }
            state.lastPrint = now
            print(meter.line(update, time: now), &state)
            if isComplete {
                closeLine(&state)
                state.meter = nil
            }
        }
    }

    /// Prints a message on a separate line, above the progress line.
    public func note(_ message: String) {
        state.withLock { state in
            closeLine(&state)
            write(message + "\n")
        }
    }

    /// Ends an unfinished line, so that what follows starts on a new one.
    public func finish() {
        state.withLock { state in
            closeLine(&state)
            state.meter = nil
        }
    }

    private func print(_ line: String, _ state: inout State) {
        if isTerminal {
            // Erasing to the end of the line removes what a longer line before left.
            write("\r\(line)\u{1B}[K")
            state.lineIsOpen = true
        } else {
            write(line + "\n")
        }
    }

    private func closeLine(_ state: inout State) {
        if state.lineIsOpen { write("\n") }
        state.lineIsOpen = false
    }
}
