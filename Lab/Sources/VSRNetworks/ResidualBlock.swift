import Torch
import VSRCore
import VSRModel

/// A residual block with Residual Sparsity Connection: all channels pass through, the convolutions
/// see some of them.
///
/// Source: Xia et al., CVPR 2023, Sec. 3.2 (3).
struct ResidualBlock {
    let block: Blueprint.ResidualBlock
    /// Each reads what the one before gives; those before one without inputs are left out.
    private let layers: ArraySlice<LayerOperation>
    /// Kept indices as tensors; `nil` where all channels are kept, or no layer reads them.
    private let inputs: Tensor?
    private let outputs: Tensor?

    init(
        width: Int, block: Blueprint.ResidualBlock, layers: [LayerOperation], device: Device
    ) throws {
        self.block = block
        let start = layers.lastIndex { $0.layer.inputs == 0 } ?? 0
        self.layers = layers[start...]
        let readsAll = block.keptInputs.count == width || block.keptInputs.isEmpty
        inputs = readsAll ? nil : try Tensor(indices: block.keptInputs, device: device)
        outputs =
            block.keptOutputs.count == width
            ? nil : try Tensor(indices: block.keptOutputs, device: device)
    }

    /// `[N, C, H, W]` to the same.
    func callAsFunction(_ input: Tensor) throws -> Tensor {
        guard !block.isDropped else { return input }
        // A layer without inputs only asks for the size.
        var change = try inputs.map { try input.indexSelected($0, along: 1) } ?? input
        for layer in layers { change = try layer(change) }
        guard let outputs else { return try input + change }
        return try input.indexAdded(change.to(input.dtype), at: outputs, along: 1)
    }
}
