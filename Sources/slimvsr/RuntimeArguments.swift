import ArgumentParser
import VSRCore
import VSRProgram
import VSRRuntime
import VSRTools

/// Options of every command that runs a network.
struct RuntimeArguments: ParsableArguments {
    @Option(help: "Threads (default: one per core).")
    var threads: Int?

    @Option(help: "fp32, bf16, or auto: bf16 where the model file records that it loses nothing.")
    var precision = UpscalerOptions.Precision.auto

    @Option(
        help: ArgumentHelp(
            "Instruction sets that kernels may use, separated by commas (default: all).",
            discussion: "Known: \(InstructionSets.knownNames.joined(separator: ", ")).",
            valueName: "names"))
    var instructionSets: String?

    /// - Throws: `invalidArgument` or `unsupported` naming an instruction set.
    func options(_ console: Console) throws -> UpscalerOptions {
        var options = UpscalerOptions()
        options.threads = threads
        options.precision = precision
        options.instructionSets = try permittedSets()
        options.cancellation = console.cancellation
        return options
    }

    func permittedSets() throws -> InstructionSets {
        try instructionSets.map { try InstructionSets(names: $0) } ?? .all
    }
}

extension UpscalerOptions.Precision: ExpressibleByArgument {}
