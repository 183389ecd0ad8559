import Foundation
import Torch
import VSRConfiguration
import VSRCore
import VSRData
import VSRModel
import VSRTestSupport

@testable import VSRTraining

/// Runs of a fraction of a second: networks of a few channels on moving stripes.
enum TinyRuns {
    static let flow = Blueprint.FlowNetwork(widths: [2, 2, 2, 2], levels: 2)

    static func blueprint(_ direction: Blueprint.Direction = .unidirectional) -> Blueprint {
        Blueprint(
            direction: direction, width: 4, blocks: 2, upsamplerWidth: 4, scale: 2, flow: flow)
    }

    static func data() -> DataSettings {
        var data = DataSettings()
        data.frames = 3
        data.patch = 8
        data.batchSize = 2
        return data
    }

    static func run(checkpointEvery: Int = 1000) -> RunSettings {
        var run = RunSettings()
        run.threads = 1
        run.checkpointEvery = checkpointEvery
        run.logEvery = 1
        run.seed = 3
        return run
    }

    static func pretrain(_ output: String, iterations: Int = 8) -> Pretrain.Configuration {
        var configuration = Pretrain.Configuration()
        configuration.output = output
        configuration.iterations = iterations
        configuration.network.width = 4
        configuration.network.blocks = 2
        configuration.network.scale = 2
        configuration.network.flowWidths = flow.widths
        configuration.network.flowLevels = flow.levels
        configuration.flow.photometricWeight = 0.1
        configuration.optimizer.rate = 2e-3
        configuration.data = data()
        configuration.run = run()
        return configuration
    }

    static func compress(_ output: String, model: String) -> Compress.Configuration {
        var configuration = Compress.Configuration()
        configuration.model = model
        configuration.output = output
        configuration.regularization.step = 0.5
        configuration.regularization.interval = 1
        configuration.regularization.limit = 1
        configuration.regularization.hold = 6
        configuration.regularization.factorRate = 0.25
        configuration.data = data()
        configuration.run = run()
        return configuration
    }

    static func finetune(
        _ output: String, model: String, teacher: String
    ) -> Finetune.Configuration {
        var configuration = Finetune.Configuration()
        configuration.model = model
        configuration.output = output
        configuration.iterations = 8
        configuration.temporal.teacher = teacher
        configuration.temporal.weight = 1
        configuration.data = data()
        configuration.run = run()
        return configuration
    }

    /// Random frames of clips: of 3 frames of 8×8, and of twice the size.
    static func batch(_ count: Int = 1) throws -> ClipBatch {
        ClipBatch(
            low: try Tensor.randomUniform([count, 3, 3, 8, 8], seed: 1),
            high: try Tensor.randomUniform([count, 3, 3, 16, 16], seed: 2))
    }

    /// Two clips of stripes that move by a pixel per frame.
    static func sources() -> [ClipSource] {
        let size = FrameSize(width: 36, height: 32)
        return (0..<2).map { clip in
            .rendered(name: "stripes-\(clip)", size: size, count: 5) {
                MovingStripes.frame($0, clip: clip, size: size)
            }
        }
    }

    /// An environment without noise.
    static func environment(
        isResuming: Bool = false, hasBFloat16: Bool = true, stoppingAt iteration: Int? = nil,
        clipCache: String? = nil, notes: (@Sendable (String) -> Void)? = nil
    ) -> TrainingEnvironment {
        let cancellation = Cancellation()
        var environment = TrainingEnvironment(
            isResuming: isResuming, hasBFloat16: hasBFloat16,
            progress: { update in
                if update.unit == "iterations", update.completed == iteration {
                    cancellation.request()
                }
            },
            note: notes ?? { _ in }, cancellation: cancellation)
        if let clipCache { environment.clipCache = clipCache }
        return environment
    }
}
