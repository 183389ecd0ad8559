import VSRCore
import VSRModel

/// A network's steps as nodes of a graph: what the reference executor computes, in ONNX operators.
///
/// Maps are `[1, channels, height, width]`, all of floats.
///
/// Source: BasicVSR, Chan et al., CVPR 2021; Residual Sparsity Connection, Xia et al., CVPR 2023.
struct NetworkGraph {
    /// Channels of a map at a resolution: a node's output, or none at all.
    enum Features: Equatable {
        case map(String)
        /// What a layer gives that lost all its filters.
        case nothing
    }

    let model: Model
    /// The picture that the graph computes for, whose size all maps follow.
    let frame: String
    var builder: OnnxGraphBuilder
    /// Where warps read, by the flow that they follow.
    var grids: [String: String] = [:]

    var blueprint: Blueprint { model.blueprint }

    /// The hidden state of `branch`.
    ///
    /// - Parameter warped: The state of the branch's previous frame, moved to this one.
    mutating func hiddenState(_ branch: Blueprint.Branch, warped: String) throws -> String {
        let input = builder.node("Concat", [frame, warped], [.axis(1)])
        var features = try convolution(blueprint.firstLayer(branch), .map(input))
        for index in blueprint[branch].indices where !blueprint[branch][index].isDropped {
            features = try block(branch, index, features)
        }
        return try name(of: features)
    }

    /// The high-resolution frame.
    ///
    /// - Parameter states: One of each branch, in their order.
    mutating func upsampled(_ states: [String]) throws -> String {
        let joined =
            states.count == 1
            ? states[0] : builder.node("Concat", states, [.axis(1)])
        let features = try blueprint.upsamplerLayers.reduce(.map(joined)) {
            try convolution($1, $0)
        }
        let scale = Float(blueprint.scale)
        let base = builder.node(
            "Resize", [frame, "", builder.floats([1, 1, scale, scale])],
            Self.bilinear("half_pixel"), label: "enlarged")
        return builder.node("Add", [try name(of: features), base])
    }

    /// A layer: the convolution, its activation, its pixel-shuffle.
    mutating func convolution(
        _ layer: Layer, _ input: Features, weight: ModelTensor? = nil, bias: ModelTensor? = nil
    ) throws -> Features {
        guard layer.outputs > 0 else { return .nothing }
        let bias = try bias ?? model.bias(of: layer)
        guard case .map(let input) = input else { return .map(constant(layer, bias)) }
        let weight = try weight ?? model.weight(of: layer)
        let half = layer.kernelSize / 2
        var output = builder.node(
            "Conv",
            [
                input, try builder.weights(layer.weight.name, weight),
                try builder.weights(layer.bias.name, bias),
            ],
            [
                OnnxAttribute("kernel_shape", .integers([layer.kernelSize, layer.kernelSize])),
                OnnxAttribute("pads", .integers([half, half, half, half])),
            ], label: layer.name)
        switch layer.activation {
        case nil: break
        case .leakyReLU(0): output = builder.node("Relu", [output])
        case .leakyReLU(let slope):
            output = builder.node("LeakyRelu", [output], [OnnxAttribute("alpha", .float(slope))])
        }
        return .map(shuffled(output, by: layer.shuffle))
    }

    /// What a layer without inputs gives: its biases, after the activation, at every pixel.
    private mutating func constant(_ layer: Layer, _ bias: ModelTensor) -> String {
        let values = bias.values.map { value in
            switch layer.activation {
            case nil: value
            case .leakyReLU(let slope): value < 0 ? slope * value : value
            }
        }
        let resolution = layer.resolution
        let sides = builder.node(
            "Mul", [self.sides(of: frame), builder.integers([resolution, resolution])])
        let shape = builder.node(
            "Concat", [builder.integers([1, values.count]), sides],
            [.axis(0)])
        let map = builder.node(
            "Expand", [builder.floats(values, shape: [1, values.count, 1, 1]), shape],
            label: layer.name)
        return shuffled(map, by: layer.shuffle)
    }

    private mutating func shuffled(_ map: String, by factor: Int) -> String {
        guard factor > 1 else { return map }
        return builder.node(
            "DepthToSpace", [map],
            [OnnxAttribute("blocksize", .integer(factor)), OnnxAttribute("mode", .text("CRD"))])
    }

    /// Height and width of a map, as a graph's integers.
    mutating func sides(of map: String) -> String {
        builder.node(
            "Shape", [map],
            [OnnxAttribute("start", .integer(2)), OnnxAttribute("end", .integer(4))])
    }

    /// What PyTorch's bilinear `interpolate` is called here; `mode` says where corners are.
    static func bilinear(_ mode: String) -> [OnnxAttribute] {
        [
            OnnxAttribute("mode", .text("linear")),
            OnnxAttribute("coordinate_transformation_mode", .text(mode)),
        ]
    }

    private func name(of features: Features) throws -> String {
        guard case .map(let name) = features else {
            preconditionFailure("trunk and output always have channels")
        }
        return name
    }
}
