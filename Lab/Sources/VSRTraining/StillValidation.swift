import Foundation
import Torch
import VSRCore
import VSRImaging
import VSRModel
import VSRNetworks
import VSRTools

/// Measures whether a network's recurrences hold on a picture that stands still, while it is trained.
///
/// The clip is that of `slimvsr stability --clips still`: 64×48 low-resolution pixels, fresh noise of
/// σ 1.5 levels, seed 1. It is upscaled whole, so that every branch runs over all of its frames.
struct StillValidation {
    private static let size = FrameSize(width: 64, height: 48)
    /// Steps after which a branch's states are as they should be: its first ones know few frames.
    private static let settled = 10

    private let clip: StabilityClip.Frames
    private let frames: Int

    /// What was measured.
    struct Result: Codable, Equatable {
        /// PSNR of the clip's first and last frame in dB, on Y of frames rounded to 8 bits.
        ///
        /// Branches forward in time have come farthest at the last frame, others at the first.
        var first: Double
        var last: Double
        /// The root mean square of a branch's states after its last step, in multiples of that after
        /// ten, of the branch that has grown most.
        var stateRatio: Double

        var summary: String {
            String(
                format:
                    "still picture: %.2f dB at the first frame, %.2f at the last, states × %.2f",
                first, last, stateRatio)
        }
    }

    init(frames: Int, degradation: Degradation, scale: Int) throws {
        self.frames = frames
        clip = try StabilityClip.Frames(
            .still, size: Self.size, scale: scale, frames: frames,
            noise: StabilityClip.standardNoise, degradation: degradation, seed: 1)
    }

    func measure(
        _ network: AssembledNetwork, isChannelsLast: Bool, environment: TrainingEnvironment
    ) throws -> Result {
        var samples: [Float] = []
        samples.reserveCapacity(frames * Frame.channels * Self.size.area)
        for index in 0..<frames { samples += try clip.frame(index).input.samples }
        let (truth, _) = try clip.frame(0)
        try environment.cancellation.check()
        return try withoutGradients {
            let shape = [1, frames, Frame.channels, Self.size.height, Self.size.width]
            let low = try Tensor(samples, shape: shape, device: environment.device)
            let states = try network.hiddenStates(of: low)
            func psnr(_ index: Int) throws -> Double {
                try PSNR.measure(
                    network.frame(index, of: low, states: states, isChannelsLast: isChannelsLast),
                    truth)
            }
            return Result(
                first: try psnr(0), last: try psnr(frames - 1),
                stateRatio: try network.blueprint.branches.map { branch in
                    let visited = branch.order(of: frames)
                    func size(_ step: Int) throws -> Double {
                        try states[branch]?[visited[step]].to(.float32).square().mean().item()
                            .squareRoot() ?? 0
                    }
                    return try size(frames - 1) / max(size(Self.settled - 1), 1e-30)
                }.max() ?? 0)
        }
    }
}
