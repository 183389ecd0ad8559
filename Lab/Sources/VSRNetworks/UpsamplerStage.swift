import Torch
import VSRModel

/// The part that turns hidden states into high-resolution frames.
struct UpsamplerStage {
    let fusion: Convolution
    /// `nil` where the layer has lost all its filters.
    let upconv1: Convolution?
    let upconv2: Convolution?
    let refinement: Convolution?
    let output: Convolution
    let scale: Int
    let negativeSlope: Double

    /// Frames `[N, 3, sH, sW]` from low-resolution frames `[N, 3, H, W]` and the hidden states of
    /// all branches `[N, branches · C, H, W]`.
    func callAsFunction(frames: Tensor, hidden: Tensor) throws -> Tensor {
        let height = frames.shape[2] * scale
        let width = frames.shape[3] * scale
        let base = try frames.resizedBilinear(
            to: Extent2D(height: height, width: width), alignCorners: false)
        guard let refinement else {
            // Nothing but conv_last's biases is left beside the base.
            return try base + output.bias.reshaped([1, output.layer.outputs, 1, 1])
        }
        let features = try refinement(refinementInput(frames: frames, hidden: hidden))
            .leakyReLU(slope: negativeSlope)
        return try base + output(features).to(.float32)
    }

    /// What conv_hr reads, `[N, C', sH, sW]`; only its size counts where conv_hr has no inputs.
    private func refinementInput(frames: Tensor, hidden: Tensor) throws -> Tensor {
        var features = try fusion(hidden).leakyReLU(slope: negativeSlope)
        for (stage, convolution) in stages.enumerated() {
            if let convolution {
                features = try convolution(features).pixelShuffled(by: 2)
                    .leakyReLU(slope: negativeSlope)
            } else {
                let side = 2 << stage
                features = try Tensor.zeros(
                    [frames.shape[0], 1, frames.shape[2] * side, frames.shape[3] * side],
                    device: frames.device)
            }
        }
        return features
    }

    private var stages: [Convolution?] { scale == 4 ? [upconv1, upconv2] : [upconv1] }
}
