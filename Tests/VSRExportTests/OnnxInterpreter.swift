import Foundation

/// Computes a graph in double precision, operator by operator, from the descriptions of opset 17.
///
/// Every shape is checked on the way: an operator whose inputs do not fit throws.
struct OnnxInterpreter {
    let file: OnnxFile

    struct Failure: Error { var text: String }

    /// The graph's outputs by name.
    func run(_ inputs: [String: ArrayValue]) throws -> [String: ArrayValue] {
        var known = file.constants.merging(inputs) { $1 }
        for port in file.inputs where inputs[port.name] == nil {
            throw Failure(text: "no input \(port.name)")
        }
        for node in file.nodes {
            let values = try node.inputs.map { name -> ArrayValue? in
                guard !name.isEmpty else { return nil }
                guard let value = known[name] else {
                    throw Failure(text: "\(node.outputs) reads \(name), which is not there")
                }
                return value
            }
            guard let output = node.outputs.first, known[output] == nil else {
                throw Failure(text: "\(node.outputs) is there already")
            }
            do {
                known[output] = try compute(node, values)
            } catch { throw Failure(text: "\(output): \(error)") }
        }
        var result: [String: ArrayValue] = [:]
        for port in file.outputs { result[port.name] = known[port.name] }
        return result
    }

    private func compute(_ node: OnnxFile.Node, _ inputs: [ArrayValue?]) throws -> ArrayValue {
        func input(_ index: Int) throws -> ArrayValue {
            guard index < inputs.count, let value = inputs[index] else {
                throw Failure(text: "no input \(index)")
            }
            return value
        }
        func combined(_ operation: (Double, Double) -> Double) throws -> ArrayValue {
            let shape = ArrayValue.broadcastShape(try input(0).shape, try input(1).shape)
            let (one, other) = (
                try input(0).broadcast(to: shape), try input(1).broadcast(to: shape)
            )
            return try ArrayValue(
                shape: shape, values: zip(one.values, other.values).map(operation))
        }
        func mapped(_ operation: (Double) -> Double) throws -> ArrayValue {
            try ArrayValue(shape: try input(0).shape, values: try input(0).values.map(operation))
        }
        switch node.operation {
        case "Identity", "Cast": return try input(0)
        case "Add": return try combined(+)
        case "Sub": return try combined(-)
        case "Mul": return try combined(*)
        case "Div":
            // Of integers, which are all positive here, the whole part.
            let isInteger = node.inputs.allSatisfy { isIntegral($0) }
            return try combined { isInteger ? ($0 / $1).rounded(.down) : $0 / $1 }
        case "Max": return try combined(max)
        case "Relu": return try mapped { max(0, $0) }
        case "LeakyRelu":
            let slope = Double(node.float("alpha") ?? 0.01)
            return try mapped { $0 < 0 ? slope * $0 : $0 }
        case "Shape":
            let shape = try input(0).shape
            let part = shape[(node.integer("start") ?? 0)..<(node.integer("end") ?? shape.count)]
            return try ArrayValue(shape: [part.count], values: part.map(Double.init))
        case "Concat": return try concatenated(try inputs.indices.map(input), node)
        case "Gather": return try gathered(try input(0), try input(1), node)
        case "Reshape": return try reshaped(try input(0), try input(1))
        case "Expand":
            let wanted = try input(1).values.map { Int($0) }
            return try input(0).broadcast(
                to: ArrayValue.broadcastShape(try input(0).shape, wanted))
        case "Range":
            let bounds = try (0..<3).map { try input($0).values[0] }
            let numbers = Array(stride(from: bounds[0], to: bounds[1], by: bounds[2]))
            return try ArrayValue(shape: [numbers.count], values: numbers)
        case "Transpose": return transposed(try input(0), node.integers("perm"))
        case "Conv": return try convolved(try input(0), try input(1), try input(2), node)
        case "AveragePool": return try pooled(try input(0), node)
        case "DepthToSpace": return try shuffled(try input(0), node)
        case "Resize": return try resized(try input(0), inputs, node)
        case "GridSample": return try sampled(try input(0), try input(1), node)
        default: throw Failure(text: "unknown operator \(node.operation)")
        }
    }

