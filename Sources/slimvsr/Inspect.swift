import ArgumentParser
import VSRCore
import VSRModel
import VSRProgram
import VSRTools

struct Inspect: Command {
    static let configuration = CommandConfiguration(
        abstract: "Show what a network consists of and what it costs.",
        discussion: """
            MODEL is a published network's shape (basicvsr, basicvsr-uni, basicvsr-lite, \
            basicvsr-uni-lite), a name that slimvsr models lists, a model file, or a PyTorch \
            checkpoint or safetensors file of BasicVSR.

            slimvsr inspect basicvsr
            slimvsr inspect BasicVSR_Vimeo90K_BIx4.pth
            slimvsr inspect basicvsr-uni --width 32 --blocks 10 --flow quarter
            """)

    @Argument(help: "A published network, or a model's name or file.")
    var model: String

    @Option(help: "Channels of trunk and hidden state (published networks only).")
    var width: Int?

    @Option(help: "Residual blocks per branch (published networks only).")
    var blocks: Int?

    @Option(help: "Upscaling factor, 2 or 4 (published networks only).")
    var scale: Int?

    @Option(help: "Width of the flow network: full, half or quarter (published networks only).")
    var flow: FlowWidth?

    @Option(help: "Size of the input frame that operations are counted for, as WIDTHxHEIGHT.")
    var size = Blueprint.referenceFrameSize

    @OptionGroup var foreign: ForeignModelArguments

    @Flag(help: "List every convolution.")
    var layers = false

    @Flag(help: "Print everything as JSON.")
    var json = false

    @OptionGroup var general: GeneralOptions

    func execute(_ console: Console) throws {
        let shape = Inspection.Shape(
            width: width, blocks: blocks, scale: scale, flow: flow?.network)
        let inspection = try Inspection(
            of: model, shape: shape, foreign: foreign.options, frameSize: size)
        console.output(json ? try JSONText.text(inspection) : inspection.text(listsLayers: layers))
    }
}
