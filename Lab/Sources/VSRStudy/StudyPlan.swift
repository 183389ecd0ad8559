import VSRConfiguration
import VSRCore
import VSRModel
import VSRPruning
import VSRTools
import VSRTraining

/// A cell of a study: a network by one method.
struct StudyCell: Sendable {
    let name: String
    let method: StudyMethod
    let parent: StudyParent
    let target: CostTarget?
    let seed: UInt64
    /// The step that gives the network; `nil` where it is the parent itself.
    let step: StudyStep?
    /// The hash of everything that the cell's results depend on.
    let key: String

    /// A folder's name that tells what is in it.
    var folderName: String {
        let readable = name.map { $0.isLetter || $0.isNumber || "-.".contains($0) ? $0 : "_" }
        return "\(String(readable))-\(key)"
    }
}

/// All cells of a study, those first that others build on.
struct StudyPlan: Sendable {
    let settings: StudySettings
    let cells: [StudyCell]

    /// - Throws: `notFound` or what reading a model throws; `invalidArgument` for two models of one
    ///   name.
    init(_ settings: StudySettings) throws {
        self.settings = settings
        let parents = try settings.models.map { text in
            let path = try expandingVariables(text)
            let model = try ModelReference(path).read()
            return StudyParent(
                name: Self.shortName(text), path: path, model: model,
                fingerprint: model.fingerprint)
        }
        guard Set(parents.map(\.name)).count == parents.count else {
            throw VSRError(
                .invalidArgument,
                "models holds two files of one name, \(parents.map(\.name).sorted().joined(separator: ", ")): "
                    + "rename one, since cells are called by it")
        }
        var cells: [StudyCell] = []
        for parent in parents {
            for seed in settings.seeds {
                for target in settings.targets {
                    for method in settings.methods {
                        let isFirst =
                            (method.hasTarget || target == settings.targets[0])
                            && (method.hasSeed || seed == settings.seeds[0])
                        guard isFirst else { continue }
                        cells.append(
                            try Self.cell(settings, parent, method, target: target, seed: seed))
                    }
                }
            }
        }
        self.cells = cells
    }

    /// The part of a path that people call a model by.
    private static func shortName(_ text: String) -> String {
        let last = text.split(separator: "/").last.map(String.init) ?? text
        return last.hasSuffix(".safetensors") ? String(last.dropLast(12)) : last
    }

    private static func cell(
        _ settings: StudySettings, _ parent: StudyParent, _ method: StudyMethod,
        target: CostTarget, seed: UInt64
    ) throws -> StudyCell {
        let step = try lastStep(settings, parent, method, target: target, seed: seed)
        var parts = [parent.name, method.rawValue]
        if method.hasTarget { parts.append(target.description) }
        if method.hasSeed { parts.append("\(seed)") }
        var hash = WordHash()
        hash.add(method == .bicubic ? "bicubic" : step?.key ?? parent.fingerprint)
        hash.add("\(parent.model.blueprint.scale)")
        settings.evaluations.forEach { hash.add($0) }
        hash.add(UInt64(settings.timedFrames))
        return StudyCell(
            name: parts.joined(separator: "/"), method: method, parent: parent,
            target: method.hasTarget ? target : nil, seed: seed, step: step, key: hash.digits)
    }

    private static func lastStep(
        _ settings: StudySettings, _ parent: StudyParent, _ method: StudyMethod,
        target: CostTarget, seed: UInt64
    ) throws -> StudyStep? {
        let recipe = method.recipe
        var pruning = settings.selection(of: method)
        pruning.targetMacs = target
        if recipe.order == .random { pruning.seed = seed }
        var run = settings.run
        run.seed = seed
        var start: StudyStep? =
            switch recipe.start {
            case .parent: nil
            case .oneShot: try StudyStep(.prune(pruning), of: parent)
            case .compensated:
                try StudyStep(
                    .compensate(pruning, clips: settings.data.clips ?? "", seed: seed), of: parent)
            case .initialized:
                try StudyStep(.initialize(pruning, seed: seed), of: parent)
            case .regularized:
                try StudyStep(.compress(regularization(settings, pruning, run)), of: parent)
            }
        if recipe.isRefitted, let regularized = start {
            start = try StudyStep(
                .refit(clips: settings.data.clips ?? "", seed: seed), of: parent,
                after: regularized)
        }
        guard recipe.isTrained else { return start }
        var finetuning = Finetune.Configuration()
        finetuning.model = "-"
        let before = start?.chain.reduce(0) { $0 + $1.iterations.regularization } ?? 0
        finetuning.iterations = settings.iterations - before
        (finetuning.data, finetuning.validation, finetuning.run) = (
            settings.data, settings.validation, run
        )
        (finetuning.optimizer, finetuning.flow) = (settings.optimizer, settings.flow)
        finetuning.distillation = settings.distillation
        finetuning.temporal.weight = recipe.hasTeacher ? settings.temporalWeight : 0
        if recipe.hasTeacher || settings.distillation.isUsed {
            finetuning.temporal.teacher = parent.path
        }
        return try StudyStep(.finetune(finetuning), of: parent, after: start)
    }

    private static func regularization(
        _ settings: StudySettings, _ pruning: PruningSettings, _ run: RunSettings
    ) -> Compress.Configuration {
        var result = Compress.Configuration()
        result.model = "-"
        (result.selection, result.regularization) = (pruning, settings.regularization)
        (result.data, result.validation, result.run) = (settings.data, settings.validation, run)
        result.optimizer.rate = settings.optimizer.rate
        return result
    }
}

extension StudyCell {
    /// The costs of the network that the cell will have, found without training.
    ///
    /// - Throws: `invalidArgument` where the target cannot be met.
    func expectedCosts() throws -> Costs? {
        guard method != .bicubic else { return nil }
        guard let first = step?.chain.first else { return parent.model.blueprint.costs() }
        switch first.work {
        case .finetune, .refit: return parent.model.blueprint.costs()
        case .compensate(let settings, _, _):
            return try CompensatedPruning(settings).expectedBlueprint(of: parent.model.blueprint)
                .costs()
        case .prune(let settings), .initialize(let settings, _):
            return try OneShotPruning(settings).pruned(parent.model).after
        case .compress(let settings):
            // Gradients choose other units, of about the same costs.
            var selection = settings.selection
            (selection.score, selection.scoreBatches) = (nil, nil)
            return try OneShotPruning(selection).pruned(parent.model).after
        }
    }
}
