import Testing
import Torch
import VSRModel
import VSRTestSupport

@testable import VSRNetworks

/// Whole networks whose 3×3 convolutions go by Winograd's algorithm, against direct convolutions.
@Suite struct WinogradNetworkTests {
    /// 20 channels, a block that keeps some and a dropped one.
    private func model() throws -> Model {
        var blueprint = Blueprint(
            direction: .bidirectional, width: 20, blocks: 3, upsamplerWidth: 16,
            flow: .init(widths: [4, 4, 4, 4], levels: 2))
        for branch in blueprint.branches {
            blueprint[branch][1] = .init(
                keptInputs: Array(0..<17), middleWidth: 18, keptOutputs: Array(2..<19))
            blueprint[branch][2] = .init(keptInputs: [], middleWidth: 0, keptOutputs: [])
        }
        return try Model.initialized(blueprint, seed: 3)
    }

    @Test func framesAndGradientsEqualThoseOfDirectConvolutions() throws {
        let model = try model()
        try onTorch {
            let clip = try Tensor.randomUniform([2, 3, 3, 18, 14], seed: 1)
            func run(_ method: ConvolutionMethod) throws -> [[Float]] {
                let network = try BasicVSR(model)
                let frames = try network.assembled(convolutions: method)(clip).frames
                try frames.square().mean().backward()
                return [try frames.floats()]
                    + (try network.namedParameters.map {
                        try #require($0.tensor.gradient).floats()
                    })
            }
            let (direct, winograd) = (try run(.direct), try run(.winograd))
            #expect(direct.count == winograd.count)
            #expect(direct != winograd)
            let names = ["frames"] + (try BasicVSR(model).namedParameters.map(\.name))
            for (name, pair) in zip(names, zip(direct, winograd)) {
                let error = zip(pair.0, pair.1).map { Double($0 - $1) }.reduce(0) { $0 + $1 * $1 }
                let norm = pair.0.map { Double($0) }.reduce(0) { $0 + $1 * $1 }
                // Each convolution's rounding, 1e-6 of its norm, passes through about twenty others
                // forward and backward.
                #expect(error.squareRoot() <= 1e-4 * norm.squareRoot(), "\(name)")
            }
        }
    }

    /// Both first convolutions, all layers of the blocks that keep something, and the upsampler between
    /// the fusion, which is 1×1, and the last layer, which has three outputs.
    @Test func layersOfThreeByThreeAreComputedSo() throws {
        let model = try model()
        try onTorch {
            let network = try BasicVSR(model).assembled(convolutions: .winograd)
            for branch in model.blueprint.branches {
                let trunk = try #require(network.trunks[branch])
                #expect(trunk.first.points != nil)
            }
            #expect(
                network.upsampler.layers.map { $0.points != nil }
                    == [false, true, true, true, false])
            #expect(network.flow.levels.allSatisfy { $0.allSatisfy { $0.points == nil } })
            let direct = try BasicVSR(model).assembled()
            #expect(direct.upsampler.layers.allSatisfy { $0.points == nil })
        }
        let layers = model.blueprint.layers.filter(ConvolutionMethod.winogradPays)
        let blocks = layers.filter { if case .block = $0.role { true } else { false } }
        #expect(
            Set(blocks.map(\.role))
                == Set(
                    model.blueprint.branches.flatMap { branch in
                        [0, 1].flatMap { index in
                            [
                                Layer.Role.block(branch, index, .first),
                                .block(branch, index, .second),
                            ]
                        }
                    }))
    }
}
