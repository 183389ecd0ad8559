import VSRCore
import VSRModel

extension NetworkGraph {
    /// Mean and standard deviation per channel of the pictures that SPyNet was trained on.
    private static let mean: [Float] = [0.485, 0.456, 0.406]
    private static let deviation: [Float] = [0.229, 0.224, 0.225]

    /// What a warp reads beyond the edge of the picture, by ONNX's names.
    enum Padding: String {
        case zeros, border
    }

    /// Optical flow `[1, 2, height, width]` in pixels: where in `supporting` each pixel of the frame
    /// is found.
    ///
    /// Source: SPyNet, Ranjan & Black, CVPR 2017; sizes and resampling as in BasicSR.
    mutating func flow(to supporting: String) throws -> String {
        let size = sides(of: frame)
        let padded = paddedSides(size)
        let references = pyramid(frame, sides: padded)
        let supportings = pyramid(supporting, sides: padded)
        var flow: String?
        for level in 0..<blueprint.flow.levels {
            if let coarser = flow {
                flow = try refined(
                    coarser, level, reference: references[level], supporting: supportings[level])
            } else {
                flow = try coarsest(reference: references[level], supporting: supportings[level])
            }
        }
        guard let flow else { preconditionFailure("flow networks have levels") }
        return rescaled(flow, to: size)
    }

    /// A map sampled where the flow points to.
    mutating func warped(_ map: String, by flow: String, _ padding: Padding) -> String {
        builder.node(
            "GridSample", [map, grid(flow)],
            [
                OnnxAttribute("mode", .text("bilinear")),
                OnnxAttribute("padding_mode", .text(padding.rawValue)),
                OnnxAttribute("align_corners", .integer(1)),
            ])
    }

    /// Sides rounded up to multiples of 32.
    private mutating func paddedSides(_ sides: String) -> String {
        let multiple = Blueprint.FlowNetwork.sizeMultiple
        let raised = builder.node("Add", [sides, builder.integers([multiple - 1])])
        let count = builder.node("Div", [raised, builder.integers([multiple])])
        return builder.node("Mul", [count, builder.integers([multiple])])
    }

    /// The normalized picture at the size of each level, the coarsest first.
    private mutating func pyramid(_ picture: String, sides: String) -> [String] {
        let resized = resized(picture, channels: Frame.channels, to: sides)
        let shape = [1, Frame.channels, 1, 1]
        let centered = builder.node("Sub", [resized, builder.floats(Self.mean, shape: shape)])
        var pyramid = [
            builder.node("Div", [centered, builder.floats(Self.deviation, shape: shape)])
        ]
        let halvings = blueprint.flow.levels - 1 + blueprint.flow.reduction.trailingZeroBitCount
        for _ in 0..<halvings {
            pyramid.append(
                builder.node(
                    "AveragePool", [pyramid[pyramid.count - 1]],
                    [
                        OnnxAttribute("kernel_shape", .integers([2, 2])),
                        OnnxAttribute("strides", .integers([2, 2])),
                    ]))
        }
        return pyramid.reversed()
    }

    private mutating func resized(_ map: String, channels: Int, to sides: String) -> String {
        let sizes = builder.node(
            "Concat", [builder.integers([1, channels]), sides],
            [.axis(0)])
        return builder.node("Resize", [map, "", "", sizes], Self.bilinear("half_pixel"))
    }

    /// The flow of the first level, which starts from none: the weights that would read it are left
    /// out, and nothing is warped.
    private mutating func coarsest(reference: String, supporting: String) throws -> String {
        let layer = blueprint.flowLayers(level: 0)[0]
        let weight = try model.weight(of: layer)
        let pictures = 2 * Frame.channels
        let area = layer.kernelSize * layer.kernelSize
        let values = (0..<layer.outputs).flatMap { filter in
            weight.values[filter * layer.inputs * area..<(filter * layer.inputs + pictures) * area]
        }
        let narrow = ModelTensor(
            shape: [layer.outputs, pictures, layer.kernelSize, layer.kernelSize], values: values)
        return try module(0, [reference, supporting], first: narrow)
    }

