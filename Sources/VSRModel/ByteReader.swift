import VSRCore

/// Reads little-endian fields one after another and never beyond the end.
struct ByteReader {
    let path: String
    private let content: [UInt8]
    private(set) var offset = 0

    /// - Parameter path: The file that `content` is from, for error messages.
    init(_ content: [UInt8], _ path: String) {
        self.content = content
        self.path = path
    }

    var remaining: Int { content.count - offset }
    var isAtEnd: Bool { remaining == 0 }

    /// - Throws: `corruptData` where fewer than `count` bytes are left.
    mutating func bytes(_ count: Int) throws -> [UInt8] {
        guard count >= 0, count <= remaining else {
            throw VSRError(
                .corruptData, "\(path) is truncated or damaged: a record lacks its last bytes")
        }
        defer { offset += count }
        return Array(content[offset..<offset + count])
    }

    mutating func skip(_ count: Int) throws { _ = try bytes(count) }

    mutating func byte() throws -> UInt8 {
        guard offset < content.count else {
            throw VSRError(.corruptData, "\(path) is truncated or damaged: a record has no end")
        }
        defer { offset += 1 }
        return content[offset]
    }

    /// An unsigned integer of up to 8 bytes.
    ///
    /// - Throws: `corruptData` also where it exceeds `Int`.
    mutating func integer(_ size: Int) throws -> Int {
        let value = try bytes(size).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let result = Int(exactly: value) else {
            throw VSRError(.corruptData, "\(path) is damaged: it claims a size of \(value)")
        }
        return result
    }

    /// The text up to the next line feed, which is consumed.
    mutating func line() throws -> String {
        guard let end = content[offset...].firstIndex(of: 0x0A) else {
            throw VSRError(.corruptData, "\(path) is truncated or damaged: a line has no end")
        }
        defer { offset = end + 1 }
        return String(decoding: content[offset..<end], as: UTF8.self)
    }

    mutating func expect(_ signature: [UInt8]) throws {
        guard try bytes(signature.count) == signature else {
            throw VSRError(
                .corruptData, "\(path) is damaged: a record of its ZIP structure is missing")
        }
    }
}
