import ArgumentParser
import VSRModel
import VSRTools

/// Options of every command that takes a model: what a checkpoint of another project does not tell.
struct ForeignModelArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Of a checkpoint that holds several networks: what the tensor names of one begin with.",
            discussion: "An empty text stands for no prefix."))
    var prefix: String?

    @Option(
        help: ArgumentHelp(
            "Of a checkpoint: leaky-relu, relu or the slope of a leaky ReLU, 0 to 1 (default: "
                + "leaky-relu, 0.1).", valueName: "name"),
        transform: Activation.init(argument:))
    var activation: Activation?

    var options: ForeignModelOptions {
        ForeignModelOptions(prefix: prefix, activation: activation)
    }
}

extension Activation {
    /// - Throws: `ValidationError` saying what is permitted.
    fileprivate init(argument: String) throws {
        guard let activation = Activation(argument) else {
            throw ValidationError("it must be \(Activation.permittedNames)")
        }
        self = activation
    }
}
