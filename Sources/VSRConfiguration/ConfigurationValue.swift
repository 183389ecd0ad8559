import Foundation
import VSRCore
import Yams

/// A settings file as a tree, before it is known which settings it holds.
public enum ConfigurationValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case list([ConfigurationValue])
    case mapping([String: ConfigurationValue])

    /// Nesting beyond this is no settings file.
    private static let maximumDepth = 32

    /// Parses YAML.
    ///
    /// - Parameter name: What errors call the text: a file's path.
    /// - Throws: `corruptData` naming `name` and the line.
    public init(yaml: String, name: String) throws {
        let node: Node?
        do {
            // The parser itself recurses, so the depth must be bounded before it.
            guard yaml.prefix(while: { "[{-? \n".contains($0) }).count < 1000 else {
                throw VSRError(.corruptData, "it starts with 1000 opening brackets")
            }
            node = try Yams.compose(yaml: yaml)
        } catch {
            throw VSRError(.corruptData, "\(name) is not valid YAML: \(error)")
        }
        guard let node else {
            self = .null
            return
        }
        try self.init(node: node, name: name, depth: 0)
    }

    private init(node: Node, name: String, depth: Int) throws {
        guard depth < Self.maximumDepth else {
            throw VSRError(
                .corruptData, "\(name) is nested deeper than \(Self.maximumDepth) levels")
        }
        switch node {
        case .mapping(let mapping):
            var entries: [String: ConfigurationValue] = [:]
            for (key, value) in mapping {
                guard let key = key.string else {
                    throw VSRError(.corruptData, "\(name) has a key that is not a plain word")
                }
                entries[key] = try ConfigurationValue(node: value, name: name, depth: depth + 1)
            }
            self = .mapping(entries)
        case .sequence(let sequence):
            self = .list(
                try sequence.map { try ConfigurationValue(node: $0, name: name, depth: depth + 1) })
        default:
            self.init(scalar: node)
        }
    }

    private init(scalar node: Node) {
        if node.null != nil {
            self = .null
        } else if let value = node.bool {
            self = .bool(value)
        } else if let value = node.int {
            self = .integer(value)
        } else if let value = node.float {
            self = .number(value)
        } else {
            self = .string(node.string ?? "")
        }
    }

    /// As a person reads it in an error.
    var summary: String {
        switch self {
        case .null: "nothing"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): "\"\(value)\""
        case .list: "a list"
        case .mapping: "a group of keys"
        }
    }

    /// Whether a number in the tree has no JSON form.
    var hasNonFiniteNumber: Bool {
        switch self {
        case .number(let value): !value.isFinite
        case .list(let items): items.contains(where: \.hasNonFiniteNumber)
        case .mapping(let entries): entries.values.contains(where: \.hasNonFiniteNumber)
        default: false
        }
    }
}

extension ConfigurationValue: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([ConfigurationValue].self) {
            self = .list(value)
        } else {
            self = .mapping(try container.decode([String: ConfigurationValue].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .mapping(let value): try container.encode(value)
        }
    }
}
