import VSRCore
import VSRModel

@testable import VSRRuntime

/// One part of an online network, by the executor's own calls.
///
/// Slots: pictures 0 and 1 are the clip's first two; state 0 is the first picture's, made from a
/// zero state, state 1 what a trunk writes; flow 0 is the given one, flow 1 what is estimated.
final class StepPart: Part {
    enum Step: String {
        case network, trunk, upsampler, flow, warp
    }

    let instructionSetName: String
    let precision: UpscalerOptions.Precision
    private let kind: Step
    private let executor: any NetworkExecutor
    private let inputs: Inputs
    private let output: FrameSize
    private let target: UnsafeMutableBufferPointer<Float>

    init(_ kind: Step, _ configuration: Configuration) throws {
        self.kind = kind
        inputs = configuration.inputs
        let model = try ModelFile.read(configuration.model)
        let options = configuration.options
        switch options.executor {
        case .reference:
            let network = try PreparedNetwork(model, options: options)
            (instructionSetName, precision) = (network.instructionSetName, network.precision)
            executor = try network.makeExecutor(frameSize: configuration.size)
        case .tuned:
            // With times per step, yet the blocks in one piece, as applications run them.
            let packed = try PackedNetwork(
                model, precision: options.precision, separateBlocks: false,
                threads: options.effectiveThreads, instructionSets: options.instructionSets)
            (instructionSetName, precision) = (packed.instructionSetName, packed.precision)
            executor = try TunedExecutor(
                packed, frameSize: configuration.size, threads: options.effectiveThreads,
                isProfiled: true)
        }
        output = configuration.size.scaled(by: model.blueprint.scale)
        target = .allocate(capacity: Frame.channels * output.area)
        try executor.reserve(pictures: 2, flows: 2, states: 2)
        try loadPictures()
        try executor.setFlow(
            FeatureMap(channels: 2, size: configuration.size, samples: inputs.flow), flow: 0)
        try executor.propagate(.forward, picture: 0, from: nil, state: 0)
    }

    deinit { target.deallocate() }

    func run() throws -> Timing {
        // A picture that was just loaded has no pyramid yet: its making is part of the flow.
        if kind == .flow { try loadPictures() }
        let steps = recordedSeconds()
        let stopwatch = Stopwatch()
        try runStage()
        var timing = stopwatch.timing(sharedBy: 1)
        // The call that runs the trunk warps first: each is read off the executor's clock, and
        // the processor time is that of both.
        if kind == .trunk || kind == .warp, executor is TunedExecutor {
            timing.elapsed = 1e3 * (recordedSeconds() - steps)
            if kind == .warp { timing.processor = nil }
        }
        return timing
    }

    /// The warp's result is seen through the trunk that follows it.
    func result() throws -> [Float] {
        switch kind {
        case .trunk, .warp: try executor.hiddenState(1).samples
        case .flow: try executor.flow(1).samples
        case .upsampler, .network: Array(target)
        }
    }

    private func loadPictures() throws {
        for (slot, picture) in inputs.clip.prefix(2).enumerated() {
            try picture.samples.withUnsafeBufferPointer {
                try executor.load(.planarFloats($0, size: picture.size), picture: slot)
            }
        }
    }

    private func runStage() throws {
        switch kind {
        case .network:
            try propagate()
            try upsample(state: 1)
        case .trunk, .warp: try propagate()
        case .upsampler: try upsample(state: 0)
        case .flow: try executor.estimateFlow(reference: 1, supporting: 0, flow: 1)
        }
    }

    private func propagate() throws {
        try executor.propagate(
            .forward, picture: 1, from: StateOrigin(state: 0, flow: 0), state: 1)
    }

    private func upsample(state: Int) throws {
        try executor.upsample(
            picture: 1, states: [state],
            into: .planarFloats(target, size: output))
    }

    /// What the executor's clock says of the timed step so far.
    private func recordedSeconds() -> Double {
        let step: LayerTiming.Step = kind == .warp ? .warp : .trunk(.forward)
        return executor.timings.reduce(0) { $1.step == step ? $0 + $1.seconds : $0 }
    }
}
