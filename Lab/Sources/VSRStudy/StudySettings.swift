import VSRConfiguration
import VSRCore
import VSRModel
import VSRPruning
import VSRTraining

/// A study: networks × methods × targets × seeds, all trained alike.
///
/// The YAML file of `slimvsr-lab experiment`.
public struct StudySettings: Configuration, Equatable {
    /// What the report is called.
    public var title = "Study"
    /// The study's folder.
    public var output = "runs/study"
    /// Networks that are pruned: names or files of dense models.
    public var models: [String] = []
    public var methods: [StudyMethod] = [.dense, .l1, .assl, .ssl]
    /// Multiply-accumulates per frame to be left, without the flow network: `92.1G`, or a share.
    public var targets: [CostTarget] = [.share(0.5)]
    public var seeds: [UInt64] = [1]
    /// What `selection` is for compression: scoreBatches, norm, normalization, align, allowEmpty,
    /// exclude, partRatio and size.
    ///
    /// The methods say the rest. Each leaves out what it has no use for.
    public var selection = PruningSettings()
    /// Iterations of a cell, regularization and finetuning together.
    public var iterations = 6000
    /// For methods with sparsity-inducing regularization; its iterations count.
    public var regularization = StudySettings.shortRegularization
    public var data = DataSettings()
    public var validation = ValidationSettings()
    /// For finetuning, and the same rate, unchanging, for regularization.
    public var optimizer = OptimizerSettings()
    public var flow = FlowTuningSettings()
    /// Weight λ of methods with temporal finetuning.
    public var temporalWeight = 0.1
    /// What all trained networks learn from the parent's frames while they are finetuned.
    public var distillation = DistillationSettings()
    public var run = RunSettings()
    /// Folders of data sets that results are measured on.
    ///
    /// `$NAME` at a path's start stands for an environment variable.
    public var evaluations: [String] = []
    /// Frames that are timed, 320×180; 0 times none.
    public var timedFrames = 0

    public init() {}

    /// The part of a selection that methods have in common.
    private func shared(_ selection: PruningSettings) -> PruningSettings {
        var result = PruningSettings()
        (result.norm, result.normalization, result.align, result.allowEmpty) = (
            selection.norm, selection.normalization, selection.align, selection.allowEmpty
        )
        (result.exclude, result.size) = (selection.exclude, selection.size)
        (result.scoreBatches, result.partRatio) = (selection.scoreBatches, selection.partRatio)
        return result
    }

    /// The selection of a method's cells, but for target and seed.
    func selection(of method: StudyMethod) -> PruningSettings {
        let recipe = method.recipe
        var result = selection
        (result.structure, result.scope, result.order) = (
            recipe.structure, recipe.scope, recipe.order
        )
        let usual = PruningSettings()
        result.score = recipe.score
        if recipe.score == .taylor {
            result.norm = usual.norm
        } else {
            result.scoreBatches = nil
        }
        if recipe.structure == .aligned {
            (result.align, result.allowEmpty) = (usual.align, usual.allowEmpty)
        }
        let competesByScores = recipe.scope == .global && recipe.order != .random
        if recipe.structure == .aligned || !competesByScores {
            result.normalization = usual.normalization
        }
        return result
    }

    /// 2,000 iterations instead of the paper's 19,000.
    private static var shortRegularization: RegularizationSettings {
        var settings = RegularizationSettings()
        (settings.step, settings.interval, settings.hold, settings.factorRate) = (
            5e-4, 5, 1000, 2e-3
        )
        return settings
    }

    public func validate() throws {
        try InvalidSetting.require(!output.isEmpty, "output", "\"\"", "a folder")
        try InvalidSetting.require(
            !models.isEmpty, "models", "[]", "a list of models' names or files")
        try InvalidSetting.require(!methods.isEmpty, "methods", "[]", "a list of methods")
        try InvalidSetting.require(!targets.isEmpty, "targets", "[]", "a list such as [92.1G]")
        try InvalidSetting.require(!seeds.isEmpty, "seeds", "[]", "a list such as [1, 2]")
        for (name, isUnique) in [
            ("models", Set(models).count == models.count),
            ("methods", Set(methods).count == methods.count),
            ("targets", Set(targets.map(\.description)).count == targets.count),
            ("seeds", Set(seeds).count == seeds.count),
        ] {
            try InvalidSetting.require(isUnique, name, "an entry twice", "each entry once")
        }
        try InvalidSetting.require(
            selection == shared(selection), "selection", "more than that",
            "scoreBatches, norm, normalization, align, allowEmpty, exclude, partRatio and size: "
                + "methods, targets and seeds say the rest")
        try InvalidSetting.require(iterations > 0, "iterations", iterations, "positive")
        if methods.contains(where: { $0.recipe.start == .regularized }) {
            try InvalidSetting.require(
                iterations > regularization.iterations, "iterations", iterations,
                "more than those of regularization, \(regularization.iterations)")
        }
        try InvalidSetting.require(
            temporalWeight > 0, "temporalWeight", temporalWeight, "above 0")
        try InvalidSetting.require(
            !distillation.wholeClips || distillation.frameShare > 0, "distillation.frameShare",
            distillation.frameShare, "above 0 where distillation.wholeClips is true")
        try InvalidSetting.require(
            !methods.contains(where: \.isCalibrated) || data.clips != nil,
            "data.clips", "nothing", "a folder, which compensated methods calibrate on")
        let names = evaluations.map { $0.split(separator: "/").last ?? "" }
        try InvalidSetting.require(
            Set(names).count == names.count, "evaluations", evaluations.joined(separator: ", "),
            "folders of different names, since figures are called by them")
        try InvalidSetting.require(
            (0...1000).contains(timedFrames), "timedFrames", timedFrames, "from 0 to 1000")
    }
}
