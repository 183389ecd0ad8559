import ArgumentParser
import VSRConfiguration
import VSRProgram
import VSRTraining

struct Finetune: Command {
    static let configuration = CommandConfiguration(
        abstract: "Finetune a pruned network, held to the dense one's hidden states.",
        discussion: """
            slimvsr-lab finetune Configurations/finetune-uni-small.yml --set temporal.weight=0.5

            The run's folder gets model.safetensors, log.jsonl, configuration.yml, checkpoints and, \
            with a teacher and validation clips, drift.json.
            """)

    @OptionGroup var options: TrainingOptions

    @OptionGroup var general: GeneralOptions

    func execute(_ console: Console) throws {
        let environment = try options.environment(console)
        let configuration = try ConfigurationFile.load(
            FinetuneConfiguration.self, path: options.configuration,
            overrides: options.overrides)
        try finetune(configuration, environment: environment)
        environment.note("wrote \(configuration.output)/model.safetensors")
    }
}
