/// A graph of ONNX operators with what is said of it: what a `.onnx` file holds.
///
/// Source: onnx.proto of ONNX 1.12 (IR version 8), whose message it is named after.
struct OnnxModel {
    /// Of ONNX 1.12, the first with this version of the operators.
    static let irVersion = 8
    /// The newest that ONNX Runtime since 1.12 and OpenVINO since 2022 read.
    static let operatorSetVersion = 17

    var producerVersion: String
    var graph: OnnxGraph
    /// Free text by key, written in the order of keys.
    var metadata: [String: String]

    var message: ProtobufMessage {
        var message = ProtobufMessage()
        message.append(1, Self.irVersion)
        message.append(2, "slimvsr")
        message.append(3, producerVersion)
        message.append(7, graph.message)
        var operators = ProtobufMessage()
        operators.append(1, "")
        operators.append(2, Self.operatorSetVersion)
        message.append(8, operators)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            var entry = ProtobufMessage()
            entry.append(1, key)
            entry.append(2, value)
            message.append(14, entry)
        }
        return message
    }
}

/// Nodes in an order in which each reads only what is there, and the constants that they read.
struct OnnxGraph {
    var name: String
    var documentation: String
    var nodes: [OnnxNode] = []
    var constants: [OnnxTensor] = []
    var inputs: [OnnxValue] = []
    var outputs: [OnnxValue] = []

    var message: ProtobufMessage {
        var message = ProtobufMessage()
        for node in nodes { message.append(1, node.message) }
        message.append(2, name)
        for constant in constants { message.append(5, constant.message) }
        message.append(10, documentation)
        for input in inputs { message.append(11, input.message) }
        for output in outputs { message.append(12, output.message) }
        return message
    }
}

/// An operator with its attributes; its one output has the node's name.
struct OnnxNode {
    var name: String
    var operation: String
    /// Names of inputs, graph inputs, constants or nodes; empty for one that is left out.
    var inputs: [String]
    var attributes: [OnnxAttribute]

    var message: ProtobufMessage {
        var message = ProtobufMessage()
        for input in inputs { message.append(1, input) }
        message.append(2, name)
        message.append(3, name)
        message.append(4, operation)
        for attribute in attributes { message.append(5, attribute.message) }
        return message
    }
}

/// What a node is set to.
struct OnnxAttribute {
    enum Value {
        case float(Float)
        case integer(Int)
        case text(String)
        case integers([Int])
    }

    var name: String
    var value: Value

    init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }

    /// What makes a cast one to floats.
    static let toFloat = OnnxAttribute("to", .integer(OnnxTensor.ElementType.float32.rawValue))

    /// The axis that a node works along.
    static func axis(_ axis: Int) -> OnnxAttribute { OnnxAttribute("axis", .integer(axis)) }

    var message: ProtobufMessage {
        var message = ProtobufMessage()
        message.append(1, name)
        let type: Int
        switch value {
        case .float(let float):
            message.append(2, float)
            type = 1
        case .integer(let integer):
            message.append(3, integer)
            type = 2
        case .text(let text):
            message.append(4, text)
            type = 3
        case .integers(let integers):
            for integer in integers { message.append(8, integer) }
            type = 7
        }
        message.append(20, type)
        return message
    }
}

/// A constant of a graph.
struct OnnxTensor: Hashable {
    /// Types of elements, by the numbers that files have for them.
    enum ElementType: Int {
        case float32 = 1
        case int64 = 7
        case float16 = 10
    }

    var name: String
    var type: ElementType
    var shape: [Int]
    /// The elements, little-endian, row-major.
    var bytes: [UInt8]

    var message: ProtobufMessage {
        var message = ProtobufMessage()
        for side in shape { message.append(1, side) }
        message.append(2, type.rawValue)
        message.append(8, name)
        message.append(9, bytes)
        return message
    }
}

/// An input or output of a graph: floats of a shape.
struct OnnxValue: Equatable {
    /// A side of a shape.
    enum Side: Equatable {
        case fixed(Int)
        /// One that is known when the graph runs; sides of one name are equal.
        case named(String)
    }

    var name: String
    var shape: [Side]

    var message: ProtobufMessage {
        var sides = ProtobufMessage()
        for side in shape {
            var dimension = ProtobufMessage()
            switch side {
            case .fixed(let length): dimension.append(1, length)
            case .named(let name): dimension.append(2, name)
            }
            sides.append(1, dimension)
        }
        var tensor = ProtobufMessage()
        tensor.append(1, OnnxTensor.ElementType.float32.rawValue)
        tensor.append(2, sides)
        var type = ProtobufMessage()
        type.append(1, tensor)
        var message = ProtobufMessage()
        message.append(1, name)
        message.append(2, type)
        return message
    }
}
