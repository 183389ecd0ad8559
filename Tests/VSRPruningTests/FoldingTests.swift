import Testing
import VSRCore
import VSRModel
import VSRPruning
import VSRRuntime
import VSRTestSupport

/// Folding against a network that applies the factors itself: identity convolutions, on which the
/// output can be followed by hand.
@Suite struct FoldingTests {
    @Test func factorsScaleExactlyWhatTheyActOn() throws {
        let blueprint = NetworkComparison.blueprint(.unidirectional, scale: 2, width: 4, blocks: 1)
        let model = Model.random(blueprint, seed: 2)
        var factors = ScalingFactors(onesFor: blueprint)
        factors.values[.block(.forward, 0, .input)] = [1, 0.5, 1, 1]
        factors.values[.block(.forward, 0, .middle)] = [1, 1, -2, 1]
        factors.values[.block(.forward, 0, .output)] = [3, 1, 1, 1]
        factors.values[.upsampler(.upconvolution(0))] = [1, 0.25]
        let folded = try model.folding(factors)
        let conv1 = Layer.Role.block(.forward, 0, .first)
        let conv2 = Layer.Role.block(.forward, 0, .second)
        var expected = model
        for index in 0..<4 * 4 * 9 {
            let output = index / 36
            let input = index / 9 % 4
            let factor: Float = (input == 1 ? 0.5 : 1) * (output == 2 ? -2 : 1)
            expected.tensors[.weight(conv1)]?.values[index] *= factor
            expected.tensors[.weight(conv2)]?.values[index] *= output == 0 ? 3 : 1
        }
        expected.tensors[.bias(conv1)]?.values[2] *= -2
        expected.tensors[.bias(conv2)]?.values[0] *= 3
        for index in 4 * 36..<8 * 36 {
            expected.tensors[.weight(.upconvolution(0))]?.values[index] *= 0.25
        }
        for index in 4..<8 { expected.tensors[.bias(.upconvolution(0))]?.values[index] *= 0.25 }
        #expect(folded == expected)
    }

    @Test func factorsOfOneChangeNothing() throws {
        let blueprint = NetworkComparison.blueprint(.bidirectional, scale: 4)
        let model = Model.random(blueprint, seed: 2)
        #expect(try model.folding(ScalingFactors(onesFor: blueprint)) == model)
        #expect(try model.folding(AlignedFactors(onesFor: blueprint)) == model)
    }

    /// A factor on a middle filter before ReLU equals, where positive, one on conv2's inputs after
    /// it, since ReLU is homogeneous; likewise in the upsampler.
    @Test func positiveFactorsMayMoveBehindTheActivation() throws {
        let blueprint = NetworkComparison.blueprint(.bidirectional, scale: 4)
        let model = Model.random(blueprint, seed: 4)
        var random = SeededGenerator(seed: 1)
        var factors = ScalingFactors(values: [:])
        var moved = model
        func behind(_ layer: UnitGroup, _ next: Layer.Role) throws {
            let count = blueprint.unitCount(of: layer)
            let values = (0..<count).map { _ in 0.2 + random.uniform() }
            factors.values[layer] = values
            let tensor = try #require(moved.tensors[.weight(next)])
            for index in tensor.values.indices {
                moved.tensors[.weight(next)]?.values[index] *= values[index / 9 % count]
            }
        }
        for branch in blueprint.branches {
            for index in blueprint[branch].indices {
                try behind(
                    .block(branch, index, .middle), .block(branch, index, .second))
            }
        }
        try behind(.upsampler(.upconvolution(0)), .upconvolution(1))
        try behind(.upsampler(.upconvolution(1)), .refinement(0))
        try behind(.upsampler(.refinement(0)), .output)
        let folded = try model.folding(factors)
        #expect(try NetworkComparison.distance(folded, moved) < 1e-5)
        #expect(try NetworkComparison.distance(folded, model) > 1e-3)
    }
}
