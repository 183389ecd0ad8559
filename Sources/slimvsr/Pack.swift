import ArgumentParser
import VSRCore
import VSRModel
import VSRProgram
import VSRTools

struct Pack: Command {
    static let configuration = CommandConfiguration(
        abstract: "Rewrite a model file in half precision, or with another description or license.",
        discussion: """
            Without --half the weights stay as they are stored, bit for bit.

            slimvsr pack runs/slim/model.safetensors --half --name "Slim, online, ×4" \
            --license CC-BY-NC-4.0 --output slim.safetensors
            slimvsr pack old.safetensors --degradation BI --output new.safetensors
            """)

    @Argument(help: "A model's name or file.")
    var model: String

    @OptionGroup var foreign: ForeignModelArguments

    @Flag(help: "Store weights as float16: half the size.")
    var half = false

    @OptionGroup var description: ModelDescriptionArguments

    @Option(help: "How the weights were made: configuration, parent model, iterations.")
    var history: String?

    @Option(name: [.short, .long], help: "The model file to write.")
    var output: String

    @OptionGroup var writing: OutputArguments

    @OptionGroup var general: GeneralOptions

    func execute(_ console: Console) throws {
        try writing.check(output)
        var metadata = description.metadata
        metadata[MetadataKey.history] = history
        let packing = ModelPacking(storage: half ? .float16 : nil, metadata: metadata)
        let packed = try packing.pack(
            try ModelReference(model, foreign: foreign.options), to: output)
        for remark in packed.remarks { console.remark(remark) }
        console.output("wrote \(output): \(packed.model.tensors.count.counted("tensor"))")
    }
}
