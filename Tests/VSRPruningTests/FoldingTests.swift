import Testing
import VSRCore
import VSRModel
import VSRPruning
import VSRRuntime

/// Folding against a network that applies the factors itself: identity convolutions, on which the
/// output can be followed by hand.
@Suite struct FoldingTests {
    @Test func factorsScaleExactlyWhatTheyActOn() throws {
        let blueprint = NetworkComparison.blueprint(.unidirectional, scale: 2, width: 4, blocks: 1)
        let model = try NetworkComparison.model(blueprint, seed: 2)
        var factors = ScalingFactors(onesFor: blueprint)
        factors.values[.block(.forward, 0, .input)] = [1, 0.5, 1, 1]
        factors.values[.block(.forward, 0, .middle)] = [1, 1, -2, 1]
        factors.values[.block(.forward, 0, .output)] = [3, 1, 1, 1]
        factors.values[.upsampler(.upconv1)] = [1, 0.25]
        let folded = try model.folding(factors)
        let conv1 = "forward_trunk.main.2.0.conv1"
        let conv2 = "forward_trunk.main.2.0.conv2"
        var expected = model
        for index in 0..<4 * 4 * 9 {
            let output = index / 36
            let input = index / 9 % 4
            let factor: Float = (input == 1 ? 0.5 : 1) * (output == 2 ? -2 : 1)
            expected.tensors["\(conv1).weight"]?.values[index] *= factor
            expected.tensors["\(conv2).weight"]?.values[index] *= output == 0 ? 3 : 1
        }
        expected.tensors["\(conv1).bias"]?.values[2] *= -2
        expected.tensors["\(conv2).bias"]?.values[0] *= 3
        for index in 4 * 36..<8 * 36 {
            expected.tensors["upconv1.weight"]?.values[index] *= 0.25
        }
        for index in 4..<8 { expected.tensors["upconv1.bias"]?.values[index] *= 0.25 }
        #expect(folded == expected)
    }

    @Test func factorsOfOneChangeNothing() throws {
        let blueprint = NetworkComparison.blueprint(.bidirectional, scale: 4)
        let model = try NetworkComparison.model(blueprint, seed: 2)
        #expect(try model.folding(ScalingFactors(onesFor: blueprint)) == model)
        #expect(try model.folding(AlignedFactors(onesFor: blueprint)) == model)
    }

    /// A factor on a middle filter before ReLU equals, where positive, one on conv2's inputs after
    /// it, since ReLU is homogeneous; likewise in the upsampler.
    @Test func positiveFactorsMayMoveBehindTheActivation() throws {
        let blueprint = NetworkComparison.blueprint(.bidirectional, scale: 4)
        let model = try NetworkComparison.model(blueprint, seed: 4)
        var random = SeededGenerator(seed: 1)
        var factors = ScalingFactors(values: [:])
        var moved = model
        func behind(_ layer: PrunableLayer, _ next: String) throws {
            let count = blueprint.unitCount(of: layer)
            let values = (0..<count).map { _ in 0.2 + random.uniform() }
            factors.values[layer] = values
            let tensor = try #require(moved.tensors["\(next).weight"])
            for index in tensor.values.indices {
                moved.tensors["\(next).weight"]?.values[index] *= values[index / 9 % count]
            }
        }
        for branch in blueprint.branches {
            for index in blueprint[branch].indices {
                try behind(
                    .block(branch, index, .middle), Blueprint.blockNames(branch, index).conv2)
            }
        }
        try behind(.upsampler(.upconv1), "upconv2")
        try behind(.upsampler(.upconv2), "conv_hr")
        try behind(.upsampler(.refinement), "conv_last")
        let folded = try model.folding(factors)
        #expect(try NetworkComparison.distance(folded, moved) < 1e-5)
        #expect(try NetworkComparison.distance(folded, model) > 1e-3)
    }
}
