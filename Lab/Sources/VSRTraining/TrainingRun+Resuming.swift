import Foundation
import Torch
import VSRConfiguration
import VSRCore
import VSRModel
import VSRNetworks

extension TrainingRun {
    /// The key of a checkpoint's extras that holds ``TrainingStage/sources``.
    private static var sourcesKey: String { "sources" }

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
                    "\(output) holds a run at iteration \(found.iteration): pass --resume "
                        + "to go on with it, or set another output")
            }
            try restore(found)
            environment.note("resumed \(output) at iteration \(iteration)")
        } else if environment.isResuming {
            environment.note("nothing to resume in \(output): starting from the beginning")
        }
        removeLeftovers()
        try AtomicFile.write(
            Data(try ConfigurationFile.yaml(of: configuration).utf8),
            to: "\(output)/\(RunFile.configuration)")
    }

    /// Removes what a killed run left half written.
    private func removeLeftovers() {
        for name in RunFile.all + Stage.files {
            PendingFile.removeLeftovers(of: "\(output)/\(name)")
        }
        checkpoints.removeTemporaries()
    }

    func save() throws {
        var tensors: [String: ModelTensor] = [:]
        for entry in stateTensors {
            tensors[entry.name] = ModelTensor(
                shape: entry.tensor.shape, values: try entry.tensor.floats())
        }
        var extras = try stage.extras
        extras[Self.sourcesKey] = try JSONText.text(stage.sources, .compact)
        try checkpoints.save(
            Checkpoint(
                stage: Stage.name, iteration: iteration,
                configuration: try ConfigurationFile.yaml(of: configuration),
                blueprint: try stage.network.blueprint.json(), extras: extras, tensors: tensors,
                generators: ["cpu": try generatorState().bytes()]))
    }

    private func restore(_ checkpoint: Checkpoint) throws {
        try checkIdentity(of: checkpoint)
        try checkSources(of: checkpoint)
        try stage.restore(extras: checkpoint.extras)
        for entry in stateTensors {
            guard let values = checkpoint.tensors[entry.name], values.shape == entry.tensor.shape
            else {
                throw VSRError(
                    .corruptData, "the checkpoint in \(output) lacks \(entry.name)")
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

    private func checkIdentity(of checkpoint: Checkpoint) throws {
        guard checkpoint.stage == Stage.name else {
            throw VSRError(
                .invalidArgument,
                "\(output) holds a run of stage \(checkpoint.stage), not \(Stage.name): "
                    + "set another output")
        }
        let stored = try Stage.Configuration.stored(checkpoint.configuration)
        guard stored.identity == configuration.identity else {
            throw VSRError(
                .invalidArgument,
                "the settings differ from those that \(output) was trained with (its "
                    + "\(RunFile.configuration)): restore them, or set another output")
        }
        guard checkpoint.iteration <= configuration.iterations else {
            throw VSRError(
                .invalidArgument,
                "\(output) is at iteration \(checkpoint.iteration) already, beyond the "
                    + "\(configuration.iterations) asked for: raise iterations, or set another "
                    + "output")
        }
    }

    /// Networks are told apart by their contents, so that files may move but not change.
    private func checkSources(of checkpoint: Checkpoint) throws {
        let own = stage.sources
        guard let text = checkpoint.extras[Self.sourcesKey] else {
            guard !own.isEmpty else { return }
            environment.note(
                "the checkpoint in \(output) is of an older version, which did not note its "
                    + "networks: \(own.keys.sorted().joined(separator: ", ")) cannot be checked")
            return
        }
        let stored = try JSONText.decode(
            [String: String].self, from: Data(text.utf8), in: "the checkpoint in \(output)",
            as: "note of its networks")
        for (key, fingerprint) in own.sorted(by: { $0.key < $1.key })
        where stored[key] != fingerprint {
            throw VSRError(
                .invalidArgument,
                "\(key) is another network than the one that \(output) was trained with: restore "
                    + "that file, or set another output")
        }
    }

    /// Every tensor that changes while training, under the name it has in checkpoints.
    private var stateTensors: [NamedTensor] {
        func prefixed(_ prefix: String, _ tensors: [NamedTensor]) -> [NamedTensor] {
            tensors.map { NamedTensor("\(prefix).\($0.name)", $0.tensor) }
        }
        return prefixed("parameter", stage.network.namedParameters)
            + prefixed("factor", stage.network.namedFactors)
            + prefixed("adam", step.optimizer.state)
            + prefixed("average", step.average?.averages ?? [])
    }
}
