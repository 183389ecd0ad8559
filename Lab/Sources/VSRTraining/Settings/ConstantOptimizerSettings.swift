import VSRConfiguration
import VSRCore

/// Adam at a constant rate, without averages: weights must follow their factors at once.
public struct ConstantOptimizerSettings: Configuration, Equatable {
    /// The rate of weights and biases.
    public var rate = 2e-4
    public var beta1 = 0.9
    public var beta2 = 0.99

    public init() {}

    var updates: UpdateRule { UpdateRule(beta1: beta1, beta2: beta2, averageDecay: 0) }

    public func validate() throws {
        try InvalidSetting.require(rate >= 0, "rate", rate, "at least 0")
        try InvalidSetting.require(
            (0..<1).contains(beta1), "beta1", beta1, "at least 0 and below 1")
        try InvalidSetting.require(
            (0..<1).contains(beta2), "beta2", beta2, "at least 0 and below 1")
    }
}
