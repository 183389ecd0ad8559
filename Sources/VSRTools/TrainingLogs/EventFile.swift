import Foundation

/// A file of TensorBoard events that hold scalars.
///
/// Records are framed as TFRecord; events are Protocol Buffers messages (`Event`, `Summary`,
/// `Summary.Value` of TensorFlow's `event.proto` and `summary.proto`), of which scalars need five
/// fields.
struct EventFile {
    private(set) var data = Data()

    /// - Parameter wallTime: Seconds since 1970 when the file was begun.
    init(wallTime: Double) {
        var event = Self.double(1, wallTime)
        event += Self.bytes(3, Array("brain.Event:2".utf8))
        append(event)
    }

    /// Adds a scalar, stored as a float.
    ///
    /// - Parameters:
    ///   - tag: Its name; parts separated by slashes are grouped.
    ///   - step: The iteration that it belongs to.
    ///   - wallTime: Seconds since 1970.
    mutating func add(_ tag: String, _ value: Double, step: Int, wallTime: Double) {
        var scalar = Self.bytes(1, Array(tag.utf8))
        scalar += [UInt8(2 << 3 | 5)] + Self.littleEndian(Float(value).bitPattern)
        var event = Self.double(1, wallTime)
        event += Self.varint(2 << 3) + Self.varint(UInt64(max(step, 0)))
        event += Self.bytes(5, Self.bytes(1, scalar))
        append(event)
    }

    /// Length, its checksum, message, its checksum.
    private mutating func append(_ message: [UInt8]) {
        let length = Self.littleEndian(UInt64(message.count))
        data.append(contentsOf: length)
        data.append(contentsOf: Self.littleEndian(Self.maskedChecksum(length)))
        data.append(contentsOf: message)
        data.append(contentsOf: Self.littleEndian(Self.maskedChecksum(message)))
    }

    private static func double(_ field: UInt64, _ value: Double) -> [UInt8] {
        varint(field << 3 | 1) + littleEndian(value.bitPattern)
    }

    private static func bytes(_ field: UInt64, _ content: [UInt8]) -> [UInt8] {
        varint(field << 3 | 2) + varint(UInt64(content.count)) + content
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var rest = value
        var result: [UInt8] = []
        while rest >= 0x80 {
            result.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return result + [UInt8(rest)]
    }

    private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    /// CRC-32C, rotated and shifted as TFRecord does.
    static func maskedChecksum(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = ~0
        for byte in bytes { sum = table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ (sum >> 8) }
        sum = ~sum
        return ((sum >> 15) | (sum << 17)) &+ 0xA282_EAD8
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { sum, _ in
            sum & 1 == 1 ? (sum >> 1) ^ 0x82F6_3B78 : sum >> 1
        }
    }
}
