import VSRCore

/// An amount of memory as people write it: `8G`, `512M`, `1.5G`, or a number of bytes.
///
/// K, M, G and T are 2¹⁰, 2²⁰, 2³⁰ and 2⁴⁰ bytes.
public struct MemorySize: Sendable, Hashable, CustomStringConvertible {
    public var bytes: Int

    private static let units = [("T", 40), ("G", 30), ("M", 20), ("K", 10)]

    public init(bytes: Int) { self.bytes = bytes }

    /// - Throws: `invalidArgument` quoting a text that is no such amount.
    public init(parsing text: String) throws {
        let upper = text.uppercased()
        let unit = Self.units.first { upper.hasSuffix($0.0) }
        let number = Double(unit == nil ? upper : String(upper.dropLast()))
        guard let number, number >= 0, number * Double(1 << (unit?.1 ?? 0)) < 0x1p62 else {
            throw VSRError(
                .invalidArgument,
                "\(text) is not an amount of memory: write one such as 8G, 512M or a number of bytes"
            )
        }
        bytes = Int(number * Double(1 << (unit?.1 ?? 0)))
    }

    /// The largest unit in which it is a whole number, `8G`; above 2²⁰ bytes otherwise rounded to
    /// a tenth of the largest unit below it, `1.5G`.
    public var description: String {
        for (name, shift) in Self.units where bytes >= 1 << shift {
            if bytes.isMultiple(of: 1 << shift) { return "\(bytes >> shift)\(name)" }
            if shift > 10 {
                let tenths = (Double(bytes) / Double(1 << shift) * 10).rounded() / 10
                return "\(tenths)\(name)"
            }
        }
        return "\(bytes)"
    }
}

extension MemorySize: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let bytes = try? container.decode(Int.self), bytes >= 0 {
            self.init(bytes: bytes)
            return
        }
        self = try container.explaining {
            try MemorySize(parsing: try container.decode(String.self))
        }
    }

    /// Exact: as text in a whole unit, else the number of bytes.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        let text = description
        if let read = try? MemorySize(parsing: text), read == self {
            try container.encode(text)
        } else {
            try container.encode(bytes)
        }
    }
}
