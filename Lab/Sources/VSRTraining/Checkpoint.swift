import VSRModel

/// Everything that a run needs to go on as if it had never stopped.
public struct Checkpoint: Sendable, Equatable {
    /// Which stage wrote it: `pretrain`, `compress`, `finetune`.
    public var stage: String
    /// Updates done.
    public var iteration: Int
    /// The run's complete settings, as YAML.
    public var configuration: String
    /// The architecture, in the model file's form.
    public var blueprint: String
    /// What the stage keeps besides tensors: what is to be removed, for example.
    public var extras: [String: String]
    /// Weights, factors, moments, averages, by name.
    public var tensors: [String: ModelTensor]
    /// States of random generators.
    public var generators: [String: [UInt8]]

    public init(
        stage: String, iteration: Int, configuration: String, blueprint: String,
        extras: [String: String] = [:], tensors: [String: ModelTensor] = [:],
        generators: [String: [UInt8]] = [:]
    ) {
        self.stage = stage
        self.iteration = iteration
        self.configuration = configuration
        self.blueprint = blueprint
        self.extras = extras
        self.tensors = tensors
        self.generators = generators
    }
}
