import VSRModel

/// A graph in the making: gives names to nodes and constants, and keeps equal constants once.
///
/// Each function that adds a node returns the name of its output.
struct OnnxGraphBuilder {
    private(set) var graph: OnnxGraph
    /// How weights are stored; the graph computes with 32 bits either way.
    let storage: WeightStorage
    private var uses: [String: Int] = [:]
    private var shared: [OnnxTensor: String] = [:]

    init(name: String, documentation: String, storage: WeightStorage) {
        graph = OnnxGraph(name: name, documentation: documentation)
        self.storage = storage
    }

    mutating func input(_ name: String, _ shape: [OnnxValue.Side]) -> String {
        graph.inputs.append(OnnxValue(name: name, shape: shape))
        return name
    }

    /// Makes what a node gives an output of the graph, by another name.
    mutating func output(_ name: String, _ shape: [OnnxValue.Side], from node: String) {
        graph.outputs.append(OnnxValue(name: name, shape: shape))
        for index in graph.nodes.indices {
            if graph.nodes[index].name == node { graph.nodes[index].name = name }
            graph.nodes[index].inputs = graph.nodes[index].inputs.map { $0 == node ? name : $0 }
        }
    }

    /// - Parameter label: What the node's name begins with; the operation by default.
    mutating func node(
        _ operation: String, _ inputs: [String], _ attributes: [OnnxAttribute] = [],
        label: String? = nil
    ) -> String {
        let name = unique(label ?? operation)
        graph.nodes.append(
            OnnxNode(name: name, operation: operation, inputs: inputs, attributes: attributes))
        return name
    }

    /// A tensor of 64-bit integers.
    mutating func integers(_ values: [Int], shape: [Int]? = nil) -> String {
        let bytes = values.flatMap { value in
            withUnsafeBytes(of: Int64(value).littleEndian) { Array($0) }
        }
        return constant(.int64, shape ?? [values.count], bytes, label: "sizes")
    }

    /// A tensor of floats that are no weights.
    mutating func floats(_ values: [Float], shape: [Int]? = nil) -> String {
        constant(
            .float32, shape ?? [values.count],
            values.map { $0.bitPattern.littleEndian }.withUnsafeBytes { Array($0) },
            label: "values")
    }

    /// Weights by the name of their tensor.
    ///
    /// - Throws: `invalidArgument` for a value that half precision cannot hold.
    mutating func weights(_ name: String, _ tensor: ModelTensor) throws -> String {
        let type: OnnxTensor.ElementType = storage == .float16 ? .float16 : .float32
        graph.constants.append(
            OnnxTensor(
                name: name, type: type, shape: tensor.shape,
                bytes: try tensor.bytes(as: storage, name: name)))
        return type == .float32 ? name : node("Cast", [name], [.toFloat], label: "\(name).float")
    }

    private mutating func constant(
        _ type: OnnxTensor.ElementType, _ shape: [Int], _ bytes: [UInt8], label: String
    ) -> String {
        var tensor = OnnxTensor(name: "", type: type, shape: shape, bytes: bytes)
        if let name = shared[tensor] { return name }
        let name = unique(label)
        shared[tensor] = name
        tensor.name = name
        graph.constants.append(tensor)
        return name
    }

    private mutating func unique(_ label: String) -> String {
        let count = uses[label, default: 0]
        uses[label] = count + 1
        return count == 0 ? label : "\(label).\(count)"
    }
}
