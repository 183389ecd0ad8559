import Foundation
import Torch
import VSRConfiguration
import VSRCore
import VSRData
import VSRModel
import VSRNetworks

/// The loop that all stages share: batches, updates, log, validation, checkpoints, resume.
///
/// To be used on one thread, a ``TorchThread``.
final class TrainingRun {
    private let stage: any TrainingStage
    private let settings: Settings
    private let environment: TrainingEnvironment
    private let optimizer: Adam
    private let average: WeightAverage?
    private let checkpoints: CheckpointFolder
    private var iteration = 0

    /// What the loop needs to know of a configuration.
    struct Settings {
        var output: String
        var run: RunSettings
        var beta1: Double
        var beta2: Double
        /// Decay of the averaged weights; 0 averages none.
        var averageDecay: Double
        /// The complete configuration as YAML, for the run's folder and its checkpoints.
        var yaml: String
        /// A complete configuration's YAML without what may change when a run is resumed.
        var identity: (_ yaml: String) throws -> String
    }

    init(
        _ stage: any TrainingStage, settings: Settings, environment: TrainingEnvironment
    ) throws {
        self.stage = stage
        self.settings = settings
        self.environment = environment
        optimizer = try Adam(
            groups: stage.groups, beta1: settings.beta1, beta2: settings.beta2)
        let decay = settings.averageDecay
        average =
            decay > 0 ? try WeightAverage(of: stage.network.namedParameters, decay: decay) : nil
        checkpoints = CheckpointFolder(
            path: "\(settings.output)/checkpoints", kept: settings.run.checkpointsKept)
    }

    /// Trains until the last iteration, once ``begin()`` was called, and returns the stage's result,
    /// of averaged weights where averages are kept.
    ///
    /// - Throws: `cancelled` after a checkpoint was written; `corruptData` where the loss or a
    ///   gradient is no number.
    func train(on sampler: BatchSampler, validation: Validation?) throws -> Model {
        let log = try TrainingLog(
            path: "\(settings.output)/log.jsonl", keepingUpTo: iteration)
        let batches = BatchPrefetcher(sampler, start: iteration, capacity: 4, threads: 1)
        defer { batches.stop() }
        var window = LogWindow(waited: batches.waited)
        while iteration < stage.iterations {
            if environment.cancellation.isRequested { throw try stopped() }
            let values = try update(try batches.next())
            iteration += 1
            window.add(values)
            report(values)
            let isLast = iteration == stage.iterations
            if iteration % settings.run.logEvery == 0 || isLast {
                try log.write(
                    try window.record(
                        iteration: iteration, rate: stage.rate(ofGroup: 0, at: iteration - 1),
                        waited: batches.waited, figures: stage.figures(at: iteration)))
                window = LogWindow(waited: batches.waited)
            }
            if iteration % settings.run.checkpointEvery == 0 || isLast { try save() }
            let every = settings.run.validateEvery
            if let validation, (every > 0 && iteration % every == 0) || isLast {
                let result = try measure(validation)
                try log.write(ValidationRecord(iteration: iteration, result))
                environment.note("iteration \(iteration): \(result.summary)")
                window = LogWindow(waited: batches.waited)
            }
        }
        return try model()
    }

    private func measure(_ validation: Validation) throws -> Validation.Result {
        do {
            return try validation.measure(try model(), environment: environment)
        } catch let error as VSRError where error.code == .cancelled {
            throw try stopped()
        }
    }

    /// What the stage makes of the network with averaged weights, or with its present ones where
    /// none are averaged.
    private func model() throws -> Model {
        var model = try stage.network.model()
        guard let average else { return try stage.result(of: model) }
        for entry in average.averages {
            guard let key = TensorKey(name: entry.name) else {
                throw VSRError(.notFound, "the network has no tensor \(entry.name) to average")
            }
            model.tensors[key] = ModelTensor(
                shape: entry.tensor.shape, values: try entry.tensor.floats())
        }
        return try stage.result(of: model)
    }

    /// One update; returns the loss and its parts.
    private func update(_ batch: TrainingBatch) throws -> [String: Double] {
        let clips = try ClipBatch(
            batch, device: stage.network.device, isChannelsLast: settings.run.channelsLast)
        for index in optimizer.groups.indices {
            optimizer.setRate(stage.rate(ofGroup: index, at: iteration), ofGroup: index)
        }
        try optimizer.dropGradients()
        let loss = try stage.loss(of: clips, at: iteration)
        let value = try loss.total.item()
        guard value.isFinite else { throw notFinite("the loss is \(value)") }
        try loss.total.backward()
        try stage.adjustGradients(at: iteration)
        guard try optimizer.gradientsAreFinite() else { throw notFinite("a gradient is no number") }
        try optimizer.step()
        try average?.update()
        return try loss.parts.mapValues { try $0.item() }
            .merging(["loss": value]) { _, total in total }
    }

