import Testing
import Torch
import VSRCore
import VSRModel
import VSRPruning
import VSRRuntime
import VSRTestSupport

@testable import VSRNetworks

@Suite struct PrunedNetworkTests {
    static let blueprints = [
        Blueprint(
            direction: .unidirectional, width: 5, blocks: 3, upsamplerWidth: 4, scale: 4,
            flow: .init(widths: [2, 2, 2, 2], levels: 3)),
        Blueprint(
            direction: .bidirectional, width: 4, blocks: 2, upsamplerWidth: 5, scale: 2,
            flow: .init(widths: [2, 2, 2, 2], levels: 2)),
        oneStep,
        twoRefinements,
        refiningBetween,
    ]

    /// An upsampler of one step and a flow network of three small convolutions.
    static var oneStep: Blueprint {
        var blueprint = Blueprint(
            direction: .unidirectional, width: 4, blocks: 2, scale: 4,
            flow: .init(widths: [3, 2], levels: 3, kernelSizes: [3, 5, 1]))
        blueprint.upsampler = .oneStep(width: 3, scale: 4)
        return blueprint
    }

    /// BasicVSR's upsampler and one more convolution before the output.
    static var twoRefinements: Blueprint {
        var blueprint = Blueprint(
            direction: .bidirectional, width: 4, blocks: 1, scale: 4,
            flow: .init(widths: [2, 2, 2, 2], levels: 2))
        blueprint.upsampler = .init(widths: [4, 3], refinementWidths: [5, 4])
        return blueprint
    }

    /// Refinements before and between the convolutions that shuffle, none after them.
    static var refiningBetween: Blueprint {
        var blueprint = Blueprint(
            direction: .unidirectional, width: 4, blocks: 1, scale: 4,
            flow: .init(widths: [2, 2, 2, 2], levels: 2))
        blueprint.upsampler = .init(
            convolutions: [(1, 3), (2, 4), (1, 5), (2, 3)].map { .init(factor: $0, width: $1) })
        return blueprint
    }

    /// Random selections, among them ones that empty whole layers.
    @Test(arguments: blueprints, [1, 2, 3, 4] as [UInt64])
    func aPrunedNetworkEqualsTheDenseOneWithFactorsAtZero(
        blueprint: Blueprint, seed: UInt64
    ) throws {
        try onTorch {
            let model = try Self.scrambled(blueprint, seed: seed)
            var generator = SeededGenerator(seed: seed)
            var removed: [UnitGroup: [Int]] = [:]
            for layer in blueprint.unitGroups {
                let share = generator.integer(below: 5)
                removed[layer] = (0..<blueprint.unitCount(of: layer)).filter { _ in
                    generator.integer(below: 4) < share
                }
            }
            let selection = UnitSelection(removed: removed)
            let dense = try BasicVSR(model, hasFactors: true)
            let zeros = try ScalingFactors(switchingOff: selection, in: blueprint)
            for (layer, values) in zeros.values {
                try #require(dense.factors[layer]).assign(Tensor(values))
            }
            let slim = try BasicVSR(model.removing(selection))
            let clip = try Tensor.randomUniform([2, 3, 3, 7, 6], seed: seed)
            let expected = try dense.assembled()(clip).frames
            let found = try slim.assembled()(clip).frames
            #expect(try relativeError(found.floats(), expected.floats()) <= 1e-5)
        }
    }

    @Test(arguments: blueprints)
    func foldedFactorsChangeNothing(blueprint: Blueprint) throws {
        try onTorch {
            let model = try Self.scrambled(blueprint, seed: 6)
            let network = try BasicVSR(model, hasFactors: true)
            for (index, factor) in network.namedFactors.enumerated() {
                let values = try Tensor.randomUniform([factor.tensor.count], seed: UInt64(index))
                try factor.tensor.assign(values + 0.5)
            }
            let folded = try BasicVSR(
                model.folding(ScalingFactors(values: network.factorValues())))
            let clip = try Tensor.randomUniform([1, 3, 3, 8, 5], seed: 7)
            let expected = try network.assembled()(clip).frames
            let found = try folded.assembled()(clip).frames
            #expect(try relativeError(found.floats(), expected.floats()) <= 1e-5)
        }
    }

    @Test(arguments: blueprints)
    func aModelComesBackAsItWentIn(blueprint: Blueprint) throws {
        try onTorch {
            let model = try Self.scrambled(blueprint, seed: 9)
            #expect(try BasicVSR(model).model() == model)
        }
    }

    @Test(arguments: blueprints)
    func streamingEqualsTheWholeClip(blueprint: Blueprint) throws {
        try onTorch {
            let network = try BasicVSR(Self.scrambled(blueprint, seed: 3)).assembled()
            let clip = try Tensor.randomUniform([1, 4, 3, 6, 7], seed: 8)
            let size = FrameSize(width: 7, height: 6)
            let frames = try (0..<4).map {
                Frame(size: size, samples: try clip.selected($0, along: 1).floats())
            }
            let upscaler = TorchUpscaler(network)
            let expected = try network(clip).frames
            // Twice: finishing forgets the clip before.
            for _ in 0..<2 {
                let output = try upscaler.upscale(clip: frames)
                #expect(
                    output.map(\.size)
                        == Array(repeating: size.scaled(by: blueprint.scale), count: 4))
                #expect(
                    try relativeError(output.flatMap(\.samples), expected.floats()) <= 1e-5)
            }
        }
    }

    /// Initial weights with flow that is not zero.
    static func scrambled(_ blueprint: Blueprint, seed: UInt64) throws -> Model {
        var model = try Model.initialized(blueprint, seed: seed)
        for (index, layer) in blueprint.layers.enumerated() {
            let scale =
                1 / Float(max(layer.inputs, 1) * layer.kernelSize * layer.kernelSize).squareRoot()
            for (number, (key, shape)) in layer.tensors.enumerated() {
                let seed = seed &* 1000 &+ UInt64(10 * index + number)
                let values = try Tensor.randomNormal(shape, seed: seed).floats()
                let factor = key.kind == .weight ? scale : 0.1
                model.tensors[key] = ModelTensor(
                    shape: shape, values: values.map { $0 * factor })
            }
        }
        return model
    }
}
