import Foundation
import Synchronization
import VSRCore
import VSRProgram

@testable import slimvsr

/// Runs the program inside the test process and keeps what it prints.
struct CommandLineHarness {
    struct Result {
        var code: Int32
        var output: String
        /// Standard error without progress lines.
        var remarks: [String]

        /// Remarks without the causes that follow errors.
        var errors: [String] { remarks.filter { !$0.hasPrefix("cause: ") } }
    }

    /// - Parameter cancellation: Requested before or during the run to stand for Ctrl-C.
    static func run(
        _ arguments: [String], cancellation: Cancellation = Cancellation()
    ) -> Result {
        let output = Lines()
        let remarks = Lines()
        let console = Console(
            output: output.add, remark: remarks.add,
            progress: ProgressPrinter(isTerminal: false, clock: { 0 }, write: { _ in }),
            cancellation: cancellation)
        let code = Program<SlimVSR>.run(arguments, console: console)
        return Result(
            code: code, output: output.all.joined(separator: "\n"), remarks: remarks.all)
    }

    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock { $0 } }

        var add: @Sendable (String) -> Void {
            { line in self.lines.withLock { $0.append(line) } }
        }
    }
}
