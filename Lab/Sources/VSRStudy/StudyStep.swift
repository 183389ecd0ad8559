import VSRConfiguration
import VSRCore
import VSRModel
import VSRPruning
import VSRTools
import VSRTraining

/// A network that a study starts from.
struct StudyParent: Sendable {
    /// As the settings name it.
    let name: String
    let path: String
    let model: Model
    let fingerprint: String
}

/// A piece of work that gives one model: done once for all cells that share it.
///
/// Its folder holds `model.safetensors` once it is done.
struct StudyStep: Sendable {
    enum Work: Sendable {
        case prune(PruningSettings)
        case compensate(PruningSettings, clips: String, seed: UInt64)
        /// New weights at the width that `pruning` leaves.
        case initialize(PruningSettings, seed: UInt64)
        case compress(Compress.Configuration)
        /// Refits what a regularization has left to the parent.
        case refit(clips: String, seed: UInt64)
        case finetune(Finetune.Configuration)

        var kind: String {
            switch self {
            case .prune: "prune"
            case .compensate: "compensate"
            case .initialize: "initialize"
            case .compress: "compress"
            case .refit: "refit"
            case .finetune: "finetune"
            }
        }
    }

    let parent: StudyParent
    /// The step whose model this one takes; `nil` for the parent's.
    let input: Box?
    let work: Work
    /// The hash of everything that the step's model depends on.
    let key: String

    /// A step within a step.
    final class Box: Sendable {
        let step: StudyStep
        init(_ step: StudyStep) { self.step = step }
    }

    init(_ work: Work, of parent: StudyParent, after input: StudyStep? = nil) throws {
        self.parent = parent
        self.input = input.map(Box.init)
        self.work = work
        var hash = WordHash()
        hash.add(work.kind)
        hash.add(input?.key ?? parent.fingerprint)
        for text in try work.identity(of: parent) { hash.add(text) }
        key = hash.digits
    }

    /// The folder's name.
    var name: String { "\(work.kind)-\(key)" }

    /// This step after all that it needs.
    var chain: [StudyStep] { (input?.step.chain ?? []) + [self] }

    /// Iterations of regularization and of finetuning.
    var iterations: (regularization: Int, finetuning: Int) {
        switch work {
        case .compress(let settings): (settings.iterations, 0)
        case .finetune(let settings): (0, settings.iterations)
        default: (0, 0)
        }
    }
}

extension StudyStep.Work {
    /// Texts that are equal where the work is.
    ///
    /// What does not change a run's result, or what the input's key stands for, is left out.
    fileprivate func identity(of parent: StudyParent) throws -> [String] {
        func common(_ run: RunSettings) -> RunSettings {
            var result = RunSettings()
            (result.seed, result.bfloat16) = (run.seed, run.bfloat16)
            return result
        }
        switch self {
        case .prune(let settings):
            return [try JSONText.text(settings, .compact)]
        case .compensate(let settings, let clips, let seed):
            return [try JSONText.text(settings, .compact), clips, "\(seed)"]
        case .initialize(let settings, let seed):
            return [try JSONText.text(settings, .compact), "\(seed)"]
        case .refit(let clips, let seed):
            return [parent.fingerprint, clips, "\(seed)"]
        case .compress(var settings):
            (settings.model, settings.output, settings.validation, settings.run) = (
                "-", "-", ValidationSettings(), common(settings.run)
            )
            settings.data = settings.data.identity
            return [try ConfigurationFile.yaml(of: settings)]
        case .finetune(var settings):
            let teacher = settings.temporal.teacher.map { _ in parent.fingerprint } ?? "-"
            (settings.model, settings.output, settings.validation, settings.run) = (
                "-", "-", ValidationSettings(), common(settings.run)
            )
            settings.data = settings.data.identity
            settings.temporal.teacher = nil
            return [try ConfigurationFile.yaml(of: settings), teacher]
        }
    }
}
