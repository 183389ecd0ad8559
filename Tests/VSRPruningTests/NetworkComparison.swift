import Testing
import VSRCore
import VSRModel
import VSRRuntime
import VSRTestSupport

/// Small networks and the distance of what they compute.
enum NetworkComparison {
    /// ‖a − b‖₂ / ‖b‖₂ of all output frames of a clip of three 6×5 frames under
    /// flows of a few pixels, the same for both.
    static func distance(_ model: Model, _ reference: Model) throws -> Double {
        let one = try output(model)
        let other = try output(reference)
        try #require(one.count == other.count)
        return relativeError(one, other)
    }

    private static func output(_ model: Model) throws -> [Float] {
        try ReferenceNetwork(model).run(clip, flows: flows).frames.flatMap(\.samples)
    }

    private static let size = FrameSize(width: 6, height: 5)

    private static let clip = {
        var random = SeededGenerator(seed: 7)
        return random.clip(size, count: 3)
    }()

    private static let flows: ReferenceNetwork.ClipFlows = Dictionary(
        uniqueKeysWithValues: Blueprint.Branch.allCases.map { branch in
            (branch, (0..<2).map { flow(seed: (branch.isCausal ? 30 : 20) + $0) })
        })

    private static func flow(seed: UInt64) -> FeatureMap {
        var random = SeededGenerator(seed: seed)
        return FeatureMap(
            channels: 2, size: size, samples: random.tensor([2, 5, 6], bound: 2).values)
    }

    static func blueprint(
        _ direction: Blueprint.Direction, scale: Int, width: Int = 6, blocks: Int = 2
    ) -> Blueprint {
        Blueprint(
            direction: direction, width: width, blocks: blocks, upsamplerWidth: width - 2,
            scale: scale, flow: .init(widths: [1, 1, 1, 1], levels: 1))
    }
}
