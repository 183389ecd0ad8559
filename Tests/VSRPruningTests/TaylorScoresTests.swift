import Testing
import VSRCore
import VSRModel
import VSRPruning

/// Sums of gradient × weight, worked by hand.
@Suite struct TaylorScoresTests {
    /// Two channels, one block, scale 2: 2 units in each group.
    private let blueprint = Blueprint(
        direction: .unidirectional, width: 2, blocks: 1, scale: 2,
        flow: .init(widths: [1, 1, 1, 1], levels: 1))

    /// All zeros but the elements named.
    private func tensors(
        _ elements: [TensorKey: [Int: Float]]
    ) -> [TensorKey: ModelTensor] {
        blueprint.tensorShapes.reduce(into: [:]) { result, entry in
            var tensor = ModelTensor(shape: entry.value)
            for (index, value) in elements[entry.key] ?? [:] { tensor.values[index] = value }
            result[entry.key] = tensor
        }
    }

    private func model(_ elements: [TensorKey: [Int: Float]]) -> Model {
        Model(blueprint: blueprint, tensors: tensors(elements))
    }

    private static let conv1 = Layer.Role.block(.forward, 0, .first)
    private static let conv2 = Layer.Role.block(.forward, 0, .second)

    private let weights: [TensorKey: [Int: Float]] = [
        // Filter 0: input 0 has 2 at its first tap, input 1 has 3; filter 1: input 1 has 5.
        .weight(conv1): [0: 2, 9: 3, 27: 5], .bias(conv1): [0: 7, 1: 1],
        .weight(conv2): [0: 1, 18: 2],
        // Filters 0 and 3 make unit 0, filter 4 is of unit 1; 18 weights each.
        .weight(.upconvolution(0)): [0: 2, 3 * 18: 4, 4 * 18: 3], .bias(.upconvolution(0)): [3: 1],
    ]

    private let gradients: [TensorKey: [Int: Float]] = [
        .weight(conv1): [0: 10, 9: -20, 27: 1, 1: 1000], .bias(conv1): [0: 4, 1: -5],
        .weight(conv2): [0: 3, 18: -4],
        .weight(.upconvolution(0)): [0: 1, 3 * 18: -3, 4 * 18: 5],
        .bias(.upconvolution(0)): [3: 6],
    ]

    @Test func aUnitIsWhatItOwnsInItsOwnConvolution() throws {
        var scores = try TaylorScores(of: blueprint, structure: .free)
        try scores.add(tensors(gradients), of: model(weights))
        let expected: [UnitGroup: [Double]] = [
            // 2 · 10, and 3 · (−20) + 5 · 1; biases are filters'.
            .block(.forward, 0, .input): [20, 55],
            // 20 − 60 + 7 · 4, and 5 − 5.
            .block(.forward, 0, .middle): [12, 0],
            .block(.forward, 0, .output): [3, 8],
            // 2 − 12 + 6 of all four filters together, and 15.
            .upsampler(.upconvolution(0)): [4, 15],
            .upsampler(.refinement(0)): [0, 0],
        ]
        #expect(scores.scores == .free(UnitScores(values: expected)))
    }

    @Test func batchesCountAlikeWhateverTheirSigns() throws {
        var scores = try TaylorScores(of: blueprint, structure: .free)
        try scores.add(tensors([.weight(Self.conv2): [0: 3]]), of: model(weights))
        try scores.add(tensors([.weight(Self.conv2): [0: -5]]), of: model(weights))
        // Those of a parameter that the loss does not depend on may be missing.
        try scores.add([:], of: model(weights))
        #expect(scores.batches == 3)
        guard case .free(let found) = scores.scores else {
            Issue.record("another structure was scored")
            return
        }
        // (3 + 5 + 0) / 3.
        #expect(found.values[.block(.forward, 0, .output)] == [8 * (1 / 3.0), 0])
    }

    @Test func tiedFiltersAreOneUnit() throws {
        // Channel 0: the first convolution's filter 0 (45 weights) and conv2's.
        var weights = weights
        weights[.weight(.first(.forward))] = [0: 2, 45: 1]
        weights[.bias(.first(.forward))] = [0: 1]
        var gradients = gradients
        gradients[.weight(.first(.forward))] = [0: -4, 45: 2]
        gradients[.bias(.first(.forward))] = [0: 3]
        var scores = try TaylorScores(of: blueprint, structure: .aligned)
        try scores.add(tensors(gradients), of: model(weights))
        guard case .aligned(let found) = scores.scores else {
            Issue.record("another structure was scored")
            return
        }
        // −8 + 3 and 3; 2 and −8.
        #expect(found.values[.trunk(.forward)] == [2, 6])
        #expect(found.values[.middle(.forward, 0)] == [12, 0])
        #expect(found.values[.upsampler(.upconvolution(0))] == [4, 15])
        #expect(found.values[.fusion] == [0, 0])
        #expect(Set(found.values.keys) == Set(blueprint.alignedGroups))
    }

    @Test func gradientsThatSayNothingAreRefused() throws {
        var scores = try TaylorScores(of: blueprint, structure: .free)
        var broken = tensors(gradients)
        broken[.weight(Self.conv2)]?.values[5] = .nan
        let error = #expect(throws: VSRError.self) { try scores.add(broken, of: model(weights)) }
        #expect(error?.code == .corruptData)
        #expect(error?.message.contains("forward_trunk.main.2.0.conv2.weight") == true)
        broken[.weight(Self.conv2)] = ModelTensor(shape: [1])
        let shape = #expect(throws: VSRError.self) { try scores.add(broken, of: model(weights)) }
        #expect(shape?.code == .shapeMismatch)
    }
}
