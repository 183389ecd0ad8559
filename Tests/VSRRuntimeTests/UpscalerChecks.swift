import VSRCore

@testable import VSRRuntime

/// What the tests of upscalers share.
enum UpscalerChecks {
    static let executors = UpscalerOptions.Executor.allCases

    /// Flows differ by some 1e-6 px between the executors, which noise pictures turn into as much
    /// again; see TunedExecutorTests for the tight bound at equal flows.
    static let tolerance = 5e-5

    static func options(
        _ executor: UpscalerOptions.Executor, windowLength: Int? = 16, lookAhead: Int = 8
    ) -> UpscalerOptions {
        var options = UpscalerOptions()
        options.executor = executor
        options.threads = 2
        options.precision = .fp32
        options.windowLength = windowLength
        options.lookAhead = lookAhead
        return options
    }

    static func samples(_ frames: [Frame]) -> [Float] { frames.flatMap(\.samples) }
}
