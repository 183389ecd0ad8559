import Foundation
import VSRCore

/// The keys that a settings struct knows, group by group.
///
/// Taken from the stored properties of the defaults, so that settings are declared once, and
/// optional ones without a value are known too.
struct ConfigurationSchema {
    /// The known keys; `nil` for a value without keys of its own.
    let groups: [String: ConfigurationSchema]?
    /// The known keys as declared.
    let order: [String]

    init(of value: Any) {
        guard value is any Configuration else {
            groups = nil
            order = []
            return
        }
        var groups: [String: ConfigurationSchema] = [:]
        var order: [String] = []
        for case (let label?, let child) in Mirror(reflecting: value).children {
            groups[label] = ConfigurationSchema(of: child)
            order.append(label)
        }
        self.groups = groups
        self.order = order
    }

    /// `tree` with the values that `changes` names in their place.
    ///
    /// - Throws: `invalidArgument` naming the key that is unknown or the group that is none.
    func merged(
        _ changes: ConfigurationValue, onto tree: ConfigurationValue, path: String, source: String
    ) throws -> ConfigurationValue {
        guard let groups else { return changes }
        if changes == .null { return tree }
        guard case .mapping(let entries) = changes, case .mapping(var merged) = tree else {
            let place = path.isEmpty ? "the file" : path
            throw VSRError(
                .invalidArgument,
                "\(source): \(place) must be a group of keys (\(Self.list(groups.keys))), not \(changes.summary)"
            )
        }
        for key in entries.keys.sorted() {
            let fullKey = path.isEmpty ? key : "\(path).\(key)"
            guard let group = groups[key] else {
                throw VSRError(
                    .invalidArgument,
                    "\(source): unknown key \(fullKey)\(Self.advice(for: key, among: groups.keys))")
            }
            merged[key] = try group.merged(
                entries[key] ?? .null, onto: merged[key] ?? .null, path: fullKey, source: source)
        }
        return .mapping(merged)
    }

    private static func list(_ keys: some Sequence<String>) -> String {
        keys.sorted().joined(separator: ", ")
    }

    /// The nearest known key if one is near, else all of them.
    private static func advice(for key: String, among keys: some Sequence<String>) -> String {
        let nearest = keys.sorted().min { editDistance(key, $0) < editDistance(key, $1) }
        if let nearest, editDistance(key, nearest) <= max(2, key.count / 2) {
            return "; did you mean \(nearest)?"
        }
        return "; known here: \(list(keys))"
    }

    /// The tree of a settings value.
    static func encoded(_ settings: some Configuration) throws -> ConfigurationValue {
        let data = try JSONEncoder().encode(settings)
        return try JSONDecoder().decode(ConfigurationValue.self, from: data)
    }

    /// The settings in a tree that has all keys.
    static func decoded<Settings: Configuration>(
        _ type: Settings.Type, from tree: ConfigurationValue, source: String
    ) throws -> Settings {
        guard !tree.hasNonFiniteNumber else {
            throw VSRError(
                .invalidArgument,
                "\(source): a value is infinite or not a number; write a finite one")
        }
        do {
            return try JSONDecoder().decode(type, from: try JSONEncoder().encode(tree))
        } catch let error as DecodingError {
            throw VSRError(.invalidArgument, "\(source): \(explanation(of: error, in: tree))")
        }
    }

    private static func explanation(
        of error: DecodingError, in tree: ConfigurationValue
    ) -> String {
        switch error {
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            "\(key(context)) must be \(name(of: type)), not \(tree[context.codingPath].summary)"
        case .dataCorrupted(let context):
            "\(key(context)) cannot be \(tree[context.codingPath].summary): \(context.debugDescription)"
        case .keyNotFound(let missing, let context):
            "\(key(context)) lacks the key \(missing.stringValue)"
        @unknown default:
            "\(error)"
        }
    }

    private static func key(_ context: DecodingError.Context) -> String {
        context.codingPath.map(\.stringValue).joined(separator: ".")
    }

    private static func name(of type: Any.Type) -> String {
        switch type {
        case is any BinaryInteger.Type: "an integer"
        case is any BinaryFloatingPoint.Type: "a number"
        case is Bool.Type: "true or false"
        case is String.Type: "a word"
        default: "\(type)"
        }
    }
}

extension ConfigurationValue {
    /// The value under a path of keys and list indices.
    fileprivate subscript(path: [any CodingKey]) -> ConfigurationValue {
        path.reduce(self) { value, key in
            switch value {
            case .mapping(let entries):
                return entries[key.stringValue] ?? .null
            case .list(let items):
                guard let index = key.intValue, items.indices.contains(index) else { return .null }
                return items[index]
            default:
                return value
            }
        }
    }
}
