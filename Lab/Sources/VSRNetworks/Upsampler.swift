import Torch
import VSRModel

/// The part that turns hidden states into high-resolution frames.
struct Upsampler {
    /// Each reads what the one before gives.
    let layers: [LayerOperation]
    let scale: Int

    /// Frames `[N, 3, sH, sW]` from low-resolution frames `[N, 3, H, W]` and the hidden states of
    /// all branches `[N, branches · C, H, W]`.
    func callAsFunction(frames: Tensor, hidden: Tensor) throws -> Tensor {
        let (count, height, width) = (frames.shape[0], frames.shape[2], frames.shape[3])
        let base = try frames.resizedBilinear(
            to: Extent2D(height: height * scale, width: width * scale), alignCorners: false)
        var features = hidden
        var remaining = layers[...]
        if let empty = layers.lastIndex(where: { $0.layer.outputs == 0 }) {
            // Only the size counts of what a layer without filters gives.
            let factor = layers[...empty].reduce(1) { $0 * $1.layer.shuffle }
            features = try Tensor.zeros(
                [count, 1, height * factor, width * factor], device: frames.device)
            remaining = layers[(empty + 1)...]
        }
        for layer in remaining { features = try layer(features) }
        return try base + features.to(.float32)
    }
}
