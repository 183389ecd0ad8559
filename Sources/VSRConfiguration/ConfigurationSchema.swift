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
        guard let groups else {
            // Keys that the schema does not list, such as parts with ratios, add up.
            guard case .mapping(let new) = changes, case .mapping(let old) = tree else {
                return changes
            }
            return .mapping(old.merging(new) { $1 })
        }
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
        try JSONDecoder().decode(ConfigurationValue.self, from: JSONText.data(settings, .compact))
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
            return try JSONDecoder().decode(type, from: JSONText.data(tree, .compact))
        } catch let error as DecodingError {
            let explanation = error.explanation { tree[$0].summary }
            throw VSRError(.invalidArgument, "\(source): \(explanation)")
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
