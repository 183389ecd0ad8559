import VSRConfiguration
import VSRCore

/// Pruning of a dense network: units are chosen, driven to zero, then removed.
public struct CompressConfiguration: Configuration, Equatable {
    /// The dense network's model file.
    public var model = ""
    /// The run's folder.
    public var output = "runs/compress"
    public var selection = SelectionSettings()
    public var regularization = RegularizationSettings()
    public var data = DataSettings()
    public var validation = ValidationSettings()
    public var optimizer = ConstantOptimizerSettings()
    public var run = RunSettings()

    public init() {}

    public func validate() throws {
        try require(!model.isEmpty, "model", "\"\"", "a model file")
        try require(!output.isEmpty, "output", "\"\"", "a folder")
        try selection.validate()
        try regularization.validate()
        try data.validate()
        try validation.validate()
        try optimizer.validate()
        try run.validate()
    }
}