    /// Whether a value is of integers: followed back through the operators that keep the type.
    private func isIntegral(_ name: String) -> Bool {
        if let type = file.types[name] { return type == 7 }
        guard let node = file.nodes.first(where: { $0.outputs == [name] }) else { return false }
        switch node.operation {
        case "Shape", "Range": return true
        case "Cast": return node.integer("to") == 7
        case "Add", "Sub", "Mul", "Div", "Concat", "Gather", "Reshape", "Expand":
            return isIntegral(node.inputs[0])
        default: return false
        }
    }

    private func concatenated(_ parts: [ArrayValue], _ node: OnnxFile.Node) throws -> ArrayValue {
        let axis = node.integer("axis") ?? 0
        var shape = parts[0].shape
        shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
        for part in parts {
            var own = part.shape
            own[axis] = shape[axis]
            guard own == shape else { throw Failure(text: "\(part.shape) beside \(shape)") }
        }
        return ArrayValue(shape) { place in
            var place = place
            for part in parts {
                if place[axis] < part.shape[axis] { return part[place] }
                place[axis] -= part.shape[axis]
            }
            return .nan
        }
    }

    private func gathered(
        _ data: ArrayValue, _ indices: ArrayValue, _ node: OnnxFile.Node
    ) throws -> ArrayValue {
        let axis = node.integer("axis") ?? 0
        guard indices.values.allSatisfy({ (0..<data.shape[axis]).contains(Int($0)) }) else {
            throw Failure(text: "index beyond \(data.shape)")
        }
        let rank = indices.shape.count
        let shape = Array(data.shape[..<axis]) + indices.shape + Array(data.shape[(axis + 1)...])
        return ArrayValue(shape) { place in
            let index = Int(indices[Array(place[axis..<axis + rank])])
            return data[Array(place[..<axis]) + [index] + Array(place[(axis + rank)...])]
        }
    }

    private func reshaped(_ data: ArrayValue, _ shape: ArrayValue) throws -> ArrayValue {
        var sides = shape.values.map { Int($0) }
        if let free = sides.firstIndex(of: -1) {
            let others = sides.filter { $0 != -1 }.reduce(1, *)
            sides[free] = data.values.count / others
        }
        return try ArrayValue(shape: sides, values: data.values)
    }

    private func transposed(_ data: ArrayValue, _ axes: [Int]) -> ArrayValue {
        ArrayValue(axes.map { data.shape[$0] }) { place in
            var source = place
            for (target, axis) in axes.enumerated() { source[axis] = place[target] }
            return data[source]
        }
    }

    private func convolved(
        _ data: ArrayValue, _ weight: ArrayValue, _ bias: ArrayValue, _ node: OnnxFile.Node
    ) throws -> ArrayValue {
        let side = weight.shape[3]
        let pads = node.integers("pads")
        guard weight.shape[1] == data.shape[1], bias.shape == [weight.shape[0]],
            node.integers("kernel_shape") == Array(weight.shape[2...]),
            pads == Array(repeating: side / 2, count: 4)
        else { throw Failure(text: "weights \(weight.shape) for \(data.shape)") }
        let (height, width) = (data.shape[2], data.shape[3])
        return ArrayValue([1, weight.shape[0], height, width]) { place in
            var sum = bias.values[place[1]]
            for input in 0..<data.shape[1] {
                for row in 0..<side {
                    for column in 0..<side {
                        let (y, x) = (place[2] + row - pads[0], place[3] + column - pads[1])
                        guard y >= 0, x >= 0, y < height, x < width else { continue }
                        sum +=
                            data.values[(input * height + y) * width + x]
                            * weight.values[
                                ((place[1] * data.shape[1] + input) * side + row) * side + column]
                    }
                }
            }
            return sum
        }
    }

