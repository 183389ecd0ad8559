import VSRCore
import VSRTestSupport

@testable import slimvsr

/// Runs `slimvsr` inside the test process and keeps what it prints.
enum CommandLineHarness {
    /// - Parameter cancellation: Requested before or during the run to stand for Ctrl-C.
    static func run(
        _ arguments: [String], cancellation: Cancellation = Cancellation()
    ) -> ProgramResult {
        ProgramResult(running: SlimVSR.self, arguments, cancellation: cancellation)
    }
}
