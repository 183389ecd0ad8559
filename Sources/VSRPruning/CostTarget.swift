import VSRCore

/// What is to be left of a cost: a count, or a share of what there is now.
public enum CostTarget: Sendable, Hashable {
    case count(Int)
    /// In 0..<1.
    case share(Double)

    /// A number below 1 is a share, any other a count.
    ///
    /// - Throws: `invalidArgument` quoting the number.
    public init(_ number: Double) throws {
        guard number > 0, number < 1e18 else { throw Self.error("\(number)") }
        self = number < 1 ? .share(number) : .count(Int(number.rounded()))
    }

    /// The same as people write it: `0.5`, `90G`, `260000`.
    ///
    /// - Throws: `invalidArgument` quoting the text.
    public init(parsing text: String) throws {
        if let number = Double(text), number > 0, number < 1 {
            self = .share(number)
        } else {
            self = .count(try PruningTarget.count(text))
        }
    }

    private static func error(_ found: String) -> VSRError {
        VSRError(
            .invalidArgument,
            "\(found) is not a valid target; write a positive count such as 90G, 1.5M or 260000, or "
                + "a share below 1")
    }
}

extension CostTarget: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self = try container.explaining {
            if let number = try? container.decode(Double.self) { return try CostTarget(number) }
            return try CostTarget(parsing: try container.decode(String.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .count(let count): try container.encode(count)
        case .share(let share): try container.encode(share)
        }
    }
}

extension CostTarget: CustomStringConvertible {
    /// As people write it: `0.5`, `92.1G`, `260000`.
    public var description: String {
        switch self {
        case .share(let share): return "\(share)"
        case .count(let count):
            for (unit, size) in [("G", 1e9), ("M", 1e6)] where Double(count) >= size {
                let text = "\(Double(count) / size)"
                return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + unit
            }
            return "\(count)"
        }
    }
}
