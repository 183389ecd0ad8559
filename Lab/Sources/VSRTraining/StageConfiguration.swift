import VSRConfiguration
import VSRCore

/// The settings of a training stage: what all stages have, and the stage's own.
public protocol StageConfiguration: Configuration, Equatable {
    /// The run's folder.
    var output: String { get set }
    /// Updates of the whole stage.
    var iterations: Int { get }
    var data: DataSettings { get set }
    var validation: ValidationSettings { get set }
    var run: RunSettings { get set }
    /// How weights follow their gradients.
    var updates: UpdateRule { get }

    /// Sets what may change on resuming, besides what may for all stages, to a fixed value: the
    /// length of the run where it may, and the paths of ``TrainingStage/sources``.
    mutating func fixOwnSettings()

    /// Changes that make an older version's settings valid where they are not, `key=value` each.
    ///
    /// - Parameter older: The checkpoint's settings.
    static func overrides(ofOlder older: ConfigurationValue) -> [String]

    /// Sets what an older version's checkpoint has no key for to how that version worked.
    ///
    /// - Parameter keys: The keys that the checkpoint's settings have.
    mutating func completeOlder(keys: Set<String>)
}

/// Adam's decays, and that of averaged weights.
public struct UpdateRule: Sendable, Equatable {
    public var beta1: Double
    public var beta2: Double
    /// Decay of the averaged weights; 0 averages none.
    public var averageDecay: Double

    public init(beta1: Double, beta2: Double, averageDecay: Double) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.averageDecay = averageDecay
    }
}

extension StageConfiguration {
    public mutating func completeOlder(keys: Set<String>) {}

    public static func overrides(ofOlder older: ConfigurationValue) -> [String] { [] }

    /// The settings without what may change when a run is resumed; equal for one and the same run.
    var identity: Self {
        var same = self
        same.output = "-"
        same.run = run.identity
        same.data = data.identity
        same.validation = ValidationSettings()
        same.fixOwnSettings()
        return same
    }

    /// The settings of a checkpoint.
    static func stored(_ yaml: String) throws -> Self {
        let name = "the checkpoint"
        let tree = try ConfigurationValue(yaml: yaml, name: name)
        var settings = try ConfigurationFile.parse(
            Self.self, yaml: yaml, name: name, overrides: overrides(ofOlder: tree))
        if case .mapping(let entries) = tree {
            settings.completeOlder(keys: Set(entries.keys))
        }
        return settings
    }

    /// What all stages check.
    func validateCommon() throws {
        try InvalidSetting.require(!output.isEmpty, "output", "\"\"", "a folder")
        try InvalidSetting.require(iterations > 0, "iterations", iterations, "positive")
    }
}
