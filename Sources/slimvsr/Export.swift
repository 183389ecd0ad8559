import ArgumentParser
import VSRModel
import VSRProgram
import VSRTools

struct Export: Command {
    static let configuration = CommandConfiguration(
        abstract: "Write a network for ONNX Runtime and other engines, or for BasicSR.",
        discussion: """
            OUTPUT's ending says what is written. FILE.onnx is a graph that computes one frame's \
            step, for frames of any size, pruned networks too; a bidirectional network is two, \
            FILE.backward.onnx beside it. FILE.pth is a PyTorch checkpoint by BasicSR's names, of \
            a dense network. docs/export.md says how graphs are run.

            slimvsr export uni-small-slim slim.onnx
            slimvsr export dense.safetensors dense.pth
            """)

    @Argument(help: "A model's name or file.")
    var model: String

    @Argument(help: "The file to write: .onnx or .pth.")
    var output: String

    @OptionGroup var foreign: ForeignModelArguments

    @Flag(help: "Store weights as float16: half the size. Engines still compute with float32.")
    var half = false

    @OptionGroup var writing: OutputArguments

    @OptionGroup var general: GeneralOptions

    func execute(_ console: Console) throws {
        _ = try ModelExport.Format(ofFile: output)
        try writing.check(output)
        let reference = try ModelReference(model, foreign: foreign.options)
        for file in try ModelExport.files(of: try reference.readBlueprint(), at: output) {
            try writing.check(file)
        }
        var export = ModelExport(version: ProgramVersion.text)
        export.storage = half ? .float16 : .float32
        let outcome = try export.export(reference, to: output)
        for remark in outcome.remarks { console.remark(remark) }
        for file in outcome.files { console.output("wrote \(file)") }
    }
}
