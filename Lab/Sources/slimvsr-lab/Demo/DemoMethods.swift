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
        var isEmphasised = false
    }

    var dense: Network
    var slim: Network
    var baseline: Network
    var oneShot: Network
    /// The units removed from the dense network to make the slim one.
    var selection: UnitSelection
    /// The log of the regularisation.
    var log: String

    var all: [Network] { [dense, oneShot, baseline, slim] }
}

/// Makes the networks: the slim one by the whole method, the baseline by one-shot pruning and as
/// much training.
struct DemoTraining {
    /// The runs' folders within the demo's.
    static let runFolders = ["ssl-regularised", "ssl", "l1"]

    let plan: DemoPlan
    /// The dense model's name and file.
    let name: String
    let path: String
    let folder: String
    let environment: TrainingEnvironment

    func run() throws -> DemoMethods {
        let dense = try ModelFile.read(path)
        environment.note(
            "2/6 Compressing: \(plan.regularisationIterations) iterations of "
                + "sparsity-inducing regularisation, then surgery")
        let compressed = try compress(
            plan.compression(of: path, output: "\(folder)/ssl-regularised"),
            environment: environment)
        environment.note(
            "3/6 Temporal finetuning of the slim network: \(plan.finetuningIterations) iterations")
        let slim = try finetune(
            plan.finetuning(
                of: "\(folder)/ssl-regularised/model.safetensors", teacher: path,
                iterations: plan.finetuningIterations, output: "\(folder)/ssl"),
            environment: environment)
        environment.note(
            "4/6 The baseline: L1 pruning to the same operations, then \(plan.iterations) "
                + "iterations of finetuning")
        let oneShot = try dense.keeping(
            try AlignedSelection(
                pruning: dense, to: .macs(slim.blueprint.costs().macs)))
        try checkCosts(oneShot.blueprint, against: slim.blueprint)
        let start = "\(folder)/l1-one-shot.safetensors"
        try ModelFile.write(oneShot, to: start)
        let baseline = try finetune(
            plan.finetuning(
                of: start, teacher: nil, iterations: plan.iterations, output: "\(folder)/l1"),
            environment: environment)
        return methods(dense, compressed.selection, slim: slim, baseline, oneShot: oneShot)
    }

    private func methods(
        _ dense: Model, _ selection: UnitSelection, slim: Model, _ baseline: Model, oneShot: Model
    ) -> DemoMethods {
        DemoMethods(
            dense: .init(
                name: "dense", note: "\(name) as bundled; it never saw rendered clips",
                model: dense,
                iterations: 0),
            slim: .init(
                name: "SSL",
                note:
                    "each block keeps channels of its own; regularised, cut, temporally finetuned",
                model: slim, iterations: plan.iterations, isEmphasised: true),
            baseline: .init(
                name: "L1", note: "a narrower dense network; pruned at once, then finetuned",
                model: baseline, iterations: plan.iterations),
            oneShot: .init(
                name: "L1, one shot", note: "the same without any finetuning", model: oneShot,
                iterations: 0),
            selection: selection, log: "\(folder)/ssl-regularised/log.jsonl")
    }

    /// Methods are compared at equal operations, within 2 %.
    private func checkCosts(_ baseline: Blueprint, against slim: Blueprint) throws {
        let ratio = Double(baseline.costs().macs) / Double(slim.costs().macs)
        guard abs(ratio - 1) <= 0.02 else {
            throw VSRError(
                .unsupported,
                "the baseline has \(String(format: "%.3f", ratio)) times the slim network's "
                    + "operations, too far for a comparison: choose another share of operations")
        }
    }
}
