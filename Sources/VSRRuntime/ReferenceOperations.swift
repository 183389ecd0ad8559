import CKernels
import VSRCore
import VSRModel

/// A convolution with its weights, computed by the plain C kernel.
struct ReferenceConvolution: Sendable {
    let layer: Layer
    /// `[outputs, inputs, k, k]` and `[outputs]`.
    let weight: [Float]
    let bias: [Float]

    /// - Throws: `notFound` or `shapeMismatch` if the model lacks the layer's tensors.
    init(_ layer: Layer, of model: Model) throws {
        self.layer = layer
        self.weight = try model.weight(of: layer).values
        self.bias = try model.bias(of: layer).values
    }

    func callAsFunction(_ input: FeatureMap) -> FeatureMap {
        precondition(input.channels == layer.inputs, "\(layer.name) reads \(layer.inputs) channels")
        var output = FeatureMap(channels: layer.outputs, size: input.size)
        vsr_reference_convolution(
            input.samples, layer.inputs, input.size.height, input.size.width, weight, bias,
            layer.outputs, layer.kernelSize, &output.samples)
        return output
    }
}

/// What a warp reads beyond the edge of the picture.
public enum WarpPadding: Sendable {
    case zeros, border

    var kernelValue: vsr_padding {
        self == .zeros ? VSR_PADDING_ZEROS : VSR_PADDING_BORDER
    }
}

/// The operations between convolutions, by the plain C kernels.
extension FeatureMap {
    /// LeakyReLU; a slope of 0 is ReLU.
    public func activated(negativeSlope: Float) -> FeatureMap {
        var output = self
        vsr_reference_leaky_relu(&output.samples, output.samples.count, negativeSlope)
        return output
    }

    /// `[4u, height, width]` to `[u, 2 height, 2 width]`.
    public func pixelShuffled() -> FeatureMap {
        var output = FeatureMap(channels: channels / 4, size: size.scaled(by: 2))
        vsr_reference_pixel_shuffle(
            samples, output.channels, size.height, size.width, &output.samples)
        return output
    }

    /// Each pixel sampled where `flow` (`[2, height, width]`, pixels) points to.
    public func warped(by flow: FeatureMap, padding: WarpPadding) -> FeatureMap {
        precondition(flow.channels == 2 && flow.size == size, "a flow has the picture's size")
        var output = FeatureMap(channels: channels, size: size)
        vsr_reference_warp(
            samples, channels, size.height, size.width, flow.samples, padding.kernelValue,
            &output.samples)
        return output
    }

    /// Means of 2×2 squares.
    public func averagePooled() -> FeatureMap {
        let half = FrameSize(width: size.width / 2, height: size.height / 2)
        var output = FeatureMap(channels: channels, size: half)
        vsr_reference_average_pool(samples, channels, size.height, size.width, &output.samples)
        return output
    }

    /// Bilinear resize without antialiasing, as PyTorch's `interpolate`.
    public func resized(to newSize: FrameSize, alignCorners: Bool) -> FeatureMap {
        var output = FeatureMap(channels: channels, size: newSize)
        vsr_reference_resize(
            samples, channels, size.height, size.width, &output.samples, newSize.height,
            newSize.width, alignCorners ? 1 : 0)
        return output
    }
}
