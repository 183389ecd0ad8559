/// A key whose name is known only when it is met.
private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int?
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// - Throws: `DecodingError.dataCorrupted` naming a key that `Keys` does not have.
    func refuseUnknownKeys<Keys: CodingKey & CaseIterable>(_: Keys.Type) throws {
        let known = Set(Keys.allCases.map(\.stringValue))
        let container = try container(keyedBy: AnyKey.self)
        let unknown = container.allKeys.map(\.stringValue).filter { !known.contains($0) }.min()
        guard let unknown else { return }
        throw DecodingError.dataCorruptedError(
            forKey: AnyKey(stringValue: unknown), in: container,
            debugDescription: "it is unknown; known are \(known.sorted().joined(separator: ", "))")
    }
}

extension KeyedDecodingContainer {
    /// Foundation reports numbers that are no `Int` (2.5, 1e30) as invalid JSON without saying
    /// where; this names the key.
    func decodeInteger(forKey key: Key) throws -> Int {
        do {
            return try decode(Int.self, forKey: key)
        } catch  where !(error is DecodingError) || error.isDataCorrupted {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self, debugDescription: "its value is no integer of 64 bits")
        }
    }
}

extension Error {
    fileprivate var isDataCorrupted: Bool {
        if case .dataCorrupted? = self as? DecodingError { return true }
        return false
    }
}

extension DecodingError {
    /// What is wrong with which key, to follow the name of the document.
    var keyAndReason: String {
        switch self {
        case .keyNotFound(let key, let context):
            "lacks the key \(Self.path(context.codingPath + [key]))"
        case .typeMismatch(let type, let context):
            "has a value at key \(Self.path(context.codingPath)) that is no \(Self.noun(type))"
        case .valueNotFound(let type, let context):
            "has null at key \(Self.path(context.codingPath)) where a \(Self.noun(type)) belongs"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? "is malformed: \(context.debugDescription)"
                : "is wrong at key \(Self.path(context.codingPath)): \(context.debugDescription)"
        @unknown default:
            "is malformed"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce("") { path, key in
            if let index = key.intValue { return "\(path)[\(index)]" }
            return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
        }
    }

    private static func noun(_ type: Any.Type) -> String {
        if type == Int.self { return "integer" }
        if type == String.self { return "text" }
        if type == Float.self { return "number" }
        return type is any Collection.Type && !(type is String.Type) ? "list" : "object"
    }
}
