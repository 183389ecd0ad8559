import ArgumentParser
import VSRProgram

/// The command line's root.
struct SlimVSR: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slimvsr",
        abstract: "Runs, evaluates, inspects and prunes video super-resolution networks.",
        discussion: """
            Models are named by a file, a PyTorch checkpoint of BasicVSR too, or by a name that \
            slimvsr models lists.

            slimvsr upscale holiday.mp4 holiday-x4.mp4
            slimvsr inspect basicvsr
            slimvsr evaluate --model bicubic --data clips --layout clips --degradation BI
            """,
        version: ProgramVersion.text,
        subcommands: [
            Upscale.self, Compare.self, Models.self, Evaluate.self, VerifyData.self, Inspect.self,
            Prune.self, Import.self, Export.self, Pack.self, Bench.self, StabilityCommand.self,
            ReportCommand.self, TensorBoardCommand.self,
        ])
}
