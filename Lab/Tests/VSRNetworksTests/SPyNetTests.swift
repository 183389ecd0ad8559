import Testing
import Torch
import VSRModel
import VSRTestSupport

@testable import VSRNetworks

@Suite struct SPyNetTests {
    /// Sides that are odd, below 32, and 1.
    @Test(arguments: ["flow-33x70", "flow-17x32", "flow-1x3"])
    func flowEqualsTheReference(name: String) throws {
        try onTorch {
            let fixture = try Fixture.read(name)
            let network = try BasicVSR(try fixture.model()).assembled()
            let flow = try network.flow(
                reference: try #require(fixture.reference).tensor(),
                supporting: try #require(fixture.supporting).tensor())
            let expected = try #require(fixture.flow)
            #expect(flow.shape == expected.shape)
            #expect(try relativeError(flow.floats(), expected.floats) <= 1e-5)
        }
    }

    @Test func anUntrainedFlowNetworkGivesNoFlowButHasAGradient() throws {
        try onTorch {
            let blueprint = Blueprint(
                direction: .unidirectional, width: 2, blocks: 1, flow: .init(widths: [2, 2, 2, 2]))
            let network = try BasicVSR(Model.initialized(blueprint, seed: 1))
            let clip = try Tensor.randomUniform([1, 2, 3, 32, 32], seed: 2)
            let flows = try #require(try network.assembled().flows(of: clip)[.forward])
            #expect(try flows.floats().allSatisfy { $0 == 0 })
            try (flows * Tensor.randomNormal(flows.shape, seed: 3)).sum().backward()
            let last = TensorKey.weight(.flow(level: 5, convolution: 4))
            let gradient = try #require(network.parameters[last]?.gradient)
            #expect(try gradient.abs().max().item() > 0)
        }
    }

    @Test func bothDirectionsOfAllPairsComeFromOneCall() throws {
        try onTorch {
            let blueprint = Blueprint(
                direction: .bidirectional, width: 2, blocks: 0, flow: .init(widths: [2, 2, 2, 2]))
            var model = try Model.initialized(blueprint, seed: 1)
            for layer in blueprint.flowLayers {
                model.tensors[layer.weight] = ModelTensor(
                    shape: layer.weightShape,
                    values: try Tensor.randomNormal(layer.weightShape, seed: 5).floats().map {
                        $0 * 0.1
                    })
            }
            let network = try BasicVSR(model).assembled()
            let clip = try Tensor.randomUniform([2, 3, 3, 20, 35], seed: 2)
            let flows = try network.flows(of: clip)
            for pair in 0..<2 {
                let earlier = try clip.selected(pair, along: 1)
                let later = try clip.selected(pair + 1, along: 1)
                let forward = try network.flow(reference: later, supporting: earlier)
                let backward = try network.flow(reference: earlier, supporting: later)
                for (branch, alone) in [
                    (Blueprint.Branch.forward, forward), (.backward, backward),
                ] {
                    let batched = try #require(flows[branch]).selected(pair, along: 1)
                    #expect(try relativeError(batched.floats(), alone.floats()) <= 1e-5)
                }
            }
        }
    }
}

@Suite struct WarpTests {
    /// Axes of length 1 included, on which the flow has no effect.
    @Test(arguments: ["warp-6x5", "warp-1x7", "warp-7x1"])
    func samplesEqualTheReference(name: String) throws {
        try onTorch {
            let fixture = try Fixture.read(name)
            let feature = try #require(fixture.feature).tensor()
            let flow = try #require(fixture.flow).tensor()
            for (outside, values) in [
                (OutsideValue.zeros, fixture.zeros), (.border, fixture.border),
            ] {
                let expected = try #require(values)
                let warped = try Warp.sample(feature, along: flow, outside: outside)
                #expect(warped.shape == expected.shape)
                #expect(try relativeError(warped.floats(), expected.floats) <= 1e-5)
            }
        }
    }
}
