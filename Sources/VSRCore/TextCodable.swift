/// A value that files hold as text: its `description`, also where it is the key of a dictionary.
public protocol TextCodable: LosslessStringConvertible, Codable, CodingKeyRepresentable {
    /// What it is, to follow "is not": `a group of units`.
    static var noun: String { get }
}

extension SingleValueDecodingContainer {
    /// Runs a reader whose errors say what is wrong with the value.
    ///
    /// - Throws: `dataCorrupted` with the message of a ``VSRError``; other errors as they are.
    public func explaining<Value>(_ read: () throws -> Value) throws -> Value {
        do {
            return try read()
        } catch let error as VSRError {
            throw DecodingError.dataCorruptedError(in: self, debugDescription: error.message)
        }
    }
}

private struct TextKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension TextCodable {
    public var codingKey: any CodingKey { TextKey(stringValue: description) }

    public init?<Found: CodingKey>(codingKey: Found) { self.init(codingKey.stringValue) }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\"\(text.prefix(40))\" is not \(Self.noun)")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
