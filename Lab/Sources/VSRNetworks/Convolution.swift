import Torch
import VSRCore
import VSRModel

/// A convolution of stride 1 whose output has the input's size.
struct Convolution {
    /// `[outputs, inputs, k, k]`; `nil` where there are no inputs.
    let weight: Tensor?
    /// One per output, `[outputs]`.
    let bias: Tensor
    let layer: Layer

    /// Maps `[N, inputs, H, W]` to `[N, outputs, H, W]`; without inputs, to the biases.
    func callAsFunction(_ input: Tensor) throws -> Tensor {
        guard layer.inputs > 0 else {
            let shape = input.shape
            return try bias.reshaped([1, layer.outputs, 1, 1])
                .expanded([shape[0], layer.outputs, shape[2], shape[3]])
        }
        guard let weight else {
            throw VSRError(.notFound, "the network has no tensor \(layer.weightName)")
        }
        return try input.convolved(
            with: weight, bias: bias, padding: Extent2D(layer.kernelSize / 2))
    }
}
