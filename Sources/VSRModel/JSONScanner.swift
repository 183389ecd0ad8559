/// A value of a JSON document, objects in the order of their keys.
enum JSONValue: Equatable {
    indirect case object([Member])
    indirect case array([JSONValue])
    case string(String)
    case integer(Int)
    /// A number that is not an `Int`, true, false or null.
    case other

    struct Member: Equatable {
        var key: String
        var value: JSONValue
    }
}

/// A strict JSON reader for file headers: unlike Foundation's it refuses duplicate keys, bounds
/// nesting, and says where it stopped.
struct JSONScanner {
    /// Why and where a document was refused.
    struct Failure: Error {
        var reason: String
        var offset: Int
    }

    private static let greatestDepth = 16

    private let bytes: [UInt8]
    private var offset = 0

    /// The one value that `bytes` hold; white space may surround it.
    ///
    /// - Throws: ``Failure``
    static func parse(_ bytes: [UInt8]) throws -> JSONValue {
        var scanner = JSONScanner(bytes: bytes)
        let value = try scanner.value(depth: 0)
        scanner.skipSpace()
        guard scanner.offset == bytes.count else {
            throw scanner.failure("there is something after the end")
        }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func failure(_ reason: String) -> Failure { Failure(reason: reason, offset: offset) }

    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { offset += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
        guard take(character) else { throw failure("'\(character)' is missing") }
    }

    private mutating func value(depth: Int) throws -> JSONValue {
        guard depth < Self.greatestDepth else { throw failure("it is nested too deeply") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        default: return try word()
        }
    }

    private mutating func object(depth: Int) throws -> JSONValue {
        try expect("{")
        var members: [JSONValue.Member] = []
        var keys: Set<String> = []
        if take("}") { return .object([]) }
        repeat {
            skipSpace()
            let key = try string()
            guard keys.insert(key).inserted else { throw failure("the key \(key) occurs twice") }
            try expect(":")
            members.append(.init(key: key, value: try value(depth: depth + 1)))
        } while take(",")
        try expect("}")
        return .object(members)
    }

    private mutating func array(depth: Int) throws -> JSONValue {
        try expect("[")
        var elements: [JSONValue] = []
        if take("]") { return .array([]) }
        repeat {
            elements.append(try value(depth: depth + 1))
        } while take(",")
        try expect("]")
        return .array(elements)
    }

    /// A number, true, false or null.
    private mutating func word() throws -> JSONValue {
        let start = offset
        while let byte = next, Self.wordBytes.contains(byte) { offset += 1 }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if ["true", "false", "null"].contains(text) { return .other }
        if let integer = Int(text), String(integer) == text { return .integer(integer) }
        guard text.first.map({ "-0123456789".contains($0) }) == true, Double(text) != nil else {
            throw Failure(reason: "a value is missing", offset: start)
        }
        return .other
    }

    private static let wordBytes = Set("+-.0123456789eEabcdefghijklmnopqrstuvwxyz".utf8)

    private mutating func string() throws -> String {
        guard next == UInt8(ascii: "\"") else { throw failure("a text is missing") }
        offset += 1
        var text: [UInt8] = []
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw failure("a control character is in a text") }
            if byte == UInt8(ascii: "\\") {
                text += Array(try escaped().utf8)
            } else {
                text.append(byte)
                offset += 1
            }
        }
        guard next != nil else { throw failure("a text has no end") }
        offset += 1
        guard let result = String(validating: text, as: UTF8.self) else {
            throw failure("a text is not UTF-8")
        }
        return result
    }

    private mutating func escaped() throws -> String {
        offset += 1
        guard let byte = next else { throw failure("a text has no end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return String(Unicode.Scalar(byte))
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw failure("an escape is unknown")
        }
    }

    private mutating func unicodeEscape() throws -> String {
        var units = [try hexadecimal()]
        if UTF16.isLeadSurrogate(units[0]), offset + 1 < bytes.count,
            bytes[offset] == UInt8(ascii: "\\"), bytes[offset + 1] == UInt8(ascii: "u")
        {
            offset += 2
            units.append(try hexadecimal())
        }
        guard let text = String(validating: units, as: UTF16.self) else {
            throw failure("an escape does not stand for a character")
        }
        return text
    }

    private mutating func hexadecimal() throws -> UInt16 {
        guard offset + 4 <= bytes.count else { throw failure("a text has no end") }
        let digits = bytes[offset..<offset + 4]
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw failure("an escape is unknown") }
        offset += 4
        return unit
    }
}
