import ArgumentParser
import VSRCore
import VSRModel
import VSRProgram
import VSRTools

struct Import: Command {
    static let configuration = CommandConfiguration(
        abstract: "Make a model file of a network of another project.",
        discussion: """
            FILE is a PyTorch checkpoint or a safetensors file with a BasicVSR, one- or \
            bidirectional, by BasicSR's or mmagic's tensor names. Whatever surrounds the network \
            in it (params, state_dict, module, generator, …) is found by itself; averaged weights \
            (ema) are preferred. Nothing in the file is executed.

            Such a file can be given to every other command too; a model file is read faster, \
            and says what it was trained for.

            slimvsr import BasicVSR_Vimeo90K_BIx4.pth --degradation BI -o basicvsr.safetensors
            """)

    @Argument(help: "A PyTorch checkpoint or a safetensors file.")
    var file: String

    @Option(name: [.short, .long], help: "The model file to be written.")
    var output: String

    @OptionGroup var foreign: ForeignModelArguments

    @Option(help: "How weights are stored: float32 or float16, half the size.")
    var storage = WeightStorage.float32

    @OptionGroup var description: ModelDescriptionArguments

    @OptionGroup var writing: OutputArguments

    @OptionGroup var general: GeneralOptions

    func execute(_ console: Console) throws {
        try writing.check(output)
        var conversion = ModelConversion(foreign.options)
        conversion.storage = storage
        conversion.metadata = description.metadata
        let outcome = try conversion.convert(file, to: output)
        console.output(outcome.summary)
        for remark in outcome.remarks { console.output(remark) }
        console.output("wrote \(output)")
    }
}

extension WeightStorage: ExpressibleByArgument {}
