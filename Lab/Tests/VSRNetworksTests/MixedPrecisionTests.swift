import Testing
import Torch
import VSRModel
import VSRTestSupport

@testable import VSRNetworks

/// Networks whose convolutions run in bfloat16.
@Suite struct MixedPrecisionTests {
    private static let flow = Blueprint.FlowNetwork(widths: [2, 2, 2, 2], levels: 2)

    /// All weights are 0 and the first convolution's bias is 1, so every channel of the hidden state
    /// starts at 1; each of the 30 blocks adds 2⁻¹⁰ to the channels that it keeps.
    private func countingNetwork() throws -> BasicVSR {
        var blueprint = Blueprint(
            direction: .unidirectional, width: 4, blocks: 30, upsamplerWidth: 4, scale: 2,
            flow: Self.flow)
        for index in blueprint.forward.indices where index % 2 == 1 {
            blueprint.forward[index].keptOutputs = [0, 2]
        }
        var model = try Model.initialized(blueprint, seed: 1)
        for layer in blueprint.layers {
            model.tensors[layer.weight] = ModelTensor(shape: layer.weightShape)
            let isFirst = layer.role == .first(.forward)
            let bias: Float = isFirst ? 1 : layer.part == .trunk(.forward) ? 0x1p-10 : 0
            model.tensors[layer.bias] = ModelTensor(
                shape: layer.biasShape, filledWith: bias)
        }
        return try BasicVSR(model)
    }

    @Test func changesBelowTheResolutionOfBfloat16AddUp() throws {
        try onTorch {
            let network = try countingNetwork()
            let clip = try Tensor.zeros([1, 1, 3, 2, 2])
            let states = try withAutocast {
                try network.assembled().hiddenStates(of: clip)[.forward]
            }
            let state = try #require(states?.first)
            #expect(state.dtype == .float32)
            // Channels 0 and 2 get all 30 changes, 1 and 3 those of the even blocks.
            let expected: [Float] = [1 + 30 * 0x1p-10, 1 + 15 * 0x1p-10]
            #expect(
                try state.floats()
                    == [0, 1, 0, 1].flatMap { Array(repeating: expected[$0], count: 4) })
        }
    }

    /// What the first convolution and the blocks round is at most 2⁻⁹ of what they read or add.
    ///
    /// Its input, weights and output are rounded once each; the blocks add little, rounded alike.
    /// Errors are independent, so that their root mean square stays below 2⁻⁸ of the state's.
    @Test func theHiddenStateIsRoundedOnceNotPerBlock() throws {
        try onTorch {
            let blueprint = Blueprint(
                direction: .unidirectional, width: 24, blocks: 60, upsamplerWidth: 4, scale: 2,
                flow: Self.flow)
            let network = try BasicVSR(Model.initialized(blueprint, seed: 5))
            let clip = try Tensor.randomUniform([1, 1, 3, 32, 32], seed: 6)
            func state() throws -> [Float] {
                try withoutGradients {
                    let states = try network.assembled().hiddenStates(of: clip)
                    return try #require(states[.forward]?.first).floats()
                }
            }
            let exact = try state()
            let rounded = try withAutocast { try state() }
            let error = relativeError(rounded, exact)
            #expect(error <= 0x1p-8, "\(error)")
        }
    }
}
