extension DecodingError {
    /// Which key is wrong and why, as a clause to follow the document's name and a colon:
    /// `run.yml: ` + `optimizer.rate must be a number, not "fast"`.
    ///
    /// - Parameter found: What stands at a key, in words, where the caller still has the document.
    public func explanation(
        found: (_ path: [any CodingKey]) -> String? = { _ in nil }
    ) -> String {
        switch self {
        case .keyNotFound(let key, let context):
            return "it lacks the key \(Self.name(context.codingPath + [key]))"
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            let value = found(context.codingPath).map { ", not \($0)" } ?? ""
            return "\(Self.name(context.codingPath)) must be \(Self.noun(type))\(value)"
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            return "it is malformed: \(context.debugDescription)"
        case .dataCorrupted(let context):
            let value = found(context.codingPath).map { "cannot be \($0)" } ?? "is not valid"
            return "\(Self.name(context.codingPath)) \(value): \(context.debugDescription)"
        @unknown default:
            return "it is malformed"
        }
    }

    /// A path as people write it: `flow.widths[2]`.
    private static func name(_ keys: [any CodingKey]) -> String {
        guard !keys.isEmpty else { return "it" }
        return keys.reduce("") { path, key in
            if let index = key.intValue { return "\(path)[\(index)]" }
            return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
        }
    }

    private static func noun(_ type: Any.Type) -> String {
        switch type {
        case is any BinaryInteger.Type: "an integer"
        case is any BinaryFloatingPoint.Type: "a number"
        case is Bool.Type: "true or false"
        case is String.Type: "text"
        case is any ExpressibleByDictionaryLiteral.Type: "a group of keys"
        case is any Collection.Type: "a list"
        default: "a group of keys"
        }
    }
}
