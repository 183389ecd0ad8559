import Testing
import Torch
import VSRCore
import VSRModel
import VSRPruning
import VSRRuntime
import VSRTestSupport

@testable import VSRNetworks

/// The runtime and the network that was trained are the same function.
@Suite struct RuntimeParityTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var direction: Blueprint.Direction
        var scale: Int
        var size: FrameSize
        var isPruned: Bool
        var activation = Activation.basicVSR

        var testDescription: String {
            "\(direction.rawValue) ×\(scale) \(size) \(isPruned ? "pruned" : "dense") "
                + "\(activation)"
        }

        /// Weights as training starts from, so that flow is 0 on both sides.
        func model() throws -> Model {
            let blueprint = Blueprint(
                direction: direction, width: 12, blocks: 4, upsamplerWidth: 10, scale: scale,
                activation: activation, flow: .init(widths: [4, 8, 4, 2]))
            let model = try Model.initialized(blueprint, seed: 11)
            guard isPruned else { return model }
            return try model.removing(UnitSelection(pruning: model, to: .ratio(0.4)))
        }

        func clip(_ frames: Int) -> [Frame] {
            var generator = SeededGenerator(seed: 5)
            return (0..<frames).map { _ in
                Frame(
                    size: size,
                    samples: (0..<3 * size.area).map { _ in generator.uniform() })
            }
        }
    }

    static let cases = [
        Case(
            direction: .unidirectional, scale: 4, size: FrameSize(width: 37, height: 21),
            isPruned: false),
        Case(
            direction: .unidirectional, scale: 2, size: FrameSize(width: 19, height: 34),
            isPruned: true),
        Case(
            direction: .bidirectional, scale: 4, size: FrameSize(width: 23, height: 18),
            isPruned: true),
        Case(
            direction: .bidirectional, scale: 2, size: FrameSize(width: 1, height: 1),
            isPruned: false),
        Case(
            direction: .bidirectional, scale: 4, size: FrameSize(width: 14, height: 11),
            isPruned: true, activation: .relu),
        Case(
            direction: .unidirectional, scale: 2, size: FrameSize(width: 13, height: 17),
            isPruned: false, activation: .leakyReLU(negativeSlope: 0.4)),
        Case(
            direction: .unidirectional, scale: 4, size: FrameSize(width: 9, height: 12),
            isPruned: false, activation: .leakyReLU(negativeSlope: 1)),
        Case(
            direction: .init([.backward, .forward, .backward(2)]), scale: 2,
            size: FrameSize(width: 15, height: 10), isPruned: true),
        Case(
            direction: .init([.forward, .forward(2)]), scale: 4,
            size: FrameSize(width: 11, height: 9), isPruned: true),
    ]

    @Test(arguments: cases)
    func bothExecutorsEqualTheNetworkOverTenFrames(item: Case) throws {
        try onTorch {
            let model = try item.model()
            let clip = item.clip(10)
            let network = try BasicVSR(model).assembled()
            let expected = try TorchUpscaler(network).upscale(clip: clip).flatMap(\.samples)
            for executor in [UpscalerOptions.Executor.reference, .tuned] {
                var options = UpscalerOptions()
                options.executor = executor
                options.precision = .fp32
                options.threads = 1
                options.windowLength = nil
                let found = try Upscaler(model: model, options: options).upscale(clip: clip)
                #expect(relativeError(found.flatMap(\.samples), expected) <= 1e-5)
            }
        }
    }

    /// The tuned executor has no kernel for what shuffles by 4.
    @Test(arguments: [
        (PrunedNetworkTests.oneStep, [UpscalerOptions.Executor.reference]),
        (PrunedNetworkTests.twoRefinements, [.reference, .tuned]),
        (PrunedNetworkTests.refiningBetween, [.reference, .tuned]),
        (
            Blueprint(
                direction: .bidirectional, width: 4, blocks: 1,
                flow: .init(widths: [4, 8, 4, 2], levels: 4, reduction: 2)),
            [.reference, .tuned]
        ),
    ])
    func executorsEqualNetworksOfOtherForms(
        blueprint: Blueprint, executors: [UpscalerOptions.Executor]
    ) throws {
        try onTorch {
            // Little flow, since rounding in it grows with the contents' contrast.
            var model = try PrunedNetworkTests.scrambled(blueprint, seed: 12)
            for (key, tensor) in model.tensors where key.role.isFlow {
                model.tensors[key]?.values = tensor.values.map { $0 * 0.5 }
            }
            var generator = SeededGenerator(seed: 5)
            let size = FrameSize(width: 19, height: 13)
            let clip = (0..<4).map { _ in
                Frame(
                    size: size,
                    samples: (0..<3 * size.area).map { _ in generator.uniform() })
            }
            let expected = try TorchUpscaler(BasicVSR(model).assembled()).upscale(clip: clip)
            for executor in executors {
                var options = UpscalerOptions()
                options.executor = executor
                options.precision = .fp32
                options.windowLength = nil
                let found = try Upscaler(model: model, options: options).upscale(clip: clip)
                #expect(found.map(\.size) == Array(repeating: size.scaled(by: 4), count: 4))
                #expect(
                    relativeError(found.flatMap(\.samples), expected.flatMap(\.samples)) <= 1e-4)
            }
        }
    }

    @Test(arguments: cases)
    func statesAlongTheSameFlowsEqualTheNetworks(item: Case) throws {
        try onTorch {
            let model = try PrunedNetworkTests.scrambled(item.model().blueprint, seed: 4)
            let clip = item.clip(4)
            let network = try BasicVSR(model).assembled()
            let tensor = try Tensor(
                clip.flatMap(\.samples), shape: [1, 4, 3, item.size.height, item.size.width])
            let flows = try network.flows(of: tensor)
            func maps(_ branch: Blueprint.Branch) throws -> [FeatureMap] {
                guard let flow = flows[branch] else { return [] }
                return try (0..<3).map {
                    FeatureMap(
                        channels: 2, size: item.size,
                        samples: try flow.selected($0, along: 1).floats())
                }
            }
            let found = try ReferenceNetwork(model).run(
                clip,
                flows: Dictionary(
                    uniqueKeysWithValues: model.blueprint.branches.map { ($0, try maps($0)) }))
            let expected = try network(tensor, flows: flows)
            #expect(
                try relativeError(
                    found.frames.flatMap(\.samples), expected.frames.floats()) <= 1e-5)
            for branch in model.blueprint.branches {
                let states = try Tensor.stacked(try #require(expected.hidden[branch]), along: 1)
                let own = try #require(found.states[branch]).flatMap(\.samples)
                #expect(try relativeError(own, states.floats()) <= 1e-5)
            }
        }
    }
}
