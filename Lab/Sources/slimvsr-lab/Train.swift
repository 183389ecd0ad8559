import ArgumentParser
import VSRConfiguration
import VSRProgram
import VSRTraining

/// The command that runs a training stage: `slimvsr-lab pretrain settings.yml`.
struct Train<Stage: DescribedStage>: Command {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Stage.name, abstract: Stage.abstract, discussion: Stage.discussion)
    }

    @OptionGroup var options: TrainingOptions

    @OptionGroup var general: GeneralOptions

    func execute(_ console: Console) throws {
        let environment = try options.environment(console)
        let configuration = try ConfigurationFile.load(
            Stage.Configuration.self, path: options.configuration, overrides: options.overrides)
        let outcome = try Stage.run(configuration, environment: environment)
        environment.note(
            "\(Stage.summary(of: outcome))wrote \(configuration.output)/model.safetensors")
    }
}

/// A training stage as the command line's help describes it.
protocol DescribedStage: TrainingStage {
    static var abstract: String { get }
    static var discussion: String { get }

    /// What there is to say of a run beside that its model was written; ends with `; ` or is empty.
    static func summary(of outcome: Outcome) -> String
}

extension DescribedStage {
    static func summary(of outcome: Outcome) -> String { "" }
}

extension Pretrain: DescribedStage {
    static let abstract = "Train a dense network from scratch."
    static let discussion = """
        slimvsr-lab pretrain Configurations/pretrain-uni-small.yml --set run.threads=2

        The run's folder gets model.safetensors, log.jsonl, configuration.yml and checkpoints. \
        Ctrl-C writes a checkpoint; --resume goes on from it.
        """
}

extension Compress: DescribedStage {
    static let abstract =
        "Prune a dense network: choose units, drive them to zero, remove them."
    static let discussion = """
        slimvsr-lab compress Configurations/compress-uni-small.yml --set selection.ratio=0.5

        The keys of selection are the options of slimvsr prune, and selection.score=taylor ranks \
        units by gradients. compensate=true refits what is left to the dense network. The run's \
        folder gets the pruned \
        model.safetensors, selection.json, log.jsonl with the factors' means, configuration.yml \
        and checkpoints.
        """

    static func summary(of outcome: Outcome) -> String {
        "removed \(outcome.removedCount) units; "
    }
}

extension Finetune: DescribedStage {
    static let abstract =
        "Finetune a pruned network, its hidden states kept close to the dense one's."
    static let discussion = """
        slimvsr-lab finetune Configurations/finetune-uni-small.yml --set temporal.weight=0.5

        The run's folder gets model.safetensors, log.jsonl, configuration.yml, checkpoints and, \
        with a teacher and validation clips, drift.json.
        """
}
