import ArgumentParser
import VSRConfiguration
import VSRProgram
import VSRTraining

struct Compress: Command {
    static let configuration = CommandConfiguration(
        abstract: "Prune a dense network: choose units, drive them to zero, remove them.",
        discussion: """
            slimvsr-lab compress Configurations/compress-uni-small.yml --set selection.ratio=0.5

            The run's folder gets the pruned model.safetensors, selection.json, log.jsonl with the \
            factors' means, configuration.yml and checkpoints.
            """)

    @OptionGroup var options: TrainingOptions

    @OptionGroup var general: GeneralOptions

    func execute(_ console: Console) throws {
        let environment = try options.environment(console)
        let configuration = try ConfigurationFile.load(
            CompressConfiguration.self, path: options.configuration,
            overrides: options.overrides)
        let result = try compress(configuration, environment: environment)
        environment.note(
            "removed \(result.selection.removedCount) units; wrote "
                + "\(configuration.output)/model.safetensors")
    }
}
