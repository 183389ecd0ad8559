import ArgumentParser
import Torch
import VSRConfiguration
import VSRProgram
import VSRStudy
import VSRTraining

/// `slimvsr-lab experiment study.yml`.
struct Experiment: Command {
    static let configuration = CommandConfiguration(
        abstract: "Compare methods of pruning: run a study's cells, as many as are not done yet.",
        discussion: """
            slimvsr-lab experiment Configurations/study/comparison.yml --dry-run
            slimvsr-lab experiment Configurations/study/comparison.yml

            A study is networks × methods × targets × seeds, trained alike. Its folder gets a folder \
            for each step and cell, results.json and results.csv; slimvsr report makes a page of \
            them. What is done is not done again; after Ctrl-C or a crash the same command goes on. \
            Several processes may work on one study's folder at once, on several machines too.

            Methods: \(StudyMethod.allCases.map(\.rawValue).joined(separator: ", ")).
            """)

    @Argument(help: "The study's settings, a YAML file.")
    var study: String

    @Flag(help: "Show cells with costs and an estimate of time, and do nothing.")
    var dryRun = false

    @Flag(help: "Show how far each cell is, and do nothing.")
    var status = false

    @Option(help: "Only cells whose name has this text in it.")
    var only: String?

    @Option(help: "cpu, cuda or cuda:INDEX.")
    var device = "cpu"

    @Option(
        name: .customLong("set"),
        help: "Change a setting: KEY=VALUE, as in iterations=2000. Repeatable.")
    var overrides: [String] = []

    @OptionGroup var general: GeneralOptions

    func validate() throws {
        guard !(dryRun && status) else {
            throw ValidationError("--dry-run and --status are two questions: ask one")
        }
    }

    func execute(_ console: Console) throws {
        let settings = try ConfigurationFile.load(
            StudySettings.self, path: study, overrides: overrides)
        let device = try Device(parsing: device)
        let environment = TrainingEnvironment(
            device: device, progress: console.progress.handler, note: console.remark,
            cancellation: console.cancellation)
        let runner = try StudyRunner(settings, environment: environment)
        if dryRun { return console.output(try runner.dryRun(only: only)) }
        if status { return console.output(try runner.status(only: only)) }
        try TorchThread.run { try device.load() }
        defer { console.progress.finish() }
        try runner.run(only: only)
        console.progress.finish()
        console.output(try runner.status(only: only))
    }
}
