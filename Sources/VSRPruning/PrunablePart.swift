import VSRCore
import VSRModel

/// A part of a network that pruning can be told to leave as it is.
public enum PrunablePart: Sendable, Hashable {
    /// The blocks of all branches; in an aligned structure also the width of the hidden state.
    case trunk
    /// The blocks of one branch.
    case branch(Blueprint.Branch)
    /// The pixel-shuffle convolutions and the refinements.
    case upsampler
    /// One layer of the upsampler.
    case layer(UnitGroup.UpsamplerUnit)

    /// The branch that the part is; `nil` for other parts.
    var branch: Blueprint.Branch? {
        if case .branch(let branch) = self { return branch }
        return nil
    }

    func contains(_ layer: UnitGroup) -> Bool {
        switch layer {
        case .block(let branch, _, _): self == .trunk || self == .branch(branch)
        case .upsampler(let unit): contains(unit)
        }
    }

    func contains(_ group: AlignedGroup) -> Bool {
        switch group {
        case .trunk, .fusion, .middle: self == .trunk
        case .upsampler(let unit): contains(unit)
        }
    }

    private func contains(_ unit: UnitGroup.UpsamplerUnit) -> Bool {
        self == .upsampler || self == .layer(unit)
    }
}

extension PrunablePart: NamedChoice {
    /// Those of BasicVSR; branches and layers that other networks have are known by their names too.
    public static let allCases: [PrunablePart] =
        [.trunk] + Blueprint.Direction.bidirectional.branches.map { .branch($0) } + [.upsampler]
        + Blueprint(direction: .bidirectional).upsampler.units.map { .layer($0) }

    public init?(rawValue: String) {
        if let branch = Blueprint.Branch(rawValue: rawValue) {
            self = .branch(branch)
            return
        }
        let layer = Layer.Role(name: rawValue).flatMap(UnitGroup.UpsamplerUnit.init)
        if let part = Self.allCases.first(where: { $0.rawValue == rawValue })
            ?? layer.map(PrunablePart.layer)
        {
            self = part
        } else {
            return nil
        }
    }

    /// `trunk`, `upsampler`; a branch or layer has its own name.
    public var rawValue: String {
        switch self {
        case .trunk: "trunk"
        case .branch(let branch): branch.rawValue
        case .upsampler: "upsampler"
        case .layer(let unit): unit.role.name
        }
    }
}

extension Blueprint {
    /// Checks that every part has units in this network, and that they are not all units.
    ///
    /// - Parameter ratios: Parts that lose shares of their own.
    /// - Throws: `invalidArgument` naming the part.
    func requireParts(_ parts: [PrunablePart], ratios: PartRatios = [:]) throws {
        let layers = unitGroups
        let named =
            parts.map { ("exclude", $0) }
            + ratios.sorted.map { (PruningSettings.partRatioKey, $0.part) }
        for (key, part) in named where !layers.contains(where: part.contains) {
            throw VSRError(
                .invalidArgument,
                "\(key) names \(part.rawValue), which has no units in this network; leave it out")
        }
        guard layers.allSatisfy({ layer in parts.contains { $0.contains(layer) } }) else { return }
        throw VSRError(
            .invalidArgument,
            "exclude names \(parts.map(\.rawValue).joined(separator: " and ")), so that no units "
                + "are left to prune; leave one of them out")
    }

    /// Checks that units are left for a ratio, once parts have lost theirs.
    ///
    /// - Throws: `invalidArgument` naming the parts.
    func requireOthers(_ ratio: Double, than ratios: PartRatios, _ hasOthers: Bool) throws {
        guard ratio > 0, !hasOthers, !ratios.ratios.isEmpty else { return }
        throw VSRError(
            .invalidArgument,
            "ratio is \(ratio), but \(PruningSettings.partRatioKey) and exclude name all units "
                + "(\(ratios.sorted.map(\.part.rawValue).joined(separator: ", "))); leave ratio out"
        )
    }
}
