/// A hash of 64 bits over words and texts; it tells accidents apart, not forgeries.
///
/// Source: FNV-1a of Fowler, Noll, Vo, RFC 9923, with words for bytes.
public struct WordHash: Sendable {
    public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    public init() {}

    public mutating func add(_ word: UInt64) {
        value = (value ^ word) &* 0x0000_0100_0000_01b3
        // A product's low bits depend on the factors' low bits only: bring the high ones down.
        value ^= value >> 32
    }

    /// Adds a text and its length, so that neighboring texts are told apart.
    public mutating func add(_ text: String) {
        for byte in text.utf8 { add(UInt64(byte)) }
        add(UInt64(text.utf8.count))
    }

    /// Sixteen hexadecimal digits.
    public var digits: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
