import Foundation
import VSRConfiguration
import VSRCore

/// The growing penalty on the scaling factors of the units to be removed.
///
/// Source: Xia et al., CVPR 2023, Sec. 3.2 (2); defaults of the authors' code.
public struct RegularizationSettings: Configuration, Equatable {
    /// What the penalty α grows by, Δ.
    public var step = 1e-4
    /// Iterations between two steps, T.
    public var interval = 5
    /// The largest penalty, τ.
    public var limit = 0.1
    /// Iterations after the penalty has reached it, K.
    public var hold = 14_000
    /// Rate of the scaling factors.
    public var factorRate = 2e-4

    public init() {}

    /// Iterations of the whole stage.
    public var iterations: Int { growthSteps * interval + hold }

    private var growthSteps: Int { Int((limit / step).rounded(.up)) }

    /// The penalty at an iteration, counted from 0.
    public func penalty(at iteration: Int) -> Double {
        Swift.min(limit, step * Double(iteration / interval))
    }

    public func validate() throws {
        let finite = 1e-12...1e12
        try require(finite.contains(step), "regularization.step", step, "positive")
        try require(finite.contains(limit), "regularization.limit", limit, "positive")
        try require(
            limit / step <= 1e7, "regularization.step", step, "at least 1e-7 of the limit")
        try require(
            (1...1_000_000).contains(interval), "regularization.interval", interval,
            "in 1...1000000")
        try require(
            (0...1_000_000_000).contains(hold), "regularization.hold", hold, "at least 0")
        let reach = factorRate * Double(iterations)
        guard reach >= 2 else {
            throw VSRError(
                .invalidArgument,
                "regularization.factorRate \(factorRate) over \(iterations) iterations cannot bring "
                    + "factors from 1 to 0, since Adam moves them by about the rate at each: raise "
                    + "it to at least \(String(format: "%.1e", 3 / Double(iterations))), or train longer"
            )
        }
    }
}
