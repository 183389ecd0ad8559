import Foundation
import Torch
import VSRCore
import VSRData
import VSRModel
import VSRNetworks

/// The loop that all stages share: batches, updates, log, validation, checkpoints.
///
/// To be used on one thread, a ``TorchThread``.
final class TrainingRun<Stage: TrainingStage> {
    let stage: Stage
    let configuration: Stage.Configuration
    let environment: TrainingEnvironment
    let step: TrainingStep<Stage>
    let checkpoints: CheckpointFolder
    /// Updates done.
    var iteration = 0

    var output: String { configuration.output }

    init(
        _ stage: Stage, _ configuration: Stage.Configuration, environment: TrainingEnvironment
    ) throws {
        self.stage = stage
        self.configuration = configuration
        self.environment = environment
        let checkpoints = CheckpointFolder(
            path: "\(configuration.output)/checkpoints", kept: configuration.run.checkpointsKept)
        self.checkpoints = checkpoints
        step = try TrainingStep(
            stage, updates: configuration.updates,
            remedy: { [isRounding = configuration.run.bfloat16] in
                Self.remedy(checkpoints, isRounding: isRounding)
            })
    }

    /// Trains until the last iteration, once ``begin()`` was called, and returns the stage's result,
    /// of averaged weights where averages are kept.
    ///
    /// - Throws: `cancelled` after a checkpoint was written; `corruptData` where the loss or a
    ///   gradient is not finite; what decoding a batch throws, after a checkpoint too.
    func train(on source: any BatchSource, validation: Validation?) throws -> Model {
        let log = try TrainingLog(path: "\(output)/\(RunFile.log)", keepingUpTo: iteration)
        // A run that was killed between a checkpoint and its validation.
        if let validation, isValidationDue, !log.hasValidation(at: iteration) {
            try validate(by: validation, log)
        }
        if iteration < configuration.iterations {
            try stage.prepare(source, environment: environment)
        }
        let batches = source.prefetcher(start: iteration)
        defer { batches.stop() }
        var window = LogWindow(waited: batches.waited)
        while iteration < configuration.iterations {
            if environment.cancellation.isRequested { throw try stopped() }
            let clips = try stage.batch(
                try next(of: batches), isChannelsLast: configuration.run.channelsLast)
            let values = try step.update(by: clips, at: iteration)
            iteration += 1
            window.add(values)
            report(values)
            if isDue(every: configuration.run.logEvery) {
                try log.write(
                    try window.record(
                        iteration: iteration, rate: stage.rate(ofGroup: 0, at: iteration - 1),
                        waited: batches.waited, figures: stage.figures(at: iteration)))
                window = LogWindow(waited: batches.waited)
            }
            if isDue(every: configuration.run.checkpointEvery) { try save() }
            if let validation, isValidationDue {
                try validate(by: validation, log)
                window = LogWindow(waited: batches.waited)
            }
        }
        if let expense = source.expense { environment.note(expense) }
        return try model()
    }

    /// The next batch; where it cannot be had, what was learned so far is saved.
    private func next(of batches: BatchPrefetcher) throws -> TrainingBatch {
        do {
            return try batches.next()
        } catch {
            if iteration > 0 { try save() }
            throw error
        }
    }

    private func isDue(every interval: Int) -> Bool {
        iteration.isMultiple(of: interval) || iteration == configuration.iterations
    }

    private var isValidationDue: Bool {
        let every = configuration.run.validateEvery
        return iteration > 0
            && (every > 0 ? isDue(every: every) : iteration == configuration.iterations)
    }

    private func validate(by validation: Validation, _ log: TrainingLog) throws {
        do {
            let result = try validation.measure(try model(), environment: environment)
            try log.write(ValidationRecord(iteration: iteration, result))
            environment.note("iteration \(iteration): \(result.summary)")
        } catch let error as VSRError where error.code == .cancelled {
            throw try stopped()
        }
    }

    /// What the stage makes of the network with averaged weights, or with its present ones where
    /// none are averaged.
    private func model() throws -> Model {
        var model = try stage.network.model()
        // Averages are in the order of the parameters that they were made of.
        for (key, average) in zip(stage.network.parameterKeys, step.average?.averages ?? []) {
            model.tensors[key] = ModelTensor(
                shape: average.tensor.shape, values: try average.tensor.floats())
        }
        model.metadata[MetadataKey.degradation] = configuration.data.degradation
        var result = try stage.result(of: model)
        let step = "\(Stage.name), \(iteration) iterations, seed \(configuration.run.seed)"
        result.metadata[MetadataKey.history] =
            result.metadata[MetadataKey.history].map { "\($0); \(step)" } ?? step
        return result
    }

    /// What to do about a step that went wrong.
    private static func remedy(_ checkpoints: CheckpointFolder, isRounding: Bool) -> String {
        checkpoints.isEmpty
            ? "there is no checkpoint yet: start again with "
                + "\(isRounding ? "run.bfloat16=false or " : "")a lower optimizer.rate"
            : "the checkpoints in \(checkpoints.path) are from before it: "
                + "\(isRounding ? "resume with run.bfloat16=false, or " : "")"
                + "lower optimizer.rate in a new run"
    }

    private func report(_ values: [String: Double]) {
        let loss = values["loss"] ?? 0
        environment.progress?(
            ProgressUpdate(
                Stage.name, completed: iteration, total: configuration.iterations,
                unit: "iterations", detail: String(format: "loss %.5f", loss)))
    }

    private func stopped() throws -> VSRError {
        try save()
        return VSRError(
            .cancelled,
            "stopped at iteration \(iteration) of \(configuration.iterations); "
                + "\(checkpoints.path) holds everything: pass --resume to go on")
    }
}
