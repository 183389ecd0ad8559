import Synchronization
import VSRCore
import VSRProgram

@testable import slimvsr_lab

/// What the program printed and returned.
struct ProgramResult {
    var code: Int32
    var output: String
    /// Standard error without progress lines.
    var remarks: [String]
}

/// Runs the program inside the test process.
func run(_ arguments: [String]) -> ProgramResult {
    let output = Lines()
    let remarks = Lines()
    let console = Console(
        output: { output.add($0) }, remark: { remarks.add($0) },
        progress: ProgressPrinter(isTerminal: false, clock: { 0 }, write: { _ in }),
        cancellation: Cancellation())
    let code = Program<SlimVSRLab>.run(arguments, console: console)
    return ProgramResult(
        code: code, output: output.all.joined(separator: "\n"), remarks: remarks.all)
}

private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }
}
