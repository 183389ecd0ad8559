/// A message of Protocol Buffers in the making: its fields so far, encoded.
///
/// Repeated fields are written once for each element, which every reader takes.
///
/// Source: protobuf.dev, "Encoding".
struct ProtobufMessage: Equatable {
    /// How a field's value is laid out, the lowest three bits of its tag.
    private enum WireType: UInt64 {
        case varint = 0
        case lengthDelimited = 2
        case fixed32 = 5
    }

    private(set) var bytes: [UInt8] = []

    /// An `int32`, `int64` or `enum`; negative values take ten bytes.
    mutating func append(_ field: UInt64, _ value: Int) {
        appendTag(field, .varint)
        appendVarint(UInt64(bitPattern: Int64(value)))
    }

    /// A `float`.
    mutating func append(_ field: UInt64, _ value: Float) {
        appendTag(field, .fixed32)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// A `string`.
    mutating func append(_ field: UInt64, _ text: String) { append(field, Array(text.utf8)) }

    /// Another message.
    mutating func append(_ field: UInt64, _ message: ProtobufMessage) {
        append(field, message.bytes)
    }

    /// `bytes`.
    mutating func append(_ field: UInt64, _ content: [UInt8]) {
        appendTag(field, .lengthDelimited)
        appendVarint(UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    private mutating func appendTag(_ field: UInt64, _ type: WireType) {
        appendVarint(field << 3 | type.rawValue)
    }

    /// Seven bits a byte, the lowest first; all but the last have the highest bit set.
    private mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
