import ArgumentParser
import VSRConfiguration
import VSRCore
import VSRProgram
import VSRTools
import VSRTraining

struct BenchStep: Command {
    static let configuration = CommandConfiguration(
        commandName: "bench-step",
        abstract: "Time a training step on the CPU: precisions, memory layouts, Winograd.",
        discussion: """
            slimvsr-lab bench-step Configurations/pretrain-uni-small.yml --set run.threads=1

            slimvsr-lab bench-step Configurations/pretrain-uni-small.yml --model slim.safetensors

            Takes the network, patch, batch and threads of a pretraining configuration; the frames \
            are random.
            """)

    @Argument(help: "A pretraining configuration, a YAML file.")
    var configuration: String

    @Option(
        help: ArgumentHelp(
            "Train this network in place of the configuration's: a file, or a model's name.",
            valueName: "model"))
    var model: String?

    @Option(help: "Steps of each variant.")
    var rounds = 9

    @Option(
        name: .customLong("set"), help: "Change a setting: KEY=VALUE. Repeatable.")
    var overrides: [String] = []

    @Flag(help: "Print every time, as JSON.")
    var json = false

    @OptionGroup var general: GeneralOptions

    func validate() throws {
        guard (1...10_000).contains(rounds) else {
            throw ValidationError("--rounds must be in 1...10000, not \(rounds)")
        }
    }

    func execute(_ console: Console) throws {
        let settings = try ConfigurationFile.load(
            Pretrain.Configuration.self, path: configuration, overrides: overrides)
        let result = try StepBenchmark(
            settings, model: model.map { try ModelReference($0).load().model }, rounds: rounds)
        console.output(json ? try JSONText.text(result) : result.table)
    }
}