    /// The flow of the next finer level: twice the displacements, and what the module adds.
    private mutating func refined(
        _ coarser: String, _ level: Int, reference: String, supporting: String
    ) throws -> String {
        let resized = builder.node(
            "Resize", [coarser, "", builder.floats([1, 1, 2, 2])], Self.bilinear("align_corners"))
        let flow = builder.node("Mul", [resized, builder.floats([2])])
        let warped = warped(supporting, by: flow, .border)
        return builder.node("Add", [flow, try module(level, [reference, warped, flow])])
    }

    private mutating func module(
        _ level: Int, _ inputs: [String], first weight: ModelTensor? = nil
    ) throws -> String {
        let input = builder.node("Concat", inputs, [.axis(1)])
        var features = Features.map(input)
        for (index, layer) in blueprint.flowLayers(level: level).enumerated() {
            features = try convolution(layer, features, weight: index == 0 ? weight : nil)
        }
        guard case .map(let flow) = features else {
            preconditionFailure("layers of flow networks have outputs")
        }
        return flow
    }

    /// The flow at the picture's own size, its displacements scaled along.
    private mutating func rescaled(_ flow: String, to sides: String) -> String {
        let own = cast(self.sides(of: flow))
        let ratio = builder.node("Div", [cast(sides), own])
        let factors = builder.node(
            "Reshape", [flipped(ratio), builder.integers([1, 2, 1, 1])])
        return builder.node("Mul", [resized(flow, channels: 2, to: sides), factors])
    }

    /// Where a warp along the flow reads, `[1, height, width, 2]`: columns and rows from −1 to 1.
    ///
    /// On an axis of one pixel the flow has no effect.
    private mutating func grid(_ flow: String) -> String {
        if let grid = grids[flow] { return grid }
        let sides = sides(of: flow)
        let displacements = builder.node(
            "Transpose", [flow], [OnnxAttribute("perm", .integers([0, 2, 3, 1]))])
        let moved = builder.node("Add", [displacements, positions(sides)])
        // 2 / (length - 1), where ONNX counts corners as -1 and 1.
        let lengths = builder.node(
            "Max",
            [
                builder.node("Sub", [cast(sides), builder.floats([1])]),
                builder.floats([1]),
            ])
        let steps = builder.node("Div", [builder.floats([2]), flipped(lengths)])
        let scaled = builder.node("Mul", [moved, steps])
        let grid = builder.node("Sub", [scaled, builder.floats([1])], label: "grid")
        grids[flow] = grid
        return grid
    }

    /// Each pixel's column and row, `[1, height, width, 2]`.
    private mutating func positions(_ sides: String) -> String {
        let shape = builder.node(
            "Concat", [builder.integers([1]), sides, builder.integers([1])],
            [.axis(0)])
        let axes = [(index: 1, shape: [1, 1, -1, 1]), (index: 0, shape: [1, -1, 1, 1])]
        let planes = axes.map { axis in
            let index = builder.integers([axis.index], shape: [])
            let length = builder.node("Gather", [sides, index])
            let zero = builder.integers([0], shape: [])
            let one = builder.integers([1], shape: [])
            let numbers = builder.node("Range", [zero, length, one])
            let line = builder.node("Reshape", [cast(numbers), builder.integers(axis.shape)])
            return builder.node("Expand", [line, shape])
        }
        return builder.node("Concat", planes, [.axis(3)])
    }

    private mutating func cast(_ integers: String) -> String {
        builder.node("Cast", [integers], [.toFloat])
    }

    /// Width and height of height and width.
    private mutating func flipped(_ sides: String) -> String {
        builder.node("Gather", [sides, builder.integers([1, 0])])
    }
}