    private func pooled(_ data: ArrayValue, _ node: OnnxFile.Node) throws -> ArrayValue {
        guard node.integers("kernel_shape") == [2, 2], node.integers("strides") == [2, 2] else {
            throw Failure(text: "other pooling")
        }
        return ArrayValue([1, data.shape[1], data.shape[2] / 2, data.shape[3] / 2]) { place in
            let corners = [0, 1].flatMap { row in
                [0, 1].map { data[[0, place[1], 2 * place[2] + row, 2 * place[3] + $0]] }
            }
            return corners.reduce(0, +) / 4
        }
    }

    /// Mode CRD: channels of one square's pixels stand together.
    private func shuffled(_ data: ArrayValue, _ node: OnnxFile.Node) throws -> ArrayValue {
        guard let factor = node.integer("blocksize"), node.text("mode") == "CRD",
            data.shape[1] % (factor * factor) == 0
        else { throw Failure(text: "other shuffling of \(data.shape)") }
        let shape = [
            1, data.shape[1] / (factor * factor), factor * data.shape[2], factor * data.shape[3],
        ]
        return ArrayValue(shape) { place in
            let square = place[2] % factor * factor + place[3] % factor
            return data[
                [0, place[1] * factor * factor + square, place[2] / factor, place[3] / factor]]
        }
    }

    private func resized(
        _ data: ArrayValue, _ inputs: [ArrayValue?], _ node: OnnxFile.Node
    ) throws -> ArrayValue {
        guard node.text("mode") == "linear", let mode = node.text("coordinate_transformation_mode")
        else { throw Failure(text: "other resizing") }
        let shape: [Int]
        if inputs.count > 3, let sizes = inputs[3] {
            shape = sizes.values.map { Int($0) }
        } else if inputs.count > 2, let scales = inputs[2] {
            shape = zip(data.shape, scales.values).map { Int((Double($0) * $1).rounded(.down)) }
        } else {
            throw Failure(text: "resizing to nothing")
        }
        guard shape.prefix(2) == data.shape.prefix(2) else {
            throw Failure(text: "\(data.shape) to \(shape)")
        }
        func source(_ index: Int, _ axis: Int) -> Double {
            let (old, new) = (Double(data.shape[axis]), Double(shape[axis]))
            let place =
                mode == "align_corners"
                ? (new > 1 ? Double(index) * (old - 1) / (new - 1) : 0)
                : (Double(index) + 0.5) * old / new - 0.5
            return min(max(place, 0), old - 1)
        }
        return ArrayValue(shape) { place in
            bilinear(data, place[1], source(place[2], 2), source(place[3], 3))
        }
    }

    private func sampled(
        _ data: ArrayValue, _ grid: ArrayValue, _ node: OnnxFile.Node
    ) throws -> ArrayValue {
        guard node.text("mode") == "bilinear", node.integer("align_corners") == 1,
            let padding = node.text("padding_mode"), grid.shape.count == 4, grid.shape[3] == 2
        else { throw Failure(text: "other sampling") }
        let shape = [1, data.shape[1], grid.shape[1], grid.shape[2]]
        return ArrayValue(shape) { place in
            func coordinate(_ component: Int, _ length: Int) -> Double {
                let value = grid[[0, place[2], place[3], component]]
                let position = (value + 1) / 2 * Double(length - 1)
                return padding == "border" ? min(max(position, 0), Double(length - 1)) : position
            }
            return bilinear(
                data, place[1], coordinate(1, data.shape[2]), coordinate(0, data.shape[3]))
        }
    }

    /// Between four pixels; those outside are 0.
    private func bilinear(
        _ data: ArrayValue, _ channel: Int, _ y: Double, _ x: Double
    ) -> Double {
        let (top, left) = (y.rounded(.down), x.rounded(.down))
        var sum = 0.0
        for row in [0.0, 1] {
            for column in [0.0, 1] {
                let (py, px) = (top + row, left + column)
                guard py >= 0, px >= 0, py < Double(data.shape[2]), px < Double(data.shape[3])
                else { continue }
                let weight = (1 - abs(y - py)) * (1 - abs(x - px))
                sum += weight * data[[0, channel, Int(py), Int(px)]]
            }
        }
        return sum
    }
}
