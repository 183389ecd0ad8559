import Foundation
import VSRConfiguration
import VSRCore
import VSRModel
import VSRPruning
import VSRTools
import VSRTraining

/// The networks that the demonstration compares.
struct DemoMethods {
    /// A network and how it came about.
    struct Network {
        var name: String
        var note: String
        var model: Model
        var iterations: Int
        var isEmphasized = false
    }

    /// The dense network as it was given: parent of the others, and teacher of the slim one.
    var parent: Network
    /// The dense network after as many further iterations as the slim one.
    var dense: Network
    var slim: Network
    var baseline: Network
    var oneShot: Network
    /// The units removed from the dense network to make the slim one.
    var removal: PruningSelection
    /// The log of the regularization.
    var log: String

    var all: [Network] { [parent, dense, oneShot, baseline, slim] }
}

/// Makes the networks: the slim one by selection, regularization and finetuning, the baseline by one-shot pruning; baseline
/// and dense network get as much training.
struct DemoTraining {
    /// The runs' folders within the demo's.
    static let runFolders = ["ssl-regularized", "ssl", "l1", "dense"]

    let plan: DemoPlan
    /// The dense model's name and file.
    let name: String
    let path: String
    let folder: String
    let environment: TrainingEnvironment

    func run() throws -> DemoMethods {
        let parent = try ModelReference(path).read()
        let compression = plan.compression(of: path, output: "\(folder)/ssl-regularized")
        let oneShot = try comparableBaseline(of: parent, to: compression)
        environment.note(
            "2/7 Compressing: \(plan.regularizationIterations) iterations of "
                + "sparsity-inducing regularization, then surgery")
        let compressed = try Compress.run(compression, environment: environment)
        environment.note(
            "3/7 Temporal finetuning of the slim network: \(plan.finetuningIterations) iterations")
        let slim = try Finetune.run(
            plan.finetuning(
                of: "\(folder)/ssl-regularized/model.safetensors", teacher: path,
                iterations: plan.finetuningIterations, output: "\(folder)/ssl"),
            environment: environment)
        environment.note(
            "4/7 The baseline: L1 pruning to the same operations, then \(plan.iterations) "
                + "iterations of finetuning")
        let start = "\(folder)/l1-one-shot.safetensors"
        try ModelFile.write(oneShot, to: start)
        let baseline = try finetuneFromFrames(start, output: "\(folder)/l1")
        environment.note("5/7 The dense network: \(plan.iterations) iterations of the same")
        let dense = try finetuneFromFrames(path, output: "\(folder)/dense")
        return methods(
            parent, compressed.removal, dense: dense, slim: slim, baseline, oneShot: oneShot)
    }

    /// Finetunes a model for as many iterations as the slim one gets in all.
    private func finetuneFromFrames(_ model: String, output: String) throws -> Model {
        try Finetune.run(
            plan.finetuning(of: model, teacher: nil, iterations: plan.iterations, output: output),
            environment: environment)
    }

    /// The narrower network with the operations that compressing will leave, within 2 %.
    ///
    /// Both selections depend on the dense model's weights alone, so what cannot be compared shows
    /// before anything is trained.
    private func comparableBaseline(
        of dense: Model, to compression: Compress.Configuration
    ) throws -> Model {
        let slim = try OneShotPruning(compression.selection).pruned(dense).after.macs
        let baseline = try dense.keeping(try AlignedSelection(pruning: dense, to: .macs(slim)))
        let ratio = Double(baseline.blueprint.costs().macs) / Double(slim)
        guard abs(ratio - 1) <= 0.02 else {
            throw VSRError(
                .unsupported,
                "\(name) has no baseline of equal cost: the nearest has "
                    + "\(String(format: "%.3f", ratio)) times the slim network's operations; give a "
                    + "wider dense model")
        }
        return baseline
    }

    private func methods(
        _ parent: Model, _ removal: PruningSelection, dense: Model, slim: Model,
        _ baseline: Model,
        oneShot: Model
    ) -> DemoMethods {
        DemoMethods(
            parent: .init(
                name: "dense, untouched", note: "\(name) as it was; parent of all others",
                model: parent, iterations: 0),
            dense: .init(
                name: "dense", note: "the same, finetuned as long as SSL and L1", model: dense,
                iterations: plan.iterations),
            slim: .init(
                name: "SSL",
                note:
                    "each block keeps its own choice of channels; regularized, cut, temporally finetuned",
                model: slim, iterations: plan.iterations, isEmphasized: true),
            baseline: .init(
                name: "L1", note: "a narrower dense network; pruned at once, then finetuned",
                model: baseline, iterations: plan.iterations),
            oneShot: .init(
                name: "L1, one shot", note: "the same without any finetuning", model: oneShot,
                iterations: 0),
            removal: removal, log: "\(folder)/ssl-regularized/\(TrainingLogFile.name)")
    }
}
