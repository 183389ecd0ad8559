import VSRCore
import VSRData
import VSRModel
import VSRTools

// With `compensate`, what regularization has left is refitted to the dense network.
extension Compress {
    /// Clips too small to calibrate on are found before training.
    public func prepare(
        clips sources: () throws -> [ClipSource], environment: TrainingEnvironment
    ) throws {
        guard configuration.compensate == true else { return }
        calibration = try refit(environment).calibration(
            on: sources(), scale: dense.blueprint.scale,
            degradation: configuration.data.degradation)
    }

    public func completed(_ result: Model, environment: TrainingEnvironment) throws -> Model {
        guard let calibration else { return result }
        return try refit(environment).refitted(
            result, to: dense, without: removal, on: calibration)
    }

    private func refit(_ environment: TrainingEnvironment) -> CompensatedRefit {
        var refit = CompensatedRefit()
        refit.clips.seed = configuration.run.seed
        let threads = configuration.run.threads
        refit.options.threads = threads > 0 ? threads : nil
        refit.options.progress = environment.progress
        refit.options.cancellation = environment.cancellation
        return refit
    }
}
