import CKernels
import VSRCore
import VSRModel

/// A layer with its weights: the convolution by the plain C kernel, then activation and shuffle.
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
        if let activation = layer.activation { output = output.activated(by: activation) }
        return layer.shuffle > 1 ? output.pixelShuffled(by: layer.shuffle) : output
    }
}

/// Layers of which each reads what the one before gives.
struct ReferenceChain: Sendable {
    /// A layer; without convolution where all its filters were removed.
    private let steps: [(layer: Layer, convolution: ReferenceConvolution?)]

    init(_ layers: [Layer], of model: Model) throws {
        steps = try layers.map { layer in
            (layer, layer.outputs == 0 ? nil : try ReferenceConvolution(layer, of: model))
        }
    }

    func callAsFunction(_ input: FeatureMap) -> FeatureMap {
        steps.reduce(input) { features, step in
            step.convolution?(features)
                ?? FeatureMap(channels: 0, size: features.size.scaled(by: step.layer.shuffle))
        }
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

    /// What a network does after a convolution.
    func activated(by activation: Activation) -> FeatureMap {
        switch activation {
        case .leakyReLU(let slope): activated(negativeSlope: slope)
        }
    }

    /// `[factor² u, height, width]` to `[u, factor height, factor width]`: channel
    /// `factor² c + factor i + j` gives the pixels of row `i` and column `j` of each square.
    public func pixelShuffled(by factor: Int = 2) -> FeatureMap {
        let finer = size.scaled(by: factor)
        var output = FeatureMap(channels: channels / (factor * factor), size: finer)
        for channel in 0..<output.channels * factor * factor {
            let (plane, place) = channel.quotientAndRemainder(dividingBy: factor * factor)
            let first = plane * finer.area + place / factor * finer.width + place % factor
            for y in 0..<size.height {
                let target = first + y * factor * finer.width
                let source = channel * size.area + y * size.width
                for x in 0..<size.width {
                    output.samples[target + x * factor] = samples[source + x]
                }
            }
        }
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
