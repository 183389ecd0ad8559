import VSRCore

/// One convolution of a network, as the blueprint determines it.
public struct Layer: Sendable, Hashable {
    /// Which of the three parts of the network it belongs to.
    public enum Part: Sendable, Hashable {
        case trunk(Blueprint.Branch)
        case upsampler
        /// The flow network's level `level`, 0 the coarsest.
        case flow(level: Int)
    }

    /// The tensors are `name.weight` and `name.bias`.
    public var name: String
    public var part: Part
    public var inputs: Int
    public var outputs: Int
    /// Side of the square kernel, in pixels; padding is half of it, stride 1.
    public var kernelSize: Int
    /// Output pixels per LR pixel along each axis (1, 2 or 4); the flow network's levels are
    /// described by ``Part`` instead.
    public var resolution: Int

    public init(
        name: String, part: Part, inputs: Int, outputs: Int, kernelSize: Int, resolution: Int = 1
    ) {
        self.name = name
        self.part = part
        self.inputs = inputs
        self.outputs = outputs
        self.kernelSize = kernelSize
        self.resolution = resolution
    }

    public var weightName: String { "\(name).weight" }
    public var biasName: String { "\(name).bias" }

    /// Sizes `[outputs, inputs, k, k]`.
    public var weightShape: [Int] { [outputs, inputs, kernelSize, kernelSize] }
    /// Sizes `[outputs]`.
    public var biasShape: [Int] { [outputs] }

    /// Weights and biases.
    public var parameters: Int { outputs * (inputs * kernelSize * kernelSize + 1) }

    /// Multiply-accumulates for one output pixel, biases counted once.
    public var macsPerPixel: Int { parameters }
}

extension Blueprint {
    /// All convolutions that the network has, in layer order: backward trunk, forward trunk,
    /// upsampler, flow network.
    ///
    /// Layers without outputs are left out; layers without inputs stay,
    /// since their biases count.
    public var layers: [Layer] {
        branches.flatMap(trunkLayers) + upsamplerLayers + flowLayers
    }

    /// The convolutions of one trunk.
    public func trunkLayers(_ branch: Branch) -> [Layer] {
        var layers = [
            Layer(
                name: Self.firstConvolutionName(branch), part: .trunk(branch),
                inputs: Frame.channels + width, outputs: width, kernelSize: 3)
        ]
        for (index, block) in self[branch].enumerated() {
            let names = Self.blockNames(branch, index)
            layers.append(
                Layer(
                    name: names.conv1, part: .trunk(branch), inputs: block.keptInputs.count,
                    outputs: block.middleWidth, kernelSize: 3))
            layers.append(
                Layer(
                    name: names.conv2, part: .trunk(branch), inputs: block.middleWidth,
                    outputs: block.keptOutputs.count, kernelSize: 3))
        }
        return layers.filter { $0.outputs > 0 }
    }

    /// Fusion, pixel-shuffle convolutions, refinement and output.
    public var upsamplerLayers: [Layer] {
        var layers = [
            Layer(
                name: "fusion", part: .upsampler, inputs: width * branches.count, outputs: width,
                kernelSize: 1),
            Layer(
                name: "upconv1", part: .upsampler, inputs: width,
                outputs: 4 * upsampler.firstWidth, kernelSize: 3),
        ]
        if let secondWidth = upsampler.secondWidth {
            layers.append(
                Layer(
                    name: "upconv2", part: .upsampler, inputs: upsampler.firstWidth,
                    outputs: 4 * secondWidth, kernelSize: 3, resolution: 2))
        }
        layers.append(
            Layer(
                name: "conv_hr", part: .upsampler, inputs: upsampler.refinementInputWidth,
                outputs: upsampler.refinementWidth, kernelSize: 3, resolution: scale))
        layers.append(
            Layer(
                name: "conv_last", part: .upsampler, inputs: upsampler.refinementWidth,
                outputs: Frame.channels, kernelSize: 3, resolution: scale))
        return layers.filter { $0.outputs > 0 }
    }

    /// The convolutions of the flow network, coarsest level first.
    public var flowLayers: [Layer] {
        let chain = flow.channelChain
        return (0..<flow.levels).flatMap { level in
            (0..<chain.count - 1).map { index in
                Layer(
                    name: Self.flowLayerName(level: level, convolution: index),
                    part: .flow(level: level), inputs: chain[index], outputs: chain[index + 1],
                    kernelSize: 7)
            }
        }
    }

    /// The trunk's first convolution, as BasicSR names it.
    public static func firstConvolutionName(_ branch: Branch) -> String {
        "\(branch.trunkName).main.0"
    }

    /// The two convolutions of residual block `index`, as BasicSR names them.
    public static func blockNames(_ branch: Branch, _ index: Int) -> (conv1: String, conv2: String)
    {
        let prefix = "\(branch.trunkName).main.2.\(index)"
        return ("\(prefix).conv1", "\(prefix).conv2")
    }

    /// Convolution `convolution` (0…4) of the flow network's level, as BasicSR names it (its
    /// modules count the activations between, hence the factor 2).
    public static func flowLayerName(level: Int, convolution: Int) -> String {
        "spynet.basic_module.\(level).basic_module.\(2 * convolution)"
    }
}
