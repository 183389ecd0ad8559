import Testing
import VSRModel

@Suite struct LayerTests {
    @Test func parametersOfBasicVSRAreThePublishedOnes() {
        let bi = Blueprint(direction: .bidirectional)
        let flow = bi.flowLayers.reduce(0) { $0 + $1.parameters }
        let rest = bi.layers.reduce(0) { $0 + $1.parameters } - flow
        // conventions: 4.851 M, SPyNet 1,440,300.
        #expect(flow == 1_440_300)
        #expect((Double(rest) / 1e6 * 1000).rounded() == 4851)
    }

    @Test func parametersAreAllElementsOfALayersTensors() {
        // 3·3 weights for each input; a bias, and a slope as of PReLU, whatever the inputs.
        let count = LayerCount(ofElementsIn: [[4, 2, 3, 3], [4], [4]])
        #expect(count == LayerCount(perInput: 9, perFilter: 2))
        #expect(count(inputs: 2, outputs: 4) == 4 * (2 * 9 + 2))
        #expect(count(inputs: 0, outputs: 4) == 8)
        for layer in Blueprint(direction: .bidirectional, width: 3, blocks: 1).layers {
            let elements = layer.tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
            #expect(layer.parameters == elements)
        }
    }

    @Test func channelsThatLayersReadAndMakeAreAsManyAsTheyHave() {
        var blueprint = Blueprint(
            direction: .bidirectional, width: 3, blocks: 2, upsamplerWidth: 5)
        blueprint.forward[1].middleWidth = 2
        blueprint.upsampler.convolutions[2].width = 4
        for layer in blueprint.layers where !layer.isFlow {
            let inputs = layer.reads.reduce(0) { $0 + blueprint.count(of: $1) }
            #expect(inputs == layer.inputs, "\(layer.name)")
            guard layer.role != .output else { continue }
            let made = layer.makes.map { blueprint.count(of: $0) * layer.filtersPerUnit }
            #expect(made == layer.outputs, "\(layer.name)")
        }
    }
}
