import Torch
import VSRCore
import VSRModel

/// A layer with its weights: the convolution, of stride 1 and with an output of the input's size,
/// then activation and shuffle.
struct LayerOperation {
    let layer: Layer
    /// `[outputs, inputs, k, k]`; `nil` where there are no inputs.
    let weight: Tensor?
    /// One per output, `[outputs]`; `nil` where there are no outputs.
    let bias: Tensor?
    /// The weights at Winograd's points, where the layer is computed so.
    let points: WinogradFilters?

    init(
        layer: Layer, weight: Tensor?, bias: Tensor?, convolutions: ConvolutionMethod = .direct
    ) throws {
        self.layer = layer
        self.weight = weight
        self.bias = bias
        points =
            convolutions == .winograd && ConvolutionMethod.winogradPays(for: layer)
            ? try weight?.winogradFilters() : nil
    }

    /// Maps `[N, inputs, H, W]` to `[N, units, rH, rW]`, r being the shuffle's factor; without
    /// inputs, only the input's size counts.
    func callAsFunction(_ input: Tensor) throws -> Tensor {
        var output = try convolved(input)
        if let activation = layer.activation { output = try output.activated(by: activation) }
        return layer.shuffle > 1 ? try output.pixelShuffled(by: layer.shuffle) : output
    }

    private func convolved(_ input: Tensor) throws -> Tensor {
        guard let bias else { throw missing(layer.bias) }
        guard layer.inputs > 0 else {
            let shape = input.shape
            return try bias.reshaped([1, layer.outputs, 1, 1])
                .expanded([shape[0], layer.outputs, shape[2], shape[3]])
        }
        guard let weight else { throw missing(layer.weight) }
        if let points { return try input.convolvedByWinograd(with: points, bias: bias) }
        return try input.convolved(
            with: weight, bias: bias, padding: Extent2D(layer.kernelSize / 2))
    }

    private func missing(_ key: TensorKey) -> VSRError {
        VSRError(.notFound, "the network has no tensor \(key.name)")
    }
}

/// How the Torch networks compute their 3×3 convolutions.
public enum ConvolutionMethod: Sendable {
    /// As LibTorch does.
    case direct
    /// By Winograd's algorithm, layers of 3×3; in single precision on the CPU only.
    case winograd

    /// Whether a layer is computed so: eight channels go at a time, narrower layers stay direct.
    static func winogradPays(for layer: Layer) -> Bool {
        layer.kernelSize == 3 && min(layer.inputs, layer.outputs) >= 8
    }
}

extension Tensor {
    /// What a network does after a convolution.
    func activated(by activation: Activation) throws -> Tensor {
        switch activation {
        case .leakyReLU(let slope): slope == 0 ? try relu() : try leakyReLU(slope: Double(slope))
        }
    }
}
