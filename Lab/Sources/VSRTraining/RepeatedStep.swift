import Foundation
import Torch
import VSRModel
import VSRNetworks

/// A step of pretraining, made with one batch again and again and timed: what benchmarks run.
///
/// To be used on one thread, a ``TorchThread``, whose thread count is the caller's.
public final class RepeatedStep {
    /// What one step took.
    public struct Result: Sendable {
        /// Seconds by the clock.
        public var seconds: Double
        /// Seconds of all cores together.
        public var processorSeconds: Double
        /// The loss before the update.
        public var loss: Double
    }

    let step: TrainingStep<Pretrain>
    private let batch: ClipBatch
    private let run: RunSettings
    private var iteration = 0

    /// - Parameters:
    ///   - configuration: All that a step follows: optimizer, losses, `run`; network and data are
    ///     those given.
    ///   - model: The network to start from.
    ///   - batch: Clips stored plane by plane; `run.channelsLast` rearranges them.
    ///   - isFlowFrozen: Whether the flow network stays as it is, whatever `flow` says.
    public init(
        _ configuration: Pretrain.Configuration, from model: Model, on batch: ClipBatch,
        isFlowFrozen: Bool = false
    ) throws {
        var configuration = configuration
        configuration.flow.frozenIterations = .max
        let stage = try Pretrain(
            configuration, from: model, hasPretrainedFlow: isFlowFrozen, device: .cpu)
        step = try TrainingStep(stage, updates: configuration.updates)
        run = configuration.run
        self.batch = run.channelsLast ? try batch.channelsLast() : batch
    }

    /// Makes the step once more.
    public func callAsFunction() throws -> Result { try timed { batch } }

    /// The same, but the flow network is called for one pair of frames after the other.
    func pairByPair() throws -> Result {
        try timed {
            let stage = step.stage
            var batch = batch
            batch.flows = try autocasting(run.bfloat16, stage.network.device) {
                try stage.network.assembled(convolutions: run.convolutions).flowsPairByPair(
                    of: batch.low, isFrozen: stage.isFlowFrozen(at: iteration))
            }
            return batch
        }
    }

    private func timed(_ batch: () throws -> ClipBatch) throws -> Result {
        let start = (Self.clock(CLOCK_MONOTONIC), Self.clock(CLOCK_PROCESS_CPUTIME_ID))
        let values = try step.update(by: batch(), at: iteration)
        iteration += 1
        return Result(
            seconds: Self.clock(CLOCK_MONOTONIC) - start.0,
            processorSeconds: Self.clock(CLOCK_PROCESS_CPUTIME_ID) - start.1,
            loss: values["loss"] ?? .nan)
    }

    private static func clock(_ id: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(id, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

extension AssembledNetwork {
    /// What ``flows(of:isFrozen:)`` gives, by one call of the flow network for each pair of frames.
    fileprivate func flowsPairByPair(
        of clip: Tensor, isFrozen: Bool
    ) throws -> [Blueprint.Branch: Tensor] {
        let pairs = try (0..<clip.shape[1] - 1).map {
            try flows(of: clip.sliced($0..<$0 + 2, along: 1), isFrozen: isFrozen)
        }
        var result: [Blueprint.Branch: Tensor] = [:]
        for branch in blueprint.branches where !pairs.isEmpty {
            result[branch] = try Tensor.concatenated(pairs.compactMap { $0[branch] }, along: 1)
        }
        return result
    }
}
