import Foundation
import Torch
import VSRConfiguration
import VSRCore
import VSRData
import VSRModel

/// Trains a dense network from scratch and writes `model.safetensors` into the run's folder.
///
/// - Parameter clips: High-resolution clips to train on instead of those that the settings name.
/// - Returns: The model, weights averaged.
/// - Throws: `cancelled` on request, once a checkpoint is written; `invalidArgument`, `notFound`,
///   `io` for what is wrong with settings and data; `corruptData` where training diverges.
@discardableResult
public func pretrain(
    _ configuration: PretrainConfiguration, environment: TrainingEnvironment,
    clips: [ClipSource]? = nil
) throws -> Model {
    try configuration.validate()
    let settings = TrainingRun.Settings(
        output: configuration.output, run: configuration.run,
        beta1: configuration.optimizer.beta1, beta2: configuration.optimizer.beta2,
        averageDecay: configuration.optimizer.averageDecay,
        yaml: try ConfigurationFile.yaml(of: configuration)
    ) {
        var identity = try ConfigurationFile.parse(
            PretrainConfiguration.self, yaml: $0, name: "the checkpoint")
        identity.output = "-"
        identity.iterations = 1
        identity.run = identity.run.identity
        identity.validation = ValidationSettings()
        return try ConfigurationFile.yaml(of: identity)
    }
    return try withRun(
        settings, data: configuration.data, validation: configuration.validation,
        scale: configuration.network.scale, environment: environment, clips: clips
    ) {
        try PretrainStage(configuration, device: environment.device)
    } body: { _, run, inputs in
        let model = try run.train(on: inputs.sampler, validation: inputs.validation)
        try ModelFile.write(model, to: "\(settings.output)/model.safetensors")
        return model
    }
}

/// What a run reads.
struct RunInputs {
    var sampler: BatchSampler
    var validation: Validation?
}

/// Makes a stage and its run, then loads the data, then runs `body`; the network's work is done on
/// the thread for LibTorch.
///
/// What is wrong with settings, models or the run's folder so shows before clips are decoded.
func withRun<Stage: TrainingStage, Result>(
    _ settings: TrainingRun.Settings, data: DataSettings, validation: ValidationSettings,
    scale: Int, environment: TrainingEnvironment, clips: [ClipSource]?,
    makeStage: () throws -> Stage,
    body: (Stage, TrainingRun, RunInputs) throws -> Result
) throws -> Result {
    let (stage, run) = try TorchThread.run {
        if settings.run.threads > 0 { try setThreadCount(settings.run.threads) }
        try seed(settings.run.seed)
        let stage = try makeStage()
        let run = try TrainingRun(stage, settings: settings, environment: environment)
        try run.begin()
        return (stage, run)
    }
    let sampler = try data.sampler(
        of: clips, scale: scale, seed: settings.run.seed, environment: environment)
    for reason in sampler.skipped { environment.note("not used for training: \(reason)") }
    let measured = try Validation(
        validation, degradation: try data.degradationMethod(), scale: scale,
        isChannelsLast: settings.run.channelsLast)
    return try TorchThread.run {
        try body(stage, run, RunInputs(sampler: sampler, validation: measured))
    }
}
