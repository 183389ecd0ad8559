import ArgumentParser
import VSRConfiguration
import VSRProgram
import VSRTraining

struct Pretrain: Command {
    static let configuration = CommandConfiguration(
        abstract: "Train a dense network from scratch.",
        discussion: """
            slimvsr-lab pretrain Configurations/pretrain-uni-small.yml --set run.threads=2

            The run's folder gets model.safetensors, log.jsonl, configuration.yml and checkpoints. \
            Ctrl-C writes a checkpoint; --resume goes on from it.
            """)

    @OptionGroup var options: TrainingOptions

    @OptionGroup var general: GeneralOptions

    func execute(_ console: Console) throws {
        let environment = try options.environment(console)
        let configuration = try ConfigurationFile.load(
            PretrainConfiguration.self, path: options.configuration,
            overrides: options.overrides)
        try pretrain(configuration, environment: environment)
        environment.note("wrote \(configuration.output)/model.safetensors")
    }
}
