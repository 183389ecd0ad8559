import CTorch

/// A size or a step along the two image axes, in pixels.
public struct Extent2D: Sendable, Equatable {
    public var height: Int
    public var width: Int

    public init(height: Int, width: Int) {
        self.height = height
        self.width = width
    }

    /// The same along both axes.
    public init(_ side: Int) { self.init(height: side, width: side) }
}

/// What ``Tensor/gridSampled(at:outside:alignCorners:)`` finds outside the picture.
public enum OutsideValue: Sendable {
    case zeros
    /// The nearest pixel of the border.
    case border
}

/// 3×3 filters at the 36 points of Winograd's algorithm F(4×4, 3×3).
public struct WinogradFilters {
    /// `[36, inC, outC]`; gradients reach the filters through it.
    let points: Tensor
    /// `[36, outC, inC]`, for the gradient of the input.
    let transposed: Tensor
}

extension Tensor {
    /// Convolves a batch of images, shape `[N, inC, H, W]`, with a bank of filters.
    ///
    /// - Parameters:
    ///   - weight: Filters, shape `[outC, inC/groups, kH, kW]`.
    ///   - bias: One value per output channel, shape `[outC]`.
    ///   - stride: Distance between neighboring outputs.
    ///   - padding: Zeros added on each side.
    ///   - groups: Number of independent channel groups; divides `inC` and `outC`.
    /// - Returns: Shape `[N, outC, H', W']` with `H' = (H + 2·padding − kH) / stride + 1`,
    ///   rounded down, and `W'` likewise.
    /// - Throws: `shapeMismatch` if the shapes do not fit together, or `outOfMemory`.
    public func convolved(
        with weight: Tensor, bias: Tensor? = nil, stride: Extent2D = Extent2D(1),
        padding: Extent2D = Extent2D(0), groups: Int = 1
    ) throws -> Tensor {
        var strides = (stride.height, stride.width)
        var paddings = (padding.height, padding.width)
        // Tuples, not arrays: this is called for every layer of every frame.
        return try withUnsafeBytes(of: &strides) { strides in
            try withUnsafeBytes(of: &paddings) { paddings in
                try makeTensor("conv2d") {
                    ctorch_conv2d(
                        $0, handle, weight.handle, bias?.handle,
                        strides.assumingMemoryBound(to: Int.self).baseAddress,
                        paddings.assumingMemoryBound(to: Int.self).baseAddress, groups)
                }
            }
        }
    }

    /// The points of a bank of 3×3 filters, shape `[outC, inC, 3, 3]`, for
    /// ``convolvedByWinograd(with:bias:)``.
    ///
    /// - Throws: `shapeMismatch` if these are no such filters; all but float32 on the CPU is refused.
    public func winogradFilters() throws -> WinogradFilters {
        let points = try makeTensor("winogradFilters") { ctorch_winograd_filters($0, handle) }
        return WinogradFilters(
            points: points,
            transposed: try makeTensor("winogradFilters") {
                ctorch_winograd_transposed($0, points.handle)
            })
    }

    /// Convolves a batch of images, shape `[N, inC, H, W]`, with 3×3 filters, stride 1 and a border
    /// of one zero, by Winograd's algorithm F(4×4, 3×3).
    ///
    /// It takes a quarter of the products of ``convolved(with:bias:stride:padding:groups:)``, forward
    /// and backward, and has about twice its rounding error. In float32 on the CPU.
    ///
    /// Source: Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016.
    ///
    /// - Parameters:
    ///   - filters: From ``winogradFilters()``; at least 8 inputs and outputs.
    ///   - bias: One value per output channel, shape `[outC]`.
    /// - Returns: Shape `[N, outC, H, W]`, channels last in memory.
    /// - Throws: `shapeMismatch` if the shapes do not fit together, or `outOfMemory`.
    public func convolvedByWinograd(
        with filters: WinogradFilters, bias: Tensor? = nil
    ) throws -> Tensor {
        try makeTensor("winogradConv2d") {
            ctorch_winograd_conv2d(
                $0, handle, filters.points.handle, filters.transposed.handle, bias?.handle)
        }
    }

    /// Rearranges `[N, C·f², H, W]` to `[N, C, H·f, W·f]`; four consecutive channels make one for
    /// a factor of 2.
    public func pixelShuffled(by factor: Int) throws -> Tensor {
        try makeTensor("pixelShuffle") { ctorch_pixel_shuffle($0, handle, factor) }
    }

    /// Means of `size × size` blocks; rows and columns left over at the end are dropped.
    public func averagePooled(by size: Int) throws -> Tensor {
        try makeTensor("averagePool") { ctorch_avg_pool2d($0, handle, size) }
    }

    /// Resizes `[N, C, H, W]` bilinearly, without antialiasing.
    ///
    /// - Parameter alignCorners: Whether the corner pixels' centers (rather than their outer
    ///   corners) stay at the corners.
    public func resizedBilinear(to size: Extent2D, alignCorners: Bool) throws -> Tensor {
        try makeTensor("resizeBilinear") {
            ctorch_resize_bilinear($0, handle, size.height, size.width, alignCorners)
        }
    }

    /// Samples `[N, C, H, W]` bilinearly at the points of `grid`, shape `[N, H', W', 2]`.
    ///
    /// A point is (x, y), −1 and 1 being the first and last pixel's center with `alignCorners`,
    /// else their outer edge.
    ///
    /// - Returns: Shape `[N, C, H', W']`.
    public func gridSampled(
        at grid: Tensor, outside: OutsideValue, alignCorners: Bool
    ) throws -> Tensor {
        try makeTensor("gridSample") {
            ctorch_grid_sample($0, handle, grid.handle, outside == .border, alignCorners)
        }
    }

    /// Adds rows and columns around `[N, C, H, W]`: zeros, or copies of the border.
    public func padded(
        left: Int = 0, right: Int = 0, top: Int = 0, bottom: Int = 0, with outside: OutsideValue
    ) throws -> Tensor {
        try makeTensor("pad") {
            ctorch_pad2d($0, handle, [left, right, top, bottom], outside == .border)
        }
    }
}
