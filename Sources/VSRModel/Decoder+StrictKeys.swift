/// A key whose name is known only when it is met.
private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int?
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// - Throws: `DecodingError.dataCorrupted` naming a key that neither `Keys` nor `others` have.
    func refuseUnknownKeys<Keys: CodingKey & CaseIterable>(
        _: Keys.Type, besides others: [any CodingKey] = []
    ) throws {
        let known = Set(Keys.allCases.map(\.stringValue) + others.map(\.stringValue))
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
                forKey: key, in: self, debugDescription: "its value is not a 64-bit integer")
        }
    }
}

extension Error {
    fileprivate var isDataCorrupted: Bool {
        if case .dataCorrupted? = self as? DecodingError { return true }
        return false
    }
}
