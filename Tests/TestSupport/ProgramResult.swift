import ArgumentParser
import Synchronization
import VSRCore
import VSRProgram

/// What a program printed and returned when it was run inside the test process.
public struct ProgramResult: Sendable {
    public var code: Int32
    public var output: String
    /// Standard error without progress lines.
    public var remarks: [String]

    /// Remarks without the causes that follow errors.
    public var errors: [String] { remarks.filter { !$0.hasPrefix("cause: ") } }

    /// Whether the program refused its arguments (2) or what they name (1).
    public var isMistake: Bool { code == 1 || code == 2 }

    /// Runs the program whose commands `root` lists.
    ///
    /// - Parameter cancellation: Requested before or during the run to stand for Ctrl-C.
    public init<Root: ParsableCommand>(
        running root: Root.Type, _ arguments: [String], cancellation: Cancellation = Cancellation()
    ) {
        let printed = Printed()
        let console = Console(
            output: { line in printed.add(line, toOutput: true) },
            remark: { line in printed.add(line, toOutput: false) },
            progress: ProgressPrinter(isTerminal: false, clock: { 0 }, write: { _ in }),
            cancellation: cancellation)
        code = Program<Root>.run(arguments, console: console)
        (output, remarks) = printed.result
    }
}

/// Lines that several threads may print.
private final class Printed: Sendable {
    private let lines = Mutex<(output: [String], remarks: [String])>(([], []))

    func add(_ line: String, toOutput: Bool) {
        lines.withLock { lines in
            if toOutput { lines.output.append(line) } else { lines.remarks.append(line) }
        }
    }

    var result: (String, [String]) {
        lines.withLock { ($0.output.joined(separator: "\n"), $0.remarks) }
    }
}
