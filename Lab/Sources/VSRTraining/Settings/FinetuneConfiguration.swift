import VSRConfiguration
import VSRCore

/// Finetuning of a pruned network, its hidden states held to those of the dense one.
public struct FinetuneConfiguration: Configuration, Equatable {
    /// The pruned network's model file.
    public var model = ""
    /// The run's folder.
    public var output = "runs/finetune"
    public var iterations = 300_000
    public var temporal = TemporalSettings()
    public var data = DataSettings()
    public var validation = ValidationSettings()
    public var optimizer = OptimizerSettings()
    public var flow = FlowTuningSettings()
    public var run = RunSettings()

    public init() {}

    public func validate() throws {
        try require(!model.isEmpty, "model", "\"\"", "a model file")
        try require(!output.isEmpty, "output", "\"\"", "a folder")
        try require(iterations > 0, "iterations", iterations, "positive")
        try temporal.validate()
        try data.validate()
        try validation.validate()
        try optimizer.validate()
        try flow.validate()
        try run.validate()
    }
}
