import ArgumentParser
import VSRCore
import VSRImaging
import VSRModel
import VSRProgram
import VSRPruning
import VSRTools

struct Prune: Command {
    static let configuration = CommandConfiguration(
        abstract: "Make a smaller model from a trained one, without training.",
        discussion: """
            Units (channels and filters) with the smallest weights are removed until the target \
            is met. Quality suffers without finetuning, which slimvsr-lab does.

            slimvsr prune dense.safetensors --ratio 0.5 --output slim.safetensors
            slimvsr prune dense.safetensors --target-macs 90G --output slim.safetensors
            slimvsr prune dense.safetensors --target-ms 40 --size 640x360 -o slim.safetensors

            With --compensate, what is left is refitted by least squares on clips, in about a \
            minute: much better than by weights alone.

            slimvsr prune dense.safetensors --target-macs 90G --compensate clips/ -o slim.safetensors

            --flow-reduction 2 finds motion at half size, alone or with the others:

            slimvsr prune slim.safetensors --flow-reduction 2 -o slimmer.safetensors

            slimvsr-lab compress has the same options as selection.ratio, selection.targetMacs and \
            so on, but for --flow-reduction.
            """)

    @Argument(help: "A model's name or file (see slimvsr models).")
    var model: String

    @OptionGroup var pruning: PruningArguments

    @OptionGroup var foreign: ForeignModelArguments

    @Option(
        help: ArgumentHelp(
            "Of a checkpoint: what the network was trained for, BI, BD or BD-DUF; the pruned model "
                + "says so, and --compensate makes its input so."))
    var degradation: Degradation?

    @Option(name: [.short, .long], help: "The model file to write.")
    var output: String

    @Option(
        help: ArgumentHelp(
            "Refit what is left on the clips of this folder (videos or folders of pictures, high "
                + "resolution); chooses units by itself."))
    var compensate: String?

    @Option(help: "With --compensate or --target-ms: threads (default: one per core).")
    var threads: Int?

    @OptionGroup var writing: OutputArguments

    @OptionGroup var general: GeneralOptions

    func validate() throws {
        let settings = try settings()
        guard compensate == nil || pruning.hasTarget else {
            throw ValidationError(
                "--compensate goes with a target: --ratio, --target-macs, --target-parameters or "
                    + "--target-ms")
        }
        try PruningArguments.named {
            if compensate != nil {
                _ = try CompensatedPruning(settings)
            } else {
                _ = try OneShotPruning(settings)
            }
        }
        guard threads.map({ (1...1024).contains($0) }) ?? true else {
            throw ValidationError("--threads is in 1...1024")
        }
        guard threads == nil || compensate != nil || pruning.targetMs != nil else {
            throw ValidationError("--threads goes with --compensate and --target-ms")
        }
    }

    private func settings() throws -> PruningSettings {
        var settings = try pruning.settings()
        if settings.targetMs != nil { settings.threads = threads ?? 0 }
        return settings
    }

    func execute(_ console: Console) throws {
        try writing.check(output)
        let outcome = try prune(console)
        for remark in outcome.remarks { console.remark(remark) }
        console.output(outcome.text + "\nwrote \(output)")
    }

    private func prune(_ console: Console) throws -> OneShotPruning.Outcome {
        let settings = try settings()
        var options = foreign.options
        options.degradation = degradation
        let reference = try ModelReference(model, foreign: options)
        defer { console.progress.finish() }
        guard let compensate else {
            var method = try OneShotPruning(settings)
            method.flowReduction = pruning.flowReduction
            method.progress = console.progress.handler
            method.cancellation = console.cancellation
            return try method.prune(reference, to: output)
        }
        var method = try CompensatedPruning(settings)
        method.flowReduction = pruning.flowReduction
        method.options.threads = threads
        method.options.progress = console.progress.handler
        method.options.cancellation = console.cancellation
        return try method.prune(reference, on: compensate, to: output)
    }
}
