import ArgumentParser
import VSRProgram
import VSRTools

struct TensorBoardCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "tensorboard",
        abstract: "Write the logs of training runs for TensorBoard.",
        discussion: """
            slimvsr tensorboard runs -o runs/tensorboard
            tensorboard --logdir runs/tensorboard

            FOLDER is that of a run, of a study, or one that holds such folders: every log.jsonl \
            and results.json in it is read. Writing again replaces what was written.
            """)

    @Argument(help: "The folder of a run, of a study, or of several.")
    var folder: String

    @Option(name: [.short, .long], help: "The folder to write.")
    var output: String

    @OptionGroup var general: GeneralOptions

    func execute(_ console: Console) throws {
        let outcome = try TensorBoardExport().write(folder, to: output)
        for remark in outcome.remarks { console.remark(remark) }
        let runs = outcome.runs.count
        console.output(
            "wrote \(outcome.scalars) figures of \(runs) run\(runs == 1 ? "" : "s") to \(output)")
    }
}
