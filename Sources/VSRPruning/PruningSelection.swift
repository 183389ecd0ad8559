import VSRCore
import VSRModel

/// What a network is to lose, in either structure.
///
/// In JSON it is what it holds: `{"removed": …}` or `{"kept": …}`.
public enum PruningSelection: Sendable, Equatable {
    case free(UnitSelection)
    case aligned(AlignedSelection)

    /// The units of least importance by their L1 scores, as many as the target asks for.
    ///
    /// - Throws: as the selections of the two structures.
    public init(
        pruning model: Model, to target: PruningTarget, options: PruningOptions
    ) throws {
        switch options.structure {
        case .free:
            self = .free(try UnitSelection(pruning: model, to: target, options: options))
        case .aligned:
            self = .aligned(
                try AlignedSelection(
                    pruning: model, to: target, norm: options.norm, excluding: options.excluded,
                    frameSize: options.frameSize))
        }
    }

    /// - Throws: `invalidArgument` where the selection was made for another network.
    public func validate(for blueprint: Blueprint) throws {
        switch self {
        case .free(let selection): try selection.validate(for: blueprint)
        case .aligned(let selection): try selection.validate(for: blueprint)
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
        }
    }
}

extension Model {
    /// The smaller network: equal to this one with the factors of what is removed at 0.
    ///
    /// - Throws: `unsupported` for aligned structures of networks that are not dense,
    ///   `invalidArgument` where the selection does not fit, `notFound` or `shapeMismatch` naming a
    ///   tensor.
    public func pruned(by selection: PruningSelection) throws -> Model {
        switch selection {
        case .free(let selection): try removing(selection)
        case .aligned(let selection): try keeping(selection)
        }
    }
}

extension PruningSelection: Codable {
    private enum Key: CodingKey { case removed, kept }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self =
            container.contains(.kept)
            ? .aligned(try AlignedSelection(from: decoder))
            : .free(try UnitSelection(from: decoder))
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .free(let selection): try selection.encode(to: encoder)
        case .aligned(let selection): try selection.encode(to: encoder)
        }
    }
}
