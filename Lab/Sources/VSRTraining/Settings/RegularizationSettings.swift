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
    /// Times that all this is done: in each round more units are chosen, by the weights that the
    /// network then has, until the last reaches the target.
    public var rounds = 1

    public init() {}

    /// Iterations of the whole stage.
    public var iterations: Int { rounds * roundIterations }

    /// Iterations of a round: until the penalty has reached its limit, and `hold` more.
    public var roundIterations: Int { growthSteps * interval + hold }

    /// Steps up to the limit; the last is cut short where the limit is no multiple of the step.
    private var growthSteps: Int {
        let steps = limit / step
        // 1.1 / 0.1 is 11.000000000000002: such rounding makes no further step.
        let nearest = steps.rounded()
        return Int(abs(steps - nearest) <= 4 * steps.ulp ? nearest : steps.rounded(.up))
    }

    /// The penalty α on units chosen at the start, at an iteration, counted from 0:
    /// `step · ⌊iteration / interval⌋`, at most the limit.
    public func penalty(at iteration: Int) -> Double {
        let steps = iteration / interval
        return steps < growthSteps ? step * Double(steps) : limit
    }

    /// The penalty on the units that round `round`, counted from 0, has chosen.
    public func penalty(at iteration: Int, ofRound round: Int) -> Double {
        penalty(at: max(iteration - round * roundIterations, 0))
    }

    /// The round that an iteration belongs to.
    public func round(at iteration: Int) -> Int {
        min(iteration / max(roundIterations, 1), rounds - 1)
    }

    public func validate() throws {
        let finite = 1e-12...1e12
        try InvalidSetting.require(finite.contains(step), "step", step, "positive")
        try InvalidSetting.require(finite.contains(limit), "limit", limit, "positive")
        try InvalidSetting.require(
            limit / step <= 1e7, "step", step, "at least 1e-7 of the limit")
        try InvalidSetting.require(
            (1...1_000_000).contains(interval), "interval", interval,
            "from 1 to 1000000")
        try InvalidSetting.require(
            (0...1_000_000_000).contains(hold), "hold", hold, "at least 0")
        try InvalidSetting.require((1...1000).contains(rounds), "rounds", rounds, "from 1 to 1000")
        let iterations = roundIterations
        let reach = factorRate * Double(iterations)
        try InvalidSetting.require(
            reach >= 2, "factorRate", factorRate,
            "at least \(String(format: "%.1e", 3 / Double(iterations))), or a round longer than "
                + "\(iterations) iterations, since Adam moves factors by about the rate at each "
                + "and they must get from 1 to 0")
    }
}
