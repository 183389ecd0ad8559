import VSRCore
import VSRModel

/// What a network's branches read and gave at one frame of a clip.
public struct RecordedStep: Sendable {
    public let picture: Frame
    /// The state carried to this frame, warped, `[C, height, width]`; zero at a branch's first
    /// frame.
    public let carried: [Blueprint.Branch: FeatureMap]
    /// The hidden state `[C, height, width]` that resulted.
    public let states: [Blueprint.Branch: FeatureMap]

    /// Runs the recurrences of `model` over a clip, its upsampler aside.
    ///
    /// - Parameters:
    ///   - clip: Low-resolution frames of one size.
    ///   - indices: The frames that are recorded.
    ///   - holdingAfter: The step whose resulting state is carried to every later frame too, where
    ///     the clip stands still: recurrences that are left to run diverge on still scenes.
    /// - Throws: `shapeMismatch` if frames differ in size, `notFound` or `shapeMismatch` naming a
    ///   tensor, `unsupported`, `cancelled`.
    public static func record(
        _ model: Model, clip: [Frame], at indices: Set<Int>, holdingAfter: Int? = nil,
        options: UpscalerOptions = UpscalerOptions()
    ) throws -> [RecordedStep] {
        guard let size = clip.first?.size else { return [] }
        guard clip.allSatisfy({ $0.size == size }) else {
            throw VSRError(.shapeMismatch, "the frames of a clip have one size")
        }
        let executor = try PreparedNetwork(model, options: options).makeExecutor(frameSize: size)
        try executor.reserve(pictures: clip.count, flows: 1, states: 2)
        for (index, frame) in clip.enumerated() {
            try frame.samples.withUnsafeBufferPointer {
                try executor.load(.planarFloats($0, size: size), picture: index)
            }
        }
        var carried: [Int: [Blueprint.Branch: FeatureMap]] = [:]
        var states: [Int: [Blueprint.Branch: FeatureMap]] = [:]
        for branch in model.blueprint.branches {
            for (step, index) in branch.order(of: clip.count).enumerated() {
                try options.cancellation?.check()
                var origin: StateOrigin?
                if step > 0 {
                    try executor.estimateFlow(
                        reference: index, supporting: branch.neighbor(of: index), flow: 0)
                    origin = StateOrigin(state: 0, flow: 0)
                }
                if indices.contains(index) {
                    carried[index, default: [:]][branch] =
                        try origin.map {
                            try executor.hiddenState($0.state).warped(
                                by: try executor.flow(0), padding: .zeros)
                        }
                        ?? FeatureMap(channels: model.blueprint.width, size: size)
                }
                // Slot 0 is carried on; from the held step on results go elsewhere.
                let target = holdingAfter.map { step > $0 } ?? false ? 1 : 0
                try executor.propagate(branch, picture: index, from: origin, state: target)
                if indices.contains(index) {
                    states[index, default: [:]][branch] = try executor.hiddenState(target)
                }
            }
        }
        return indices.sorted().filter(clip.indices.contains).map {
            RecordedStep(
                picture: clip[$0], carried: carried[$0] ?? [:], states: states[$0] ?? [:])
        }
    }
}
