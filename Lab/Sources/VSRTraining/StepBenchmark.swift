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
        /// Seconds of one step: by the clock, and of all cores together.
        public var seconds: [Double] = []
        public var processorSeconds: [Double] = []
    }

    public var variants: [Variant]
    public var threads: Int

    /// Times `rounds` steps of each variant on random frames, after one that is not counted.
    ///
    /// - Parameter model: A network to train in place of the configuration's. Variants in bfloat16 are
    ///   left out on processors without instructions for it.
    public init(
        _ configuration: Pretrain.Configuration, model: Model? = nil, rounds: Int
    ) throws {
        try configuration.check()
        let variants = Self.allVariants.filter { !$0.bfloat16 || Device.cpu.hasBFloat16 }
        let start = try model ?? .initialized(configuration.network.blueprint, seed: 1)
        (self.variants, threads) = try TorchThread.run {
            if configuration.run.threads > 0 { try setThreadCount(configuration.run.threads) }
            var measured = variants
            let steps = try variants.map { try Step($0, start, configuration.data) }
            for round in 0...rounds {
                for (index, step) in steps.enumerated() {
                    let times = try step.run()
                    guard round > 0 else { continue }
                    measured[index].seconds.append(times.wall)
                    measured[index].processorSeconds.append(times.processor)
                }
            }
            return (measured, threadCount())
        }
    }

    private static var allVariants: [Variant] {
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

/// One network, optimizer and batch, ready to step.
private final class Step {
    private let variant: StepBenchmark.Variant
    private let network: BasicVSR
    private let optimizer: Optimizer
    private let batch: ClipBatch

    init(_ variant: StepBenchmark.Variant, _ model: Model, _ data: DataSettings) throws {
        self.variant = variant
        network = try BasicVSR(model)
        let groups = network.groups(rate: 1e-4, method: variant.method)
        optimizer = try Optimizer(groups: [groups.network, groups.flow])
        let frames = data.batchSize * data.frames
        func clips(_ side: Int, _ seed: UInt64) throws -> Tensor {
            let flat = try Tensor.randomUniform([frames, 3, side, side], seed: seed)
            return try (variant.channelsLast ? flat.contiguous(.channelsLast) : flat)
                .reshaped([data.batchSize, data.frames, 3, side, side])
        }
        batch = ClipBatch(
            low: try clips(data.patch, 1), high: try clips(data.patch * model.blueprint.scale, 2))
    }

    func run() throws -> (wall: Double, processor: Double) {
        let start = (Self.clock(CLOCK_MONOTONIC), Self.clock(CLOCK_PROCESS_CPUTIME_ID))
        try optimizer.dropGradients()
        let frames = try autocasting(variant.bfloat16, .cpu) {
            let assembled = try network.assembled(
                convolutions: variant.winograd ? .winograd : .direct)
            let flows =
                variant.frozenFlow
                ? try withoutGradients { try self.flows(assembled) } : try self.flows(assembled)
            return try assembled(batch.low, flows: flows).frames
        }
        try Losses.charbonnier(frames, batch.high).backward()
        try optimizer.step()
        return (
            Self.clock(CLOCK_MONOTONIC) - start.0, Self.clock(CLOCK_PROCESS_CPUTIME_ID) - start.1
        )
    }

    private func flows(_ network: AssembledNetwork) throws -> [Blueprint.Branch: Tensor] {
        guard !variant.batchedFlows else { return try network.flows(of: batch.low) }
        let pairs = try (0..<batch.low.shape[1] - 1).map {
            try network.flows(of: batch.low.sliced($0..<$0 + 2, along: 1))
        }
        var result: [Blueprint.Branch: Tensor] = [:]
        for branch in network.blueprint.branches {
            result[branch] = try Tensor.concatenated(
                pairs.compactMap { $0[branch] }, along: 1)
        }
        return result
    }

    private static func clock(_ id: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(id, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
