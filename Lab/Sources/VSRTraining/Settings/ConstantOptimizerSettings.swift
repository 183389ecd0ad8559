import VSRConfiguration
import VSRCore

/// Adam at a constant rate, without averages: weights must follow their factors at once.
public struct ConstantOptimizerSettings: Configuration, Equatable {
    /// The rate of weights and biases.
    public var rate = 2e-4
    public var beta1 = 0.9
    public var beta2 = 0.99

    public init() {}

    public func validate() throws {
        try require(rate >= 0, "optimizer.rate", rate, "at least 0")
        try require((0..<1).contains(beta1), "optimizer.beta1", beta1, "in 0..<1")
        try require((0..<1).contains(beta2), "optimizer.beta2", beta2, "in 0..<1")
    }
}
