import Foundation
import Torch
import VSRCore
import VSRModel
import VSRNetworks

/// What a training step costs in each of several ways to run it.
///
/// Steps of all ways take turns, so that whatever else the machine does meets all of them.
public struct StepBenchmark: Codable, Equatable, Sendable {
    /// A way to run the step.
    public struct Variant: Codable, Equatable, Sendable {
        public var name: String
        public var bfloat16 = false
        public var channelsLast = false
        /// Whether 3×3 convolutions go by Winograd's algorithm.
        public var winograd = false
        /// Whether the flow network sees all pairs of frames at once, or one after the other.
        public var batchedFlows = true
        /// Whether the flow network stays as it is.
        public var frozenFlow = false
        public var method = OptimizerSettings.Method.adam
        /// Frames on each side over which states are warmed up.
        public var warmFrames = 0
        /// Seconds of one step: by the clock, and of all cores together.
        public var seconds: [Double] = []
        public var processorSeconds: [Double] = []

        /// A run's settings, changed to this way.
        func settings(from configuration: Pretrain.Configuration) -> Pretrain.Configuration {
            var settings = configuration
            (settings.run.bfloat16, settings.run.winograd) = (bfloat16, winograd)
            settings.run.channelsLast = channelsLast
            settings.optimizer.method = method
            return settings
        }
    }

    public var variants: [Variant]
    public var threads: Int

    /// Times `rounds` steps of each variant on random frames, after one that is not counted.
    ///
    /// A step is a run's own, ``TrainingStep``; a variant changes the settings that it names.
    ///
    /// - Parameter model: A network to train in place of the configuration's. Variants in bfloat16 are
    ///   left out on processors without instructions for it.
    public init(
        _ configuration: Pretrain.Configuration, model: Model? = nil, rounds: Int
    ) throws {
        try configuration.check()
        let variants = Self.variants(warmFrames: configuration.data.warmFrames)
            .filter { !$0.bfloat16 || Device.cpu.hasBFloat16 }
        let start = try model ?? .initialized(configuration.network.blueprint, seed: 1)
        (self.variants, threads) = try TorchThread.run {
            if configuration.run.threads > 0 { try setThreadCount(configuration.run.threads) }
            var measured = variants
            let steps = try variants.map {
                try RepeatedStep(
                    $0.settings(from: configuration), from: start,
                    on: Self.batch(
                        configuration.data, for: start.blueprint, warmFrames: $0.warmFrames),
                    isFlowFrozen: $0.frozenFlow)
            }
            for round in 0...rounds {
                for (index, step) in steps.enumerated() {
                    let result =
                        variants[index].batchedFlows ? try step() : try step.pairByPair()
                    guard round > 0 else { continue }
                    measured[index].seconds.append(result.seconds)
                    measured[index].processorSeconds.append(result.processorSeconds)
                }
            }
            return (measured, threadCount())
        }
    }

    /// Random frames, `[B, T, 3, H, W]`.
    private static func batch(
        _ data: DataSettings, for blueprint: Blueprint, warmFrames: Int
    ) throws -> ClipBatch {
        func clips(_ side: Int, _ seed: UInt64, frames: Int) throws -> Tensor {
            try .randomUniform([data.batchSize, frames, 3, side, side], seed: seed)
        }
        var batch = ClipBatch(
            low: try clips(data.patch, 1, frames: data.frames),
            high: try clips(data.patch * blueprint.scale, 2, frames: data.frames))
        guard warmFrames > 0 else { return batch }
        batch.surroundings = FrameSurroundings(
            before: try clips(data.patch, 3, frames: warmFrames),
            after: blueprint.needsFutureFrames
                ? try clips(data.patch, 4, frames: warmFrames) : nil)
        return batch
    }

    /// All ways, one more where states are to be warmed up.
    private static func variants(warmFrames: Int) -> [Variant] {
        guard warmFrames > 0 else { return plainVariants }
        return plainVariants + [
            Variant(
                name: "fp32, frozen, \(warmFrames) warm frames", channelsLast: true, winograd: true,
                frozenFlow: true, warmFrames: warmFrames)
        ]
    }

    private static var plainVariants: [Variant] {
        [
            Variant(name: "fp32"),
            Variant(name: "fp32, channels last", channelsLast: true),
            Variant(name: "fp32, Winograd", channelsLast: true, winograd: true),
            Variant(
                name: "fp32, Winograd, flow frozen", channelsLast: true, winograd: true,
                frozenFlow: true),
            Variant(
                name: "the same, by Muon", channelsLast: true, winograd: true, frozenFlow: true,
                method: .muon),
            Variant(name: "bf16", bfloat16: true),
            Variant(name: "bf16, channels last", bfloat16: true, channelsLast: true),
            Variant(
                name: "the same, flows pair by pair", bfloat16: true, channelsLast: true,
                batchedFlows: false),
            Variant(
                name: "the same, flow network frozen", bfloat16: true, channelsLast: true,
                frozenFlow: true),
            Variant(
                name: "the same, frozen, pair by pair", bfloat16: true, channelsLast: true,
                batchedFlows: false, frozenFlow: true),
        ]
    }

    /// A table of medians and spreads in milliseconds.
    public var table: String {
        let rows = variants.map { variant in
            variant.name.padding(toLength: 32, withPad: " ", startingAt: 0)
                + Self.summary(variant.seconds) + Self.summary(variant.processorSeconds)
        }
        let head = "ms per step, \(threads) thread(s)".padding(
            toLength: 32, withPad: " ", startingAt: 0)
        return ([head + "  median    min    max  | cpu median    min    max"] + rows)
            .joined(separator: "\n")
    }

    private static func summary(_ seconds: [Double]) -> String {
        let sorted = seconds.sorted().map { $0 * 1e3 }
        guard let first = sorted.first, let last = sorted.last else { return "" }
        return String(format: "%8.1f%7.1f%7.1f  ", sorted[sorted.count / 2], first, last)
    }
}
