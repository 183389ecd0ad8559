import Torch
import VSRCore
import VSRModel

/// Optical flow by a pyramid of small convolutional networks.
///
/// Source: Ranjan & Black, "Optical Flow Estimation using a Spatial Pyramid Network", CVPR 2017;
/// normalization and sizes as in BasicVSR.
struct SPyNet {
    let shape: Blueprint.FlowNetwork
    /// Coarsest level first; each layer reads what the one before gives.
    let levels: [[LayerOperation]]

    /// ImageNet's means and standard deviations of red, green and blue.
    private static let means: [Float] = [0.485, 0.456, 0.406]
    private static let deviations: [Float] = [0.229, 0.224, 0.225]

    /// The flow `[N, 2, H, W]`, (dx, dy) in pixels, that leads from each pixel of `reference` to
    /// where it is found in `supporting`; both `[N, 3, H, W]` in `0...1`.
    func callAsFunction(reference: Tensor, supporting: Tensor) throws -> Tensor {
        let sides = reference.shape
        let size = FrameSize(width: sides[3], height: sides[2])
        let padded = shape.paddedSize(for: size)
        // One pyramid for both frames halves the number of small operations.
        let both = try Tensor.concatenated([reference, supporting], along: 0)
        let pyramid = try self.pyramid(of: both, size: padded)
        var flow: Tensor?
        for (level, frames) in zip(levels, pyramid) {
            flow = try refined(flow, level, frames)
        }
        guard let flow else {
            throw VSRError(.invalidArgument, "a flow network needs at least one level")
        }
        return try resized(flow, to: size)
    }

    /// Normalized frames from the coarsest size to the finest, and those that they are reduced from.
    private func pyramid(of frames: Tensor, size: FrameSize) throws -> [Tensor] {
        let device = frames.device
        let means = try Tensor(Self.means, shape: [1, 3, 1, 1], device: device)
        let deviations = try Tensor(Self.deviations, shape: [1, 3, 1, 1], device: device)
        let isExact = frames.shape[2] == size.height && frames.shape[3] == size.width
        let finest =
            isExact
            ? frames
            : try frames.resizedBilinear(
                to: Extent2D(height: size.height, width: size.width), alignCorners: false)
        var pyramid = [try (finest - means) / deviations]
        for _ in 1..<max(levels.count + shape.reduction.trailingZeroBitCount, 1) {
            pyramid.append(try pyramid[pyramid.count - 1].averagePooled(by: 2))
        }
        return pyramid.reversed()
    }

    /// The flow after one more level; `frames` holds the reference frames, then the supporting ones.
    private func refined(
        _ flow: Tensor?, _ level: [LayerOperation], _ frames: Tensor
    ) throws -> Tensor {
        let shape = frames.shape
        let count = shape[0] / 2
        let reference = try frames.sliced(0..<count, along: 0)
        let supporting = try frames.sliced(count..<2 * count, along: 0)
        let start: Tensor
        let warped: Tensor
        if let flow {
            start =
                try flow.resizedBilinear(
                    to: Extent2D(height: shape[2], width: shape[3]), alignCorners: true) * 2
            warped = try Warp.sample(supporting, along: start, outside: .border)
        } else {
            start = try Tensor.zeros([count, 2, shape[2], shape[3]], device: frames.device)
            warped = supporting
        }
        var features = try Tensor.concatenated([reference, warped, start], along: 1)
        for layer in level { features = try layer(features) }
        // Flow stays in single precision under autocast: bfloat16 has no room for sub-pixels.
        return try start + features.to(.float32)
    }

    /// The flow of a resized frame as that of the frame itself: values scale with the sides.
    private func resized(
        _ flow: Tensor, to size: FrameSize
    ) throws -> Tensor {
        let (height, width) = (flow.shape[2], flow.shape[3])
        guard width != size.width || height != size.height else { return flow }
        let ratios = [
            Float(size.width) / Float(width), Float(size.height) / Float(height),
        ]
        return try flow.resizedBilinear(
            to: Extent2D(height: size.height, width: size.width), alignCorners: false)
            * Tensor(ratios, shape: [1, 2, 1, 1], device: flow.device)
    }
}
