import Torch
import VSRModel

/// The network that makes one branch's next hidden state.
struct Trunk {
    let first: LayerOperation
    let blocks: [ResidualBlock]

    /// The next hidden state `[B, C, H, W]` from a frame `[B, 3, H, W]` and the warped previous one,
    /// in single precision under autocast too.
    func callAsFunction(frame: Tensor, hidden: Tensor) throws -> Tensor {
        // The sum over the blocks stays in single precision: changes below 2⁻⁹ of a channel would
        // vanish in bfloat16.
        var features = try first(Tensor.concatenated([frame, hidden], along: 1)).to(.float32)
        for block in blocks { features = try block(features) }
        return features
    }
}
