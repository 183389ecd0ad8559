import Testing
import VSRCore
import VSRModel
import VSRPruning
import VSRRuntime

/// Small networks and the distance of what they compute.
enum NetworkComparison {
    /// ‖a − b‖₂ / ‖b‖₂ of all output frames of a clip of three 6×5 frames under
    /// flows of a few pixels, the same for both.
    static func distance(_ model: Model, _ reference: Model) throws -> Double {
        let one = try output(model)
        let other = try output(reference)
        let difference = zip(one, other).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        try #require(one.count == other.count)
        return (difference / other.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }

    private static func output(_ model: Model) throws -> [Double] {
        let result = try ReferenceNetwork(model).run(clip, flows: flows)
        return result.frames.flatMap { $0.samples.map(Double.init) }
    }

    private static let size = FrameSize(width: 6, height: 5)

    private static func random(_ count: Int, seed: UInt64, scale: Float) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in (generator.uniform() - 0.5) * scale }
    }

    private static let clip = (0..<3).map { index in
        Frame(size: size, samples: random(3 * 30, seed: 7 + UInt64(index), scale: 2))
    }

    private static let flows: ReferenceNetwork.ClipFlows = Dictionary(
        uniqueKeysWithValues: Blueprint.Branch.allCases.map { branch in
            (branch, (0..<2).map { flow(seed: (branch.isCausal ? 30 : 20) + $0) })
        })

    private static func flow(seed: UInt64) -> FeatureMap {
        FeatureMap(channels: 2, size: size, samples: random(2 * 30, seed: seed, scale: 4))
    }

    /// Random weights and biases everywhere, large enough that every layer matters.
    static func model(_ blueprint: Blueprint, seed: UInt64) throws -> Model {
        var model = try Model.initialized(blueprint, seed: seed)
        var generator = SeededGenerator(seed: seed)
        for layer in blueprint.layers {
            let fanIn = max(1, layer.weightShape.dropFirst().reduce(1, *))
            for (key, shape) in layer.tensors {
                let values = random(
                    shape.reduce(1, *), seed: generator.next(),
                    scale: key.kind == .weight ? 4 / Float(fanIn).squareRoot() : 0.5)
                model.tensors[key] = ModelTensor(shape: shape, values: values)
            }
        }
        return model
    }

    static func blueprint(
        _ direction: Blueprint.Direction, scale: Int, width: Int = 6, blocks: Int = 2
    ) -> Blueprint {
        Blueprint(
            direction: direction, width: width, blocks: blocks, upsamplerWidth: width - 2,
            scale: scale, flow: .init(widths: [1, 1, 1, 1], levels: 1))
    }
}
