import Torch
import VSRCore
import VSRPruning
import VSRTraining

/// Sizes and schedules of the demonstration: short enough for a few minutes on two cores.
struct DemoPlan {
    /// Share of the dense network's operations that is left, the flow network apart.
    var operationsLeft = 0.5
    var seed: UInt64 = 1
    /// Threads for training; 0 for one per core.
    var threads = 0

    /// Iterations of sparsity-inducing regularization, then of temporal finetuning.
    ///
    /// The baseline and the dense network are finetuned for as many in all.
    var regularizationIterations: Int { growth * interval + hold }
    var finetuningIterations = 240
    var iterations: Int { regularizationIterations + finetuningIterations }

    /// The penalty grows by a tenth of its limit every `interval` iterations.
    private let growth = 10
    private let interval = 4
    private let hold = 60

    /// Scenes for evaluation, unlike those of training.
    var evaluationScenes = 4
    var evaluationFrames = 8
    var evaluationSize = FrameSize(width: 384, height: 256)
    /// The scene that is upscaled where no video is given.
    var showcaseFrames = 24
    var showcaseSize = FrameSize(width: 960, height: 544)
    /// The frame that the pictures show, counted from 0.
    var pictureIndex = 7
    /// The part of a given video that the pictures show, at most.
    var pictureSize = FrameSize(width: 240, height: 136)

    var benchmarkFrames = 20
    var benchmarkRounds = 5
    var benchmarkSize = FrameSize(width: 320, height: 180)

    func compression(of model: String, output: String) -> Compress.Configuration {
        var settings = Compress.Configuration()
        settings.model = model
        settings.output = output
        settings.selection.targetMacs = .share(operationsLeft)
        // The residual branches of a network trained this briefly still have small weights, so
        // that a ranking across layers would remove nearly the whole trunk.
        settings.selection.scope = .local
        settings.regularization.limit = 0.1
        settings.regularization.step = settings.regularization.limit / Double(growth)
        settings.regularization.interval = interval
        settings.regularization.hold = hold
        // With Adam a factor needs about 1 / rate iterations from 1 to 0; this is thrice that.
        settings.regularization.factorRate = 3 / Double(regularizationIterations)
        settings.data = data
        settings.optimizer.rate = 4e-4
        settings.run = run
        return settings
    }

    /// - Parameter teacher: The dense model; `nil` for networks that learn from frames alone.
    func finetuning(
        of model: String, teacher: String?, iterations: Int, output: String
    ) -> Finetune.Configuration {
        var settings = Finetune.Configuration()
        settings.model = model
        settings.output = output
        settings.iterations = iterations
        settings.temporal.teacher = teacher
        settings.temporal.weight = teacher == nil ? 0 : 0.1
        settings.data = data
        settings.optimizer.rate = 4e-4
        // The usual 0.999 averages over more iterations than there are.
        settings.optimizer.averageDecay = 0.95
        // So few iterations teach the flow network nothing; frozen, it costs less.
        settings.flow.rateFactor = 0
        settings.run = run
        return settings
    }

    private var data: DataSettings {
        var data = DataSettings()
        data.scenes = 16
        data.sceneFrames = 10
        data.sceneSize = "256x256"
        data.frames = 6
        data.patch = 24
        data.batchSize = 4
        return data
    }

    private var run: RunSettings {
        var run = RunSettings()
        run.seed = seed
        run.threads = threads
        run.bfloat16 = Device.cpu.hasBFloat16
        run.logEvery = 5
        run.checkpointEvery = 1000
        run.validateEvery = 0
        return run
    }
}
