import Torch
import VSRCore

/// Bilinear sampling along a flow.
///
/// Coordinates are normalized with max(side − 1, 1), so that on an axis of length 1 the flow has no
/// effect.
public enum Warp {
    /// `input` `[N, C, H, W]` sampled at every pixel plus `flow` `[N, 2, H, W]` of (dx, dy) in
    /// pixels.
    public static func sample(_ input: Tensor, along flow: Tensor, outside: OutsideValue) throws
        -> Tensor
    {
        let shape = flow.shape
        let (height, width) = (shape[2], shape[3])
        let scale = try Tensor(
            [2 / Float(max(width - 1, 1)), 2 / Float(max(height - 1, 1))], shape: [1, 2, 1, 1],
            device: flow.device)
        let positions = try self.positions(height: height, width: width, device: flow.device)
        let grid = try (flow * scale + positions).permuted([0, 2, 3, 1])
        return try input.gridSampled(at: grid, outside: outside, alignCorners: true)
    }

    /// The pixels' own normalized coordinates, `[1, 2, height, width]`.
    private static func positions(height: Int, width: Int, device: Device) throws -> Tensor {
        let xs = try axis(width, device).reshaped([1, 1, 1, width])
            .expanded([1, 1, height, width])
        let ys = try axis(height, device).reshaped([1, 1, height, 1])
            .expanded([1, 1, height, width])
        return try Tensor.concatenated([xs, ys], along: 1)
    }

    private static func axis(_ count: Int, _ device: Device) throws -> Tensor {
        let step = 2 / Float(max(count - 1, 1))
        return try Tensor((0..<count).map { Float($0) * step - 1 }, shape: [count], device: device)
    }
}
