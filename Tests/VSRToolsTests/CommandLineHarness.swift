import VSRCore
import VSRTestSupport

@testable import slimvsr

// For all files of these tests.
typealias ProgramResult = VSRTestSupport.ProgramResult

/// Runs `slimvsr` inside the test process and keeps what it prints.
enum CommandLineHarness {
    /// - Parameter cancellation: Requested before or during the run to stand for Ctrl-C.
    static func run(
        _ arguments: [String], cancellation: Cancellation = Cancellation()
    ) -> ProgramResult {
        ProgramResult(running: SlimVSR.self, arguments, cancellation: cancellation)
    }
}
