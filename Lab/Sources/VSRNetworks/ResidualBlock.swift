import Torch
import VSRCore
import VSRModel

/// A residual block with Residual Sparsity Connection: all channels pass through, the convolutions
/// see some of them.
///
/// Source: Xia et al., CVPR 2023, Sec. 3.2 (3).
struct ResidualBlock {
    let width: Int
    let block: Blueprint.ResidualBlock
    /// `nil` where the block has lost these convolutions.
    let conv1: Convolution?
    let conv2: Convolution?
    /// Kept indices as tensors; `nil` where all channels are kept.
    let inputs: Tensor?
    let outputs: Tensor?

    init(
        width: Int, block: Blueprint.ResidualBlock, conv1: Convolution?, conv2: Convolution?,
        device: Device
    ) throws {
        self.width = width
        self.block = block
        self.conv1 = conv1
        self.conv2 = conv2
        inputs =
            block.keptInputs.count == width
            ? nil : try Tensor(indices: block.keptInputs, device: device)
        outputs =
            block.keptOutputs.count == width
            ? nil : try Tensor(indices: block.keptOutputs, device: device)
    }

    /// `[N, C, H, W]` to the same.
    func callAsFunction(_ input: Tensor) throws -> Tensor {
        guard let conv2, !block.isDropped else { return input }
        let change = try conv2(middle(input))
        guard let outputs else { return try input + change }
        return try input.indexAdded(change.to(input.dtype), at: outputs, along: 1)
    }

    /// `ReLU(conv1(x[kept inputs]))`, `[N, M, H, W]`.
    private func middle(_ input: Tensor) throws -> Tensor {
        // Without a middle, conv2 has no inputs and only asks for the size.
        guard let conv1 else { return input }
        guard let inputs, !block.keptInputs.isEmpty else { return try conv1(input).relu() }
        return try conv1(input.indexSelected(inputs, along: 1)).relu()
    }
}
