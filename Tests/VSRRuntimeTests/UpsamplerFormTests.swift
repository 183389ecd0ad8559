import Testing
import VSRCore
import VSRModel
import VSRRuntime
import VSRTestSupport

/// Upsamplers of other forms than BasicVSR's, by networks of two forms that are the same function.
@Suite struct UpsamplerFormTests {
    /// A network with ReLU and one with one more refinement, `index` in the upsampler's list, which
    /// doubles and rotates its channels: what reads them takes halves, rotated back.
    private func equalNetworks(
        _ factors: [Int], inserting index: Int
    ) throws -> (Model, longer: Model) {
        var random = SeededGenerator(seed: 90)
        var blueprint = Blueprint(
            direction: .unidirectional, width: 4, blocks: 1, scale: factors.reduce(1, *),
            activation: .relu, flow: Blueprint.FlowNetwork(widths: [2, 2, 2, 2], levels: 2))
        blueprint.upsampler = .init(
            convolutions: factors.enumerated().map { .init(factor: $1, width: 5 + $0) })
        let model = random.weights(blueprint)
        var longer = model
        let width = blueprint.upsamplerLayers[index + 1].inputs
        longer.blueprint.upsampler.convolutions.insert(.init(factor: 1, width: width), at: index)
        let layers = longer.blueprint.upsamplerLayers
        // Behind the new one every layer has the weights that it had, perhaps under another name.
        for (old, new) in zip(
            blueprint.upsamplerLayers[(index + 1)...], layers[(index + 2)...])
        {
            longer.tensors[new.weight] = model.tensors[old.weight]
            longer.tensors[new.bias] = model.tensors[old.bias]
        }
        let (added, reader) = (layers[index + 1], layers[index + 2])
        var weight = ModelTensor(shape: added.weightShape)
        for channel in 0..<width {
            weight.values[(channel * width + (channel + 1) % width) * 9 + 4] = 2
        }
        longer.tensors[added.weight] = weight
        longer.tensors[added.bias] = ModelTensor(shape: added.biasShape)
        let original = try #require(longer.tensors[reader.weight]).values
        for position in original.indices {
            let (filter, input, tap) = (
                position / (9 * width), position / 9 % width, position % 9
            )
            let source = (filter * width + (input + 1) % width) * 9 + tap
            longer.tensors[reader.weight]?.values[position] = original[source] / 2
        }
        try longer.validate()
        return (model, longer)
    }

    /// ReLU keeps what it gave, and powers of two do not round: up to the order of sums, equal.
    @Test(arguments: [
        ([2, 2, 1], 3), ([2, 2, 1], 2), ([2, 2, 1], 1), ([2, 2, 1], 0), ([2, 2], 2), ([2], 1),
        ([4, 1], 2), ([4], 0), ([2, 2, 1, 1], 3),
    ])
    func aRefinementThatOnlyPassesOnChangesNothing(_ factors: [Int], inserted: Int) throws {
        let (model, longer) = try equalNetworks(factors, inserting: inserted)
        var random = SeededGenerator(seed: 91)
        let clip = random.clip(FrameSize(width: 11, height: 6), count: 3)
        let expected = try ReferenceNetwork(model).run(clip).frames
        let found = try ReferenceNetwork(longer).run(clip).frames
        #expect(found.map(\.size) == expected.map(\.size))
        #expect(
            relativeError(found.flatMap(\.samples), expected.flatMap(\.samples)) <= 1e-6)
        // The upsampler gives more than the resized frames.
        let black = clip.map { Frame(size: $0.size) }
        #expect(
            try ReferenceNetwork(model).run(black).frames[0].samples.contains { abs($0) > 0.01 })
    }
}
