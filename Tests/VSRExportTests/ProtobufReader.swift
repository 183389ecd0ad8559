import Foundation

/// The fields of a Protocol Buffers message, read off its bytes alone.
struct ProtobufReader {
    enum Value: Equatable {
        case integer(Int)
        case fixed32(UInt32)
        case bytes([UInt8])
    }

    struct Malformed: Error {}

    private(set) var fields: [(number: Int, value: Value)] = []

    init(_ bytes: [UInt8]) throws {
        var position = 0
        func byte() throws -> UInt8 {
            guard position < bytes.count else { throw Malformed() }
            defer { position += 1 }
            return bytes[position]
        }
        func varint() throws -> UInt64 {
            var result: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 70, by: 7) {
                let next = try byte()
                result |= UInt64(next & 0x7F) << shift
                if next < 0x80 { return result }
            }
            throw Malformed()
        }
        func take(_ count: Int) throws -> [UInt8] {
            guard count >= 0, count <= bytes.count - position else { throw Malformed() }
            defer { position += count }
            return Array(bytes[position..<position + count])
        }
        while position < bytes.count {
            let tag = try varint()
            let number = Int(tag >> 3)
            switch tag & 7 {
            case 0: fields.append((number, .integer(Int(truncatingIfNeeded: try varint()))))
            case 2: fields.append((number, .bytes(try take(Int(try varint())))))
            case 5:
                let value = try take(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                fields.append((number, .fixed32(value)))
            default: throw Malformed()
            }
        }
    }

    func integers(_ number: Int) -> [Int] {
        fields.compactMap { field in
            guard field.number == number, case .integer(let value) = field.value else { return nil }
            return value
        }
    }

    func integer(_ number: Int) -> Int? { integers(number).last }

    func float(_ number: Int) -> Float? {
        for field in fields where field.number == number {
            if case .fixed32(let bits) = field.value { return Float(bitPattern: bits) }
        }
        return nil
    }

    func contents(_ number: Int) -> [[UInt8]] {
        fields.compactMap { field in
            guard field.number == number, case .bytes(let bytes) = field.value else { return nil }
            return bytes
        }
    }

    func texts(_ number: Int) -> [String] {
        contents(number).map { String(decoding: $0, as: UTF8.self) }
    }

    func text(_ number: Int) -> String? { texts(number).last }

    func messages(_ number: Int) throws -> [ProtobufReader] {
        try contents(number).map(ProtobufReader.init)
    }

    func message(_ number: Int) throws -> ProtobufReader {
        guard let message = try messages(number).last else { throw Malformed() }
        return message
    }
}
