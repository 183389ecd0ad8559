/// A Python pickle of protocol 2 in the making: dictionaries of texts and tensors.
///
/// Source: CPython's `pickletools`; PyTorch's `torch/serialization.py` and `torch/_utils.py`.
struct PickleWriter {
    /// A value of a checkpoint.
    indirect enum Value {
        case text(String)
        case tensor(Tensor)
        /// In this order.
        case dictionary([(key: String, value: Value)])
    }

    /// A whole storage, row-major.
    struct Tensor {
        /// The name of its bytes among the checkpoint's members.
        var storage: String
        /// PyTorch's class: `FloatStorage`.
        var type: String
        var shape: [Int]

        var count: Int { shape.reduce(1, *) }

        var strides: [Int] {
            shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
        }
    }

    private var bytes: [UInt8] = []

    /// The pickle of a value.
    static func pickle(_ value: Value) -> [UInt8] {
        var writer = PickleWriter()
        writer.bytes = [0x80, 2]
        writer.append(value)
        writer.append(".")
        return writer.bytes
    }

    private mutating func append(_ value: Value) {
        switch value {
        case .text(let text): append(text: text)
        case .tensor(let tensor): append(tensor)
        case .dictionary(let pairs):
            append("}")
            append("(")
            for (key, value) in pairs {
                append(text: key)
                append(value)
            }
            append("u")
        }
    }

    /// A call of `_rebuild_tensor_v2`, which PyTorch permits without trust in the file.
    private mutating func append(_ tensor: Tensor) {
        append(global: "torch._utils", "_rebuild_tensor_v2")
        append("(")
        append("(")
        append(text: "storage")
        append(global: "torch", tensor.type)
        append(text: tensor.storage)
        append(text: "cpu")
        append(integer: tensor.count)
        append("t")
        append("Q")
        append(integer: 0)
        append(tuple: tensor.shape)
        append(tuple: tensor.strides)
        // Needs no gradient, and has no hooks.
        bytes.append(0x89)
        append(global: "collections", "OrderedDict")
        append(")")
        append("R")
        append("t")
        append("R")
    }

    private mutating func append(tuple integers: [Int]) {
        append("(")
        for integer in integers { append(integer: integer) }
        append("t")
    }

    private mutating func append(integer: Int) {
        if let value = Int32(exactly: integer) {
            append("J")
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        } else {
            bytes.append(contentsOf: [0x8A, 8])
            withUnsafeBytes(of: Int64(integer).littleEndian) { bytes.append(contentsOf: $0) }
        }
    }

    private mutating func append(text: String) {
        let content = Array(text.utf8)
        append("X")
        withUnsafeBytes(of: UInt32(content.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: content)
    }

    private mutating func append(global module: String, _ name: String) {
        append("c")
        bytes.append(contentsOf: Array("\(module)\n\(name)\n".utf8))
    }

    private mutating func append(_ instruction: Character) {
        bytes.append(contentsOf: Array(String(instruction).utf8))
    }
}
