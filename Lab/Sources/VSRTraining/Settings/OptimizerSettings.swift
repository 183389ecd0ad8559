import Torch
import VSRConfiguration
import VSRCore

/// The optimizer and how its rate falls.
public struct OptimizerSettings: Configuration, Equatable {
    /// How weights are changed.
    public enum Method: String, Sendable, NamedChoice {
        case adam
        /// Muon for the weights of hidden convolutions, Adam for the rest.
        case muon
    }

    public var method = Method.adam
    /// The rate at the first iteration.
    public var rate = 2e-4
    /// The rate at the last iteration, reached along half a cosine.
    public var finalRate = 1e-7
    public var beta1 = 0.9
    public var beta2 = 0.99
    /// Decay of the averaged weights, which are the ones that are kept; 0 keeps the last weights.
    public var averageDecay = 0.999

    public init() {}

    var updates: UpdateRule {
        UpdateRule(beta1: beta1, beta2: beta2, averageDecay: averageDecay)
    }

    /// How the rate falls over a run.
    func schedule(iterations: Int) -> RateSchedule {
        .cosine(final: finalRate, iterations: iterations)
    }

    public func validate() throws {
        try InvalidSetting.require(rate > 0, "rate", rate, "above 0")
        try InvalidSetting.require(
            finalRate >= 0 && finalRate <= rate, "finalRate", finalRate,
            "in 0...\(rate), the first rate")
        try InvalidSetting.require(
            (0..<1).contains(beta1), "beta1", beta1, "at least 0 and below 1")
        try InvalidSetting.require(
            (0..<1).contains(beta2), "beta2", beta2, "at least 0 and below 1")
        try InvalidSetting.require(
            (0..<1).contains(averageDecay), "averageDecay", averageDecay, "at least 0 and below 1")
    }
}
