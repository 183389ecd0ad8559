import VSRTestSupport

@testable import slimvsr_lab

/// Runs `slimvsr-lab` inside the test process and keeps what it prints.
func run(_ arguments: [String]) -> ProgramResult {
    ProgramResult(running: SlimVSRLab.self, arguments)
}
