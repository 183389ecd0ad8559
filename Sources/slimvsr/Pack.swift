import ArgumentParser
import VSRCore
import VSRImaging
import VSRModel
import VSRProgram
import VSRTools

struct Pack: Command {
    static let configuration = CommandConfiguration(
        abstract: "Rewrite a model file: in half precision, or with other things said of it.",
        discussion: """
            Without --half the weights stay as they are stored, bit for bit.

            slimvsr pack runs/slim/model.safetensors --half --name "Slim, online, ×4" \
            --license CC-BY-NC-4.0 --output slim.safetensors
            slimvsr pack old.safetensors --degradation BI --output new.safetensors
            """)

    @Argument(help: "A model's name or file.")
    var model: String

    @Flag(help: "Store weights as float16: half the size.")
    var half = false

    @Option(help: "One line that names the model for people.")
    var name: String?

    @Option(help: "What it was trained on, with licenses.")
    var data: String?

    @Option(help: "The license of the weights.")
    var license: String?

    @Option(help: "What the network was trained for: BI, BD or BD-DUF; evaluate uses it.")
    var degradation: Degradation?

    @Option(help: "Where the weights are from.")
    var source: String?

    @Option(help: "How the weights were made: configuration, parent model, iterations.")
    var history: String?

    @Option(name: [.short, .long], help: "The model file to write.")
    var output: String

    @OptionGroup var general: GeneralOptions

    func execute(_ console: Console) throws {
        let given = [
            MetadataKey.name: name, MetadataKey.data: data, MetadataKey.license: license,
            MetadataKey.history: history, MetadataKey.source: source,
            MetadataKey.degradation: degradation?.rawValue,
        ]
        let packing = ModelPacking(
            storage: half ? .float16 : nil, metadata: given.compactMapValues { $0 })
        let packed = try packing.pack(try ModelReference(model), to: output)
        for remark in packed.remarks { console.remark(remark) }
        console.output("wrote \(output): \(packed.model.tensors.count.counted("tensor"))")
    }
}
