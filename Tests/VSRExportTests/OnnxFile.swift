import Foundation
import VSRModel

/// An ONNX file as its bytes have it; field numbers are those of onnx.proto.
struct OnnxFile {
    struct Node {
        var operation: String
        var inputs: [String]
        var outputs: [String]
        var attributes: [String: ProtobufReader]

        func integer(_ name: String) -> Int? { attributes[name]?.integer(3) }
        func integers(_ name: String) -> [Int] { attributes[name]?.integers(8) ?? [] }
        func text(_ name: String) -> String? { attributes[name]?.text(4) }
        func float(_ name: String) -> Float? { attributes[name]?.float(2) }
    }

    /// A side is a number or a name.
    struct Port: Equatable {
        var name: String
        var shape: [String]
    }

    var irVersion: Int?
    var producer: String?
    var operatorSets: [Int]
    var metadata: [String: String]
    var nodes: [Node]
    var constants: [String: ArrayValue]
    /// Types of constants by onnx.proto's numbers.
    var types: [String: Int]
    var inputs: [Port]
    var outputs: [Port]

    init(path: String) throws {
        try self.init([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
    }

    init(_ bytes: [UInt8]) throws {
        let model = try ProtobufReader(bytes)
        irVersion = model.integer(1)
        producer = model.text(2)
        operatorSets = try model.messages(8).compactMap { $0.integer(2) }
        metadata = Dictionary(
            try model.messages(14).map { ($0.text(1) ?? "", $0.text(2) ?? "") },
            uniquingKeysWith: { "\($0), then \($1)" })
        let graph = try model.message(7)
        nodes = try graph.messages(1).map { node in
            let attributes = try node.messages(5).map { ($0.text(1) ?? "", $0) }
            return Node(
                operation: node.text(4) ?? "", inputs: node.texts(1), outputs: node.texts(2),
                attributes: Dictionary(attributes, uniquingKeysWith: { $1 }))
        }
        constants = [:]
        types = [:]
        for tensor in try graph.messages(5) {
            let name = tensor.text(8) ?? ""
            types[name] = tensor.integer(2)
            constants[name] = try Self.array(tensor)
        }
        inputs = try graph.messages(11).map(Self.port)
        outputs = try graph.messages(12).map(Self.port)
    }

    private static func port(_ value: ProtobufReader) throws -> Port {
        let shape = try value.message(2).message(1).message(2)
        return Port(
            name: value.text(1) ?? "",
            shape: try shape.messages(1).map { $0.integer(1).map(String.init) ?? $0.text(2) ?? "?" }
        )
    }

    private static func array(_ tensor: ProtobufReader) throws -> ArrayValue {
        guard let bytes = tensor.contents(9).last, let type = tensor.integer(2) else {
            throw ProtobufReader.Malformed()
        }
        let size = [1: 4, 7: 8, 10: 2][type] ?? 1
        let values = stride(from: 0, to: bytes.count, by: size).map { start -> Double in
            let bits = bytes[start..<start + size].reversed().reduce(UInt64(0)) {
                $0 << 8 | UInt64($1)
            }
            switch type {
            case 1: return Double(Float(bitPattern: UInt32(bits)))
            case 7: return Double(Int64(bitPattern: bits))
            default: return half(Int(bits))
            }
        }
        return try ArrayValue(shape: tensor.integers(1), values: values)
    }

    /// IEEE 754 binary16, finite.
    private static func half(_ bits: Int) -> Double {
        let exponent = bits >> 10 & 31
        let fraction = Double(bits & 1023) / 1024
        let sign: Double = bits >> 15 == 1 ? -1 : 1
        return exponent == 0
            ? sign * fraction * pow(2, -14) : sign * (1 + fraction) * pow(2, Double(exponent - 15))
    }
}
