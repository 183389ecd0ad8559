import Testing
import VSRCore
import VSRModel
import VSRPruning

@Suite struct UnitScoresTests {
    /// Width 2, one block of 2 inputs, 1 middle filter and 1 output; scale 2, Cu 1.
    private func model() throws -> Model {
        var blueprint = Blueprint(
            direction: .unidirectional, width: 2, blocks: 1, upsamplerWidth: 1, scale: 2,
            flow: .init(widths: [1, 1, 1, 1], levels: 1))
        blueprint.forward[0] = .init(keptInputs: [0, 1], middleWidth: 1, keptOutputs: [1])
        var model = try Model.initialized(blueprint, seed: 1)
        model.tensors[.weight(.block(.forward, 0, .first))] = ModelTensor(
            shape: [1, 2, 3, 3],
            values: [1, -1, 1, -1, 1, -1, 1, -1, 1] + [0, 0, 0, 0, -18, 0, 0, 0, 0])
        model.tensors[.weight(.block(.forward, 0, .second))] = ModelTensor(
            shape: [1, 1, 3, 3], values: [0, -3, 0, 0, 0, 0, 0, 0, 1.5])
        // Filters of |weights| 1, 2, 3, 4: one pixel-shuffle group of 72 weights.
        model.tensors[.weight(.upconvolution(0))] = ModelTensor(
            shape: [4, 2, 3, 3],
            values: [1, -2, 3, -4].flatMap { Array(repeating: Float($0), count: 18) })
        model.tensors[.weight(.refinement)] = ModelTensor(
            shape: [1, 1, 3, 3], values: Array(repeating: -0.25, count: 9))
        // Biases play no part.
        model.tensors[.bias(.upconvolution(0))] = ModelTensor(shape: [4], filledWith: 1000)
        return model
    }

    @Test func meansRunOverTheWeightsThatTheUnitOwns() throws {
        let scores = try UnitScores(l1Of: try model())
        #expect(
            scores.values == [
                .block(.forward, 0, .input): [1, 2],  // 9 / 9 and 18 / 9
                .block(.forward, 0, .middle): [1.5],  // (9 + 18) / 18
                .block(.forward, 0, .output): [0.5],  // 4.5 / 9
                .upsampler(.upconvolution(0)): [2.5],  // 18 (1 + 2 + 3 + 4) / 72
                .upsampler(.refinement): [0.25],
            ])
    }

    @Test func sumsAreThePapersWording() throws {
        let scores = try UnitScores(l1Of: try model(), norm: .sum)
        #expect(
            scores.values == [
                .block(.forward, 0, .input): [9, 18],
                .block(.forward, 0, .middle): [27],
                .block(.forward, 0, .output): [4.5],
                .upsampler(.upconvolution(0)): [180],
                .upsampler(.refinement): [2.25],
            ])
    }

    @Test func alignedScoresAddTheTiedLayers() throws {
        var model = try Model.initialized(
            Blueprint(direction: .unidirectional, width: 1, blocks: 2, scale: 2), seed: 1)
        let first = ModelTensor(shape: [1, 4, 3, 3], filledWith: -2)
        model.tensors[.weight(.first(.forward))] = first
        model.tensors[.weight(.block(.forward, 0, .second))] = ModelTensor(
            shape: [1, 1, 3, 3], filledWith: 3)
        model.tensors[.weight(.block(.forward, 1, .second))] = ModelTensor(
            shape: [1, 1, 3, 3], filledWith: -0.5)
        let mean = try AlignedScores(l1Of: model)
        #expect(mean.values[.trunk(.forward)] == [5.5])
        // 36 weights of 2, nine of 3, nine of 0.5.
        let sum = try AlignedScores(l1Of: model, norm: .sum)
        #expect(sum.values[.trunk(.forward)] == [103.5])
    }
}
