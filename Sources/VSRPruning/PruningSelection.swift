import VSRCore
import VSRModel

/// What a network is to lose, in any structure.
///
/// In JSON it is what it holds: `{"removed": …}`, `{"kept": …}` or `{"removed": …, "filters": …}`.
public enum PruningSelection: Sendable, Equatable {
    case free(UnitSelection)
    case aligned(AlignedSelection)
    case ungrouped(UngroupedSelection)

    /// The units of least importance by their L1 scores, as many as the target asks for.
    ///
    /// - Throws: as the selections of the structures.
    public init(
        pruning model: Model, to target: PruningTarget, options: PruningOptions
    ) throws {
        try self.init(
            PruningScores(l1Of: model, options: options), of: model.blueprint, to: target,
            options: options)
    }

    /// The units that go first by the given scores, as many as the target asks for.
    ///
    /// - Parameter earlier: Units that go before all others, whatever their scores; in a free
    ///   structure only.
    /// - Throws: as the selections of the structures.
    public init(
        _ scores: PruningScores, of blueprint: Blueprint, to target: PruningTarget,
        options: PruningOptions, after earlier: UnitSelection = UnitSelection()
    ) throws {
        switch scores {
        case .free(let scores):
            self = .free(
                try UnitSelection(
                    scores, of: blueprint, to: target, options: options, after: earlier))
        case .aligned(let scores):
            self = .aligned(
                try AlignedSelection(
                    scores, of: blueprint, to: target, excluding: options.excluded,
                    partRatios: options.partRatios, frameSize: options.frameSize))
        case .ungrouped(let scores, let filters):
            self = .ungrouped(
                try UngroupedSelection(
                    scores, filters: filters, of: blueprint, to: target, options: options))
        }
    }

    /// - Throws: `invalidArgument` where the selection was made for another network.
    public func validate(for blueprint: Blueprint) throws {
        switch self {
        case .free(let selection): try selection.validate(for: blueprint)
        case .aligned(let selection): try selection.validate(for: blueprint)
        case .ungrouped(let selection): try selection.validate(for: blueprint)
        }
    }
}

extension Blueprint {
    /// The architecture that ``Model/pruned(by:)`` gives.
    ///
    /// - Throws: `invalidArgument` where the selection does not fit.
    public func pruned(by selection: PruningSelection) throws -> Blueprint {
        switch selection {
        case .free(let selection): try removing(selection)
        case .aligned(let selection):
            narrowed(to: selection.kept.mapValues(\.count))
        case .ungrouped(let selection): try removing(selection.grouped(in: self))
        }
    }
}

extension Model {
    /// The smaller network: equal to this one with the factors of what is removed at 0, but for
    /// ungrouped structures.
    ///
    /// - Throws: `unsupported` for aligned structures of networks that are not dense,
    ///   `invalidArgument` where the selection does not fit, `notFound` or `shapeMismatch` naming a
    ///   tensor.
    public func pruned(by selection: PruningSelection) throws -> Model {
        switch selection {
        case .free(let selection): try removing(selection)
        case .aligned(let selection): try keeping(selection)
        case .ungrouped(let selection): try removing(selection)
        }
    }
}

extension PruningSelection: Codable {
    private enum Key: CodingKey { case removed, kept, filters }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        if container.contains(.kept) {
            self = .aligned(try AlignedSelection(from: decoder))
        } else if container.contains(.filters) {
            self = .ungrouped(try UngroupedSelection(from: decoder))
        } else {
            self = .free(try UnitSelection(from: decoder))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .free(let selection): try selection.encode(to: encoder)
        case .aligned(let selection): try selection.encode(to: encoder)
        case .ungrouped(let selection): try selection.encode(to: encoder)
        }
    }
}
