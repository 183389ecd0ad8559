import VSRCore
import VSRModel

extension Model {
    /// A network with the weights that `SeededGenerator.weights(_:)` draws.
    public static func random(_ blueprint: Blueprint, seed: UInt64) -> Model {
        var random = SeededGenerator(seed: seed)
        return random.weights(blueprint)
    }
}

extension SeededGenerator {
    /// A small dense network whose frames depend visibly on every flow and hidden state.
    public mutating func model(_ direction: Blueprint.Direction, scale: Int) -> Model {
        weights(
            Blueprint(
                direction: direction, width: 4, blocks: 1, scale: scale,
                flow: Blueprint.FlowNetwork(widths: [4, 5, 4, 3], levels: 3)))
    }

    /// A network with random kept sets, empty ones among them.
    public mutating func blueprint(
        _ direction: Blueprint.Direction, scale: Int, width: Int, blocks: Int
    ) -> Blueprint {
        var blueprint = Blueprint(
            direction: direction, width: width, blocks: blocks, scale: scale,
            flow: Blueprint.FlowNetwork(
                widths: (0..<4).map { _ in 1 + integer(below: 5) }, levels: 1 + integer(below: 4)))
        for branch in blueprint.branches {
            blueprint[branch] = blueprint[branch].map { _ in block(width: width) }
        }
        blueprint.upsampler.convolutions[0].width = integer(below: width + 1)
        if scale == 4 { blueprint.upsampler.convolutions[1].width = integer(below: width + 1) }
        let last = blueprint.upsampler.convolutions.count - 1
        blueprint.upsampler.convolutions[last].width = integer(below: width + 2)
        return blueprint
    }

    private mutating func block(width: Int) -> Blueprint.ResidualBlock {
        let probability = uniform()
        func isKept(_ random: inout SeededGenerator) -> Bool { random.uniform() < probability }
        let inputs = (0..<width).filter { _ in isKept(&self) }
        let outputs = (0..<width).filter { _ in isKept(&self) }
        return Blueprint.ResidualBlock(
            keptInputs: inputs, middleWidth: integer(below: width + 3), keptOutputs: outputs
        ).canonical
    }

    /// Uniform weights within ±1.5 / √fan-in, biases within ±0.25: features stay near 1 and flows at
    /// some pixels.
    public mutating func weights(_ blueprint: Blueprint) -> Model {
        var tensors: [TensorKey: ModelTensor] = [:]
        for layer in blueprint.layers {
            let fanIn = max(1, layer.inputs * layer.kernelSize * layer.kernelSize)
            let bound = 1.5 / Float(fanIn).squareRoot()
            for (key, shape) in layer.tensors {
                tensors[key] = tensor(shape, bound: key.kind == .weight ? bound : 0.25)
            }
        }
        return Model(blueprint: blueprint, tensors: tensors)
    }

    /// Uniform values of `-bound...bound`.
    public mutating func tensor(_ shape: [Int], bound: Float) -> ModelTensor {
        ModelTensor(
            shape: shape,
            values: (0..<shape.reduce(1, *)).map { _ in (uniform() * 2 - 1) * bound })
    }

    public mutating func frame(_ size: FrameSize) -> Frame {
        Frame(size: size, samples: (0..<3 * size.area).map { _ in uniform() })
    }

    public mutating func clip(_ size: FrameSize, count: Int) -> [Frame] {
        (0..<count).map { _ in frame(size) }
    }
}
