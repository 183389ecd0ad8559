/// How the elements of a stored tensor are encoded, little-endian, by safetensors' names.
public enum ElementType: String, Sendable, Hashable, CaseIterable {
    case float16 = "F16"
    case bfloat16 = "BF16"
    case float32 = "F32"
    case float64 = "F64"
    case bool = "BOOL"
    case uint8 = "U8"
    case int8 = "I8"
    case uint16 = "U16"
    case int16 = "I16"
    case uint32 = "U32"
    case int32 = "I32"
    case uint64 = "U64"
    case int64 = "I64"

    /// Bytes per element.
    public var size: Int {
        switch self {
        case .bool, .uint8, .int8: 1
        case .float16, .bfloat16, .uint16, .int16: 2
        case .float32, .uint32, .int32: 4
        case .float64, .uint64, .int64: 8
        }
    }

    /// Whether tensors of the type can be weights.
    public var isFloatingPoint: Bool {
        switch self {
        case .float16, .bfloat16, .float32, .float64: true
        default: false
        }
    }

    /// Decodes the elements in `bytes` and hands them on in order; nothing for types that are no
    /// weights.
    func decode(_ bytes: UnsafeRawBufferPointer, into values: inout [Float]) {
        let count = bytes.count / size
        switch self {
        case .float32:
            for index in 0..<count {
                let bits = bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
                values.append(Float(bitPattern: UInt32(littleEndian: bits)))
            }
        case .bfloat16:
            for index in 0..<count {
                let bits = bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
                values.append(Float(bitPattern: UInt32(UInt16(littleEndian: bits)) << 16))
            }
        case .float16:
            for index in 0..<count {
                let bits = bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
                values.append(HalfPrecision.float(from: UInt16(littleEndian: bits)))
            }
        case .float64:
            for index in 0..<count {
                let bits = bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
                values.append(Float(Double(bitPattern: UInt64(littleEndian: bits))))
            }
        default: break
        }
    }
}
