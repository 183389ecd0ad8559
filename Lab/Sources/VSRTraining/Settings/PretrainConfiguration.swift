import VSRConfiguration
import VSRCore

/// Training of a dense network from scratch.
public struct PretrainConfiguration: Configuration, Equatable {
    /// The run's folder: its model, log, configuration and checkpoints.
    public var output = "runs/pretrain"
    public var iterations = 300_000
    public var network = NetworkSettings()
    public var data = DataSettings()
    public var validation = ValidationSettings()
    public var optimizer = OptimizerSettings()
    public var flow = FlowSettings()
    public var run = RunSettings()

    public init() {}

    public func validate() throws {
        try require(iterations > 0, "iterations", iterations, "positive")
        try require(!output.isEmpty, "output", "\"\"", "a folder")
        try network.validate()
        try data.validate()
        try validation.validate()
        try optimizer.validate()
        try flow.validate()
        try run.validate()
    }
}
