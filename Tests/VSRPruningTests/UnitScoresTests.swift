import Foundation
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
        model.tensors[.weight(.refinement(0))] = ModelTensor(
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
                .upsampler(.refinement(0)): [0.25],
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
                .upsampler(.refinement(0)): [2.25],
            ])
    }

    @Test func normalizedScoresCompareLayers() {
        let scores = UnitScores(values: [
            .block(.forward, 0, .input): [3, 1, 2, 2], .block(.forward, 0, .output): [0, 0],
        ])
        func values(_ normalization: ScoreNormalization) -> [UnitGroup: [Double]] {
            scores.normalized(normalization).values
        }
        let layer = UnitGroup.block(.forward, 0, .input)
        let zeros = UnitGroup.block(.forward, 0, .output)
        #expect(values(.none) == scores.values)
        #expect(values(.mean) == [layer: [1.5, 0.5, 1, 1], zeros: [0, 0]])
        // Deviation √½.
        let z = values(.zScore)[layer] ?? []
        let root = 2.0.squareRoot()
        let expected: [Double] = [root, -root, 0, 0]
        for (found, expected) in zip(z, expected) { #expect(abs(found - expected) < 1e-12) }
        #expect(values(.zScore)[zeros] == [0, 0])
        // Squares 9, 1, 4, 4; of the two 2s the later counts as the larger.
        let lamp: [Double] = [1, 1.0 / 18, 4.0 / 17, 4.0 / 13]
        #expect(values(.lamp) == [layer: lamp, zeros: [0, 0]])
    }

    @Test func normalizationDecidesBetweenLayersAndNotWithinThem() throws {
        var blueprint = Blueprint(
            direction: .unidirectional, width: 4, blocks: 1, upsamplerWidth: 2, scale: 2,
            flow: .init(widths: [1, 1, 1, 1], levels: 1))
        blueprint.forward[0].middleWidth = 4
        let layers = blueprint.unitGroups
        // Each layer's scores are 1, 2, 3, … times a power of ten.
        let scores = UnitScores(
            values: Dictionary(
                uniqueKeysWithValues: layers.enumerated().map { index, layer in
                    let size = pow(10, Double(index))
                    return (
                        layer,
                        (0..<blueprint.unitCount(of: layer)).map { Double($0 + 1) * size }
                    )
                }))
        func removed(_ normalization: ScoreNormalization) throws -> [UnitGroup: [Int]] {
            try UnitSelection(
                scores, of: blueprint, to: .ratio(0.25),
                options: PruningOptions(normalization: normalization)
            ).removed
        }
        // 4 of 16 units: as they are, the first layer loses all that it may, then the second.
        #expect(try removed(.none) == [layers[0]: [0, 1, 2], layers[1]: [0]])
        // By their means: 0.4 is the smallest of four, 2/3 of two.
        #expect(
            try removed(.mean)
                == [layers[0]: [0], layers[1]: [0], layers[2]: [0], layers[3]: [0]])
        // LAMP: 1/30, 4/29, 9/25, 1 of four, 1/5, 1 of two.
        #expect(try removed(.lamp) == [layers[0]: [0, 1], layers[1]: [0], layers[2]: [0]])
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