    private func notFinite(_ what: String) -> VSRError {
        VSRError(
            .corruptData,
            "training went wrong at iteration \(iteration): \(what); the checkpoints in "
                + "\(checkpoints.path) are sound: resume with run.bfloat16=false, or lower "
                + "optimizer.rate in a new run")
    }

    private func report(_ values: [String: Double]) {
        let loss = values["loss"] ?? 0
        environment.progress?(
            ProgressUpdate(
                stage.name, completed: iteration, total: stage.iterations, unit: "iterations",
                detail: String(format: "loss %.5f", loss)))
    }

    /// Writes the configuration; goes on from the newest checkpoint where there is one and the run
    /// is to be resumed.
    ///
    /// - Throws: `invalidArgument` where the folder holds a run that is not to be resumed, or
    ///   another one; `corruptData` where it holds checkpoints, but none that is whole.
    func begin() throws {
        let found = try checkpoints.newest { environment.note("skipped: \($0.message)") }
        if let found {
            guard environment.isResuming else {
                throw VSRError(
                    .invalidArgument,
                    "\(settings.output) holds a run at iteration \(found.iteration): pass --resume "
                        + "to go on with it, or set another output")
            }
            try restore(found)
            environment.note("resumed \(settings.output) at iteration \(iteration)")
        } else if environment.isResuming {
            environment.note(
                "nothing to resume in \(settings.output): starting from the beginning")
        }
        try AtomicFile.write(
            Data(settings.yaml.utf8), to: "\(settings.output)/configuration.yml")
    }

    private func stopped() throws -> VSRError {
        try save()
        return VSRError(
            .cancelled,
            "stopped at iteration \(iteration) of \(stage.iterations); \(checkpoints.path) holds "
                + "everything: pass --resume to go on")
    }
}

extension TrainingRun {
    private func save() throws {
        var tensors: [String: ModelTensor] = [:]
        for entry in stateTensors {
            tensors[entry.name] = ModelTensor(
                shape: entry.tensor.shape, values: try entry.tensor.floats())
        }
        try checkpoints.save(
            Checkpoint(
                stage: stage.name, iteration: iteration, configuration: settings.yaml,
                blueprint: try stage.network.blueprint.json(),
                extras: try stage.extras,
                tensors: tensors,
                generators: ["cpu": try generatorState().bytes()]))
    }

    private func restore(_ checkpoint: Checkpoint) throws {
        guard checkpoint.stage == stage.name else {
            throw VSRError(
                .invalidArgument,
                "\(settings.output) holds a run of stage \(checkpoint.stage), not \(stage.name): "
                    + "set another output")
        }
        guard try settings.identity(checkpoint.configuration) == settings.identity(settings.yaml)
        else {
            throw VSRError(
                .invalidArgument,
                "the settings differ from those that \(settings.output) was trained with (its "
                    + "configuration.yml): restore them, or set another output")
        }
        guard checkpoint.iteration <= stage.iterations else {
            throw VSRError(
                .invalidArgument,
                "\(settings.output) is at iteration \(checkpoint.iteration) already, beyond the "
                    + "\(stage.iterations) asked for: raise iterations, or set another output")
        }
        try stage.restore(extras: checkpoint.extras)
        for entry in stateTensors {
            guard let values = checkpoint.tensors[entry.name], values.shape == entry.tensor.shape
            else {
                throw VSRError(
                    .corruptData, "the checkpoint in \(settings.output) lacks \(entry.name)")
            }
            try entry.tensor.assign(try Tensor(values.values, shape: values.shape))
        }
        if let bytes = checkpoint.generators["cpu"] {
            let state = try bytes.withUnsafeBytes {
                try Tensor(bytes: $0, shape: [bytes.count], dtype: .uint8)
            }
            try setGeneratorState(state)
        }
        iteration = checkpoint.iteration
    }

    /// Every tensor that changes while training, under the name it has in checkpoints.
    private var stateTensors: [NamedTensor] {
        func prefixed(_ prefix: String, _ tensors: [NamedTensor]) -> [NamedTensor] {
            tensors.map { NamedTensor("\(prefix).\($0.name)", $0.tensor) }
        }
        return prefixed("parameter", stage.network.namedParameters)
            + prefixed("factor", stage.network.namedFactors)
            + prefixed("adam", optimizer.state)
            + prefixed("average", average?.averages ?? [])
    }
}

extension ClipBatch {
    init(_ batch: TrainingBatch, device: Device, isChannelsLast: Bool) throws {
        func tensor(_ values: [Float], _ scale: Int) throws -> Tensor {
            let (height, width) = (batch.size.height * scale, batch.size.width * scale)
            let frames = batch.batchSize * batch.frames
            let flat = try Tensor(values, shape: [frames, 3, height, width], device: device)
            return try (isChannelsLast ? flat.contiguous(.channelsLast) : flat)
                .reshaped([batch.batchSize, batch.frames, 3, height, width])
        }
        low = try tensor(batch.lowResolution, 1)
        high = try tensor(batch.highResolution, batch.scale)
    }
}
