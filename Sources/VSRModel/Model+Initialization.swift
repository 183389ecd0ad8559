import Foundation
import VSRCore

extension Model {
    /// A network with the weights that training starts from; the same seed gives the same weights.
    ///
    /// Residual convolutions: Kaiming-normal × 0.1, biases zero. The last convolution of each level
    /// of the flow network: zero, so that the flow is 0 yet trainable. All others: uniform within
    /// ±1 / √fan-in, biases too.
    ///
    /// Source: BasicSR's `default_init_weights`; PyTorch's `Conv2d.reset_parameters`.
    /// - Throws: `invalidArgument` where the blueprint is not valid.
    public static func initialized(_ blueprint: Blueprint, seed: UInt64) throws -> Model {
        try blueprint.validate()
        let generator = SeededGenerator(seed: seed)
        var model = Model(blueprint: blueprint, tensors: [:])
        for (index, layer) in blueprint.layers.enumerated() {
            var random = generator.fork(UInt64(index))
            let initial = Initializer(layer, in: blueprint)
            for (key, shape) in layer.tensors {
                model.tensors[key] =
                    switch key.kind {
                    case .weight: initial.weight(of: layer, shape, &random)
                    case .bias: initial.bias(of: layer, shape, &random)
                    }
            }
        }
        return model
    }
}

private enum Initializer {
    case residual, uniform, zero

    init(_ layer: Layer, in blueprint: Blueprint) {
        switch layer.role {
        case .block: self = .residual
        case .flow(_, let convolution):
            self = convolution == blueprint.flow.kernelSizes.count - 1 ? .zero : .uniform
        case .first, .fusion, .upconvolution, .refinement, .output: self = .uniform
        }
    }

    /// BasicSR's factor for residual convolutions.
    private static let residualScale = 0.1

    func weight(of layer: Layer, _ shape: [Int], _ random: inout SeededGenerator) -> ModelTensor {
        let count = shape.reduce(1, *)
        let values: [Float] =
            switch self {
            case .zero: Array(repeating: 0, count: count)
            case .residual:
                (0..<count).map { _ in
                    let deviation = Self.residualScale * (2 / Double(layer.fanIn)).squareRoot()
                    return Float(deviation * random.normal())
                }
            case .uniform: (0..<count).map { _ in random.uniform(within: layer.defaultBound) }
            }
        return ModelTensor(shape: shape, values: values)
    }

    func bias(of layer: Layer, _ shape: [Int], _ random: inout SeededGenerator) -> ModelTensor {
        guard self == .uniform else { return ModelTensor(shape: shape) }
        let values = (0..<layer.outputs).map { _ in random.uniform(within: layer.defaultBound) }
        return ModelTensor(shape: shape, values: values)
    }
}

extension Layer {
    fileprivate var fanIn: Int { inputs * kernelSize * kernelSize }

    /// PyTorch's Kaiming-uniform with a = √5 is uniform within ±1 / √fan-in; a layer that lost all
    /// its inputs has only biases, which start at zero.
    fileprivate var defaultBound: Float { fanIn == 0 ? 0 : 1 / Float(fanIn).squareRoot() }
}

extension SeededGenerator {
    /// A float uniform in `-bound..<bound`.
    fileprivate mutating func uniform(within bound: Float) -> Float {
        (2 * uniform() - 1) * bound
    }

    /// A number of the standard normal distribution, by the Box-Muller transform.
    fileprivate mutating func normal() -> Double {
        let step = 1 / Double(1 << 53)
        let radius = (-2 * log(1 - Double(next() >> 11) * step)).squareRoot()
        return radius * cos(2 * .pi * Double(next() >> 11) * step)
    }
}
