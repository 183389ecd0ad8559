import VSRCore
import VSRModel
import VSRTestSupport

/// Networks of all forms that a blueprint can have, and clips for them.
enum ExportedNetworks {
    /// Named for what is special about each.
    static let names = [
        "online, dense", "online, pruned", "bidirectional, pruned", "three branches",
        "backward only", "reduced flow", "one step", "refined twice", "nothing in the upsampler",
        "empty blocks", "scale 2",
    ]

    static func model(_ name: String) throws -> Model {
        var random = SeededGenerator(seed: UInt64(names.firstIndex(of: name) ?? 0) + 1)
        func pruned(_ direction: Blueprint.Direction, scale: Int = 4) -> Blueprint {
            random.blueprint(direction, scale: scale, width: 5, blocks: 3)
        }
        var blueprint: Blueprint
        switch name {
        case "online, dense": return random.model(.unidirectional, scale: 4)
        case "bidirectional, pruned": blueprint = pruned(.bidirectional)
        case "three branches":
            blueprint = pruned(.init([.backward, .forward, .forward(2)]))
        case "backward only": blueprint = pruned(.init([.backward]))
        case "reduced flow":
            blueprint = pruned(.unidirectional)
            blueprint.flow = .init(
                widths: [3, 2], levels: 2, kernelSizes: [3, 5, 1], reduction: 4)
        case "one step":
            blueprint = pruned(.unidirectional)
            blueprint.upsampler = .oneStep(width: 3, scale: 4)
            blueprint.activation = .leakyReLU(negativeSlope: 0.3)
        case "refined twice":
            blueprint = pruned(.unidirectional)
            blueprint.upsampler.convolutions = [
                .init(factor: 1, width: 4), .init(width: 3), .init(factor: 1, width: 2),
                .init(width: 5),
            ]
            blueprint.activation = .relu
        case "nothing in the upsampler":
            blueprint = pruned(.unidirectional)
            blueprint.upsampler.convolutions[0].width = 0
        case "empty blocks":
            blueprint = pruned(.unidirectional)
            blueprint.forward = [
                .init(keptInputs: [], middleWidth: 0, keptOutputs: [1, 4]),
                .init(keptInputs: [], middleWidth: 2, keptOutputs: [0, 3]),
                .init(keptInputs: [], middleWidth: 0, keptOutputs: []),
                .init(keptInputs: [1], middleWidth: 1, keptOutputs: [2]),
                .init(keptInputs: [0, 1, 2, 3, 4], middleWidth: 1, keptOutputs: [0, 1, 2, 4]),
                .init(keptInputs: [2], middleWidth: 3, keptOutputs: [0, 1, 2, 3, 4]),
            ]
        case "scale 2": blueprint = pruned(.unidirectional, scale: 2)
        default: blueprint = pruned(.unidirectional)
        }
        try blueprint.validate()
        return random.weights(blueprint)
    }

    static func clip(_ size: FrameSize, count: Int = 3) -> [Frame] {
        var random = SeededGenerator(seed: 3)
        return random.clip(size, count: count)
    }
}
