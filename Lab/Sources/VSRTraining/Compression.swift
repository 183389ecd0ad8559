import Foundation
import Torch
import VSRConfiguration
import VSRCore
import VSRData
import VSRModel
import VSRPruning

/// What compressing a network gives.
public struct Compressed: Sendable {
    /// The pruned network.
    public var model: Model
    /// The units that were removed from the dense one.
    public var selection: UnitSelection
}

/// Chooses units, drives their factors to zero in training, removes them, and writes
/// `model.safetensors` and `selection.json` into the run's folder.
///
/// - Throws: as ``pretrain(_:environment:)``.
@discardableResult
public func compress(
    _ configuration: CompressConfiguration, environment: TrainingEnvironment,
    clips: [ClipSource]? = nil
) throws -> Compressed {
    try configuration.validate()
    let settings = TrainingRun.Settings(
        output: configuration.output, run: configuration.run,
        beta1: configuration.optimizer.beta1, beta2: configuration.optimizer.beta2,
        averageDecay: 0, yaml: try ConfigurationFile.yaml(of: configuration)
    ) {
        var identity = try ConfigurationFile.parse(
            CompressConfiguration.self, yaml: $0, name: "the checkpoint")
        identity.output = "-"
        identity.run = identity.run.identity
        identity.validation = ValidationSettings()
        return try ConfigurationFile.yaml(of: identity)
    }
    let scale = try ModelFile.readBlueprint(try expandingVariables(configuration.model)).scale
    return try withRun(
        settings, data: configuration.data, validation: configuration.validation, scale: scale,
        environment: environment, clips: clips
    ) {
        try CompressStage(configuration, device: environment.device)
    } body: { stage, run, inputs in
        let slim = try run.train(on: inputs.sampler, validation: inputs.validation)
        try ModelFile.write(slim, to: "\(settings.output)/model.safetensors")
        try JSONText.write(stage.selection, to: "\(settings.output)/selection.json")
        return Compressed(model: slim, selection: stage.selection)
    }
}
