import Foundation
import VSRCore
import VSRModel
import VSRPruning
import VSRRuntime

/// Measures on this machine how a frame's time depends on what a network keeps.
///
/// A few small networks with random weights are timed, their blocks and upsamplers of different
/// widths; the rates of a ``LatencyModel`` are fitted to that.
public struct LatencyMeasurement: Sendable {
    /// Low-resolution frames.
    public var frameSize = Blueprint.referenceFrameSize
    /// Threads; `nil` for one per core.
    public var threads: Int?
    /// Frames timed of each small network; the fastest counts.
    public var frames = 7
    public var progress: ProgressHandler?
    public var cancellation: Cancellation?

    public init() {}

    /// Milliseconds per frame of a network within a long clip; weights do not matter.
    ///
    /// - Throws: What the runtime throws, `cancelled`.
    public func milliseconds(of blueprint: Blueprint) throws -> Double {
        var benchmark = Benchmark()
        benchmark.frameSize = frameSize
        benchmark.threads = threads
        benchmark.precision = .fp32
        benchmark.timesLayers = false
        benchmark.frames = blueprint.needsFutureFrames ? options.windowLength ?? 16 : 15
        benchmark.warmUpFrames = 2
        return try benchmark.run(
            Model.initialized(blueprint, seed: 1), name: "-", progress: progress,
            cancellation: cancellation
        ).milliseconds.median
    }

    /// How networks pruned from this one will take their time here.
    ///
    /// - Throws: What the runtime throws, `cancelled`.
    public func model(of blueprint: Blueprint) throws -> LatencyModel {
        let probes = LatencyProbe.all(for: blueprint)
        var trunks: [Double] = []
        var upsamplers: [Double] = []
        for (index, probe) in probes.enumerated() {
            try cancellation?.check()
            let (trunk, upsampler) = try times(of: probe)
            trunks.append(trunk / Double(LatencyProbe.blocks))
            upsamplers.append(upsampler)
            progress?(
                ProgressUpdate("measure layers", completed: index + 1, total: probes.count))
        }
        let blocks = NonNegativeLeastSquares.solution(probes.map(\.blockTerms), trunks)
        let upsampler = NonNegativeLeastSquares.solution(probes.map(\.upsamplerTerms), upsamplers)
        var model = LatencyModel(
            fixed: 0, blocks: LatencyModel.BlockRates(blocks), upsampler: upsampler,
            stepsPerFrame: stepsPerFrame(of: blueprint))
        let least = blueprint.least
        model.fixed = max(try milliseconds(of: least) - model.milliseconds(of: least), 0)
        return model
    }

    private var options: UpscalerOptions {
        var options = UpscalerOptions()
        options.precision = .fp32
        options.threads = threads
        options.cancellation = cancellation
        return options
    }

    /// States of the frames that a window looks ahead to are computed twice, by branches that come
    /// from there.
    func stepsPerFrame(of blueprint: Blueprint) -> [Blueprint.Branch: Double] {
        guard let window = options.windowLength else { return [:] }
        let steps = Double(window + options.lookAhead) / Double(window)
        var result: [Blueprint.Branch: Double] = [:]
        for branch in blueprint.branches where !branch.isCausal { result[branch] = steps }
        return result
    }

    /// Milliseconds of a frame's blocks and of its upsampler, at their fastest: what holds a frame
    /// up is not theirs.
    private func times(of probe: LatencyProbe) throws -> (trunk: Double, upsampler: Double) {
        var options = options
        options.isProfiled = true
        let upscaler = try Upscaler(
            model: Model.initialized(probe.blueprint, seed: 1), frameSize: frameSize,
            options: options)
        let clip = LongClip(
            upscaler, MovingPattern(size: frameSize), probe.blueprint.direction)
        var trunks: [Double] = []
        var upsamplers: [Double] = []
        for index in 0..<frames + 1 {
            upscaler.resetProfile()
            try clip.step(clip.nextFrames())
            // The first frame finds cold caches.
            guard index > 0 else { continue }
            trunks.append(
                upscaler.profile.filter {
                    $0.step == .trunk(LatencyProbe.branch)
                        && $0.layer != .first(LatencyProbe.branch)
                }
                .reduce(0) { $0 + $1.seconds * 1000 })
            upsamplers.append(
                upscaler.profile.filter { $0.step == .upsampler }
                    .reduce(0) { $0 + $1.seconds * 1000 })
        }
        return (Spread(trunks).minimum, Spread(upsamplers).minimum)
    }
}

extension Blueprint {
    /// The network with one block per branch and one unit in each layer.
    fileprivate var least: Blueprint {
        var result = self
        for branch in branches {
            result[branch] = [ResidualBlock(keptInputs: [0], middleWidth: 1, keptOutputs: [0])]
        }
        result.upsampler = upsampler.withWidths { _, _ in 1 }
        return result
    }
}
