import Foundation
import Torch
import VSRConfiguration
import VSRCore
import VSRData
import VSRModel

/// Finetunes a pruned network and writes `model.safetensors` into the run's folder; with a teacher
/// and validation clips also `drift.json`, how far hidden states are from the teacher's.
///
/// - Throws: as ``pretrain(_:environment:)``; `shapeMismatch` where teacher and model do not fit.
@discardableResult
public func finetune(
    _ configuration: FinetuneConfiguration, environment: TrainingEnvironment,
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
            FinetuneConfiguration.self, yaml: $0, name: "the checkpoint")
        identity.output = "-"
        identity.iterations = 1
        identity.run = identity.run.identity
        identity.validation = ValidationSettings()
        return try ConfigurationFile.yaml(of: identity)
    }
    let start = try ModelFile.read(try expandingVariables(configuration.model))
    return try withRun(
        settings, data: configuration.data, validation: configuration.validation,
        scale: start.blueprint.scale, environment: environment, clips: clips
    ) {
        try FinetuneStage(configuration, device: environment.device)
    } body: { _, run, inputs in
        let model = try run.train(on: inputs.sampler, validation: inputs.validation)
        try ModelFile.write(model, to: "\(settings.output)/model.safetensors")
        let reference = try configuration.temporal.teacher.map {
            try ModelFile.read(try expandingVariables($0))
        }
        if let reference, let clips = inputs.validation?.lowResolutionClips {
            let report = try DriftReport(
                teacher: reference, before: start, after: model, clips: clips,
                device: environment.device)
            try AtomicFile.write(try report.json(), to: "\(settings.output)/drift.json")
            environment.note(report.summary)
        }
        return model
    }
}
