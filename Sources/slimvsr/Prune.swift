import ArgumentParser
import VSRCore
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

            slimvsr-lab compress has the same options as selection.ratio, selection.targetMacs and \
            so on.
            """)

    @Argument(help: "A model's name or file (see slimvsr models).")
    var model: String

    @OptionGroup var pruning: PruningArguments

    @Option(name: [.short, .long], help: "The model file to write.")
    var output: String

    @OptionGroup var general: GeneralOptions

    func validate() throws { _ = try pruning.settings() }

    func execute(_ console: Console) throws {
        let pruning = try OneShotPruning(pruning.settings())
        let outcome = try pruning.prune(try ModelReference(model), to: output)
        for remark in outcome.remarks { console.remark(remark) }
        console.output(outcome.text + "\nwrote \(output)")
    }
}
