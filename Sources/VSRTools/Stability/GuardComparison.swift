import Foundation
import VSRCore
import VSRData
import VSRImaging
import VSRModel
import VSRRuntime

/// Whether the stability guard changes a model's frames: clips upscaled with it and without it,
/// compared bit by bit.
///
/// Where a clip moves it must not.
public struct GuardComparison: Sendable {
    /// Rendered clips, one for each of `scenes` seeds from ``Stability/seed`` on.
    public var stability: Stability
    public var scenes = 1

    /// - Parameter stability: Clips, sizes, frames and options; whether it guards is not followed.
    public init(_ stability: Stability) { self.stability = stability }

    /// What was found.
    public struct Outcome: Sendable, Codable, Equatable {
        /// A clip's figures.
        public struct Clip: Sendable, Codable, Equatable {
            public var name: String
            public var frames: Int
            /// Frames of which any bit differs.
            public var changedFrames: Int
            /// The first of those, counted from 1.
            public var firstChanged: Int?
            /// The largest difference of two values, in 8-bit levels.
            public var largestChange: Double
            /// Whether the clip moves, so that none may differ.
            public var isMoving: Bool
        }

        public var model: String
        public var frameSize: FrameSize
        public var clipWindow: String?
        public var clips: [Clip]

        /// Clips in motion with frames that differ.
        public var faults: [Clip] { clips.filter { $0.isMoving && $0.changedFrames > 0 } }
    }

    /// - Parameter recorded: Further clips, which are taken to move.
    /// - Throws: what reading clips and the runtime throw.
    public func run(
        _ method: UpscalingMethod, recorded: [ClipPair] = [], progress: ProgressHandler? = nil
    ) throws -> Outcome {
        guard let model = method.model else {
            throw VSRError(
                .invalidArgument,
                "\(method.name) has no hidden states: name a model (see slimvsr models)")
        }
        let upscalers = try [true, false].map { isGuarded in
            var options = stability.options
            options.guardsStability = isGuarded
            return try Upscaler(model: model, options: options)
        }
        let degradation = stability.degradation ?? method.degradation ?? .bicubic
        var outcome = Outcome(
            model: method.name, frameSize: stability.frameSize, clipWindow: upscalers[0].clipWindow,
            clips: [])
        for clip in stability.clips {
            for seed in stability.seed..<stability.seed + UInt64(max(1, scenes)) {
                let frames = try StabilityClip.Frames(
                    clip, size: stability.frameSize, scale: method.scale, frames: stability.frames,
                    noise: stability.noise, degradation: degradation, seed: seed)
                var index = 0
                outcome.clips.append(
                    try compare(
                        "\(clip.rawValue), seed \(seed)", isMoving: clip.isMoving, upscalers,
                        progress
                    ) {
                        guard index < stability.frames else { return nil }
                        defer { index += 1 }
                        return try frames.frame(index).input
                    })
            }
        }
        for pair in recorded {
            let input = try (pair.lowResolution ?? pair.groundTruth).open()
            outcome.clips.append(
                try compare(pair.name, isMoving: true, upscalers, progress) {
                    guard let frame = try input.next()?.frame else { return nil }
                    guard pair.lowResolution == nil else { return frame }
                    let high = try frame.cropped(
                        to: frame.size.rounded(downToMultipleOf: method.scale))
                    return try degradation.degraded(high, scale: method.scale)
                })
        }
        return outcome
    }

    /// - Parameter next: Gives a clip's frames one by one, `nil` at its end.
    private func compare(
        _ name: String, isMoving: Bool, _ upscalers: [Upscaler], _ progress: ProgressHandler?,
        _ next: () throws -> Frame?
    ) throws -> Outcome.Clip {
        var result = Outcome.Clip(
            name: name, frames: 0, changedFrames: 0, largestChange: 0, isMoving: isMoving)
        func take() throws {
            while upscalers[0].readyFrames > 0 {
                let (guarded, free) = (try upscalers[0].pullFrame(), try upscalers[1].pullFrame())
                result.frames += 1
                progress?(
                    ProgressUpdate("compare \(name)", completed: result.frames, total: nil))
                // Bits, so that a NaN equals itself and 0 does not equal −0.
                guard
                    !guarded.samples.elementsEqual(
                        free.samples, by: { $0.bitPattern == $1.bitPattern })
                else { continue }
                result.changedFrames += 1
                result.firstChanged = result.firstChanged ?? result.frames
                for (one, other) in zip(guarded.samples, free.samples) {
                    result.largestChange = max(result.largestChange, 255 * Double(abs(one - other)))
                }
            }
        }
        while let frame = try next() {
            for upscaler in upscalers { try upscaler.push(.rgb(frame)) }
            try take()
        }
        for upscaler in upscalers { try upscaler.endClip() }
        try take()
        return result
    }
}

extension StabilityClip {
    /// Whether nothing in the clip stands still.
    var isMoving: Bool { self == .pan || self == .long }
}

extension GuardComparison.Outcome {
    /// The outcome for a terminal.
    public var text: String {
        var table = TextTable(["clip", "frames", "changed", "from frame", "largest change"])
        for clip in clips {
            table.add([
                clip.name, "\(clip.frames)", "\(clip.changedFrames)",
                clip.firstChanged.map { "\($0)" } ?? "", TextTable.decimal(clip.largestChange, 2),
            ])
        }
        let title =
            "\(model), with the stability guard and without it: frames that differ in any bit"
        let verdict =
            faults.isEmpty
            ? "The guard changes no bit of the clips in motion."
            : "The guard changes clips in motion: \(faults.map(\.name).joined(separator: "; "))."
        return ([title] + table.lines() + TextWrap.lines(verdict)).joined(separator: "\n")
    }
}
