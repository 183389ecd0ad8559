import Torch
import VSRCore
import VSRData
import VSRModel
import VSRTools

/// Files that every run writes into its folder.
enum RunFile {
    static let model = "model.safetensors"
    static let configuration = "configuration.yml"
    static let log = TrainingLogFile.name
    static let all = [model, configuration, log]
}

extension TrainingStage {
    /// Runs the stage: trains, and writes `model.safetensors` and the stage's own files into the
    /// run's folder.
    ///
    /// What is wrong with settings, models or the run's folder shows before clips are decoded. The
    /// network's work is done on the thread for LibTorch.
    ///
    /// - Parameter clips: High-resolution clips to train on instead of those that the settings name.
    /// - Throws: `cancelled` on request, once a checkpoint is written; `invalidArgument`, `notFound`,
    ///   `shapeMismatch`, `io` for what is wrong with settings, models and data; `corruptData` where
    ///   training diverges.
    @discardableResult
    public static func run(
        _ configuration: Configuration, environment: TrainingEnvironment,
        clips: [ClipSource]? = nil
    ) throws -> Outcome {
        try configuration.check()
        let configuration = precisionChecked(configuration, environment: environment)
        let settings = configuration.run
        let run = try TorchThread.run {
            if settings.threads > 0 { try setThreadCount(settings.threads) }
            try seed(settings.seed)
            let stage = try Self(configuration, environment: environment)
            stage.remarks.forEach(environment.note)
            let run = try TrainingRun(stage, configuration, environment: environment)
            try run.begin()
            try stage.prepare(
                clips: { try clips ?? configuration.data.clipSources(seed: settings.seed) },
                environment: environment)
            return run
        }
        let blueprint = run.stage.network.blueprint
        let batches = try configuration.data.batches(
            of: clips, for: blueprint, seed: settings.seed, environment: environment)
        for reason in batches.skipped { environment.note("not used for training: \(reason)") }
        let validation = try Validation(
            configuration.validation, degradation: configuration.data.degradationMethod(),
            scale: blueprint.scale, run: settings)
        return try TorchThread.run {
            // Another run may have set its own count in between; sums depend on it.
            if settings.threads > 0 { try setThreadCount(settings.threads) }
            let model = try run.stage.completed(
                run.train(on: batches, validation: validation), environment: environment)
            try ModelFile.write(model, to: "\(configuration.output)/\(RunFile.model)")
            return try run.stage.finish(
                model,
                in: FinishedRun(
                    folder: configuration.output, environment: environment,
                    validationClips: validation?.lowResolutionClips ?? []))
        }
    }

    /// The configuration without bfloat16 where the device has no instructions for it.
    private static func precisionChecked(
        _ configuration: Configuration, environment: TrainingEnvironment
    ) -> Configuration {
        guard configuration.run.bfloat16, !environment.hasBFloat16 else { return configuration }
        environment.note(
            "run.bfloat16 is ignored, because this processor has no instructions for it: "
                + "the run computes in single precision")
        var configuration = configuration
        configuration.run.bfloat16 = false
        return configuration
    }
}
