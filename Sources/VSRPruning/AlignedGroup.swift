import Algorithms
import VSRCore
import VSRModel

/// Filters that an aligned structure removes together, at the same indices: the structure of the
/// baselines "L1-norm" and "ASSL", which leaves a narrower dense network.
public enum AlignedGroup: Sendable, Hashable {
    /// Channel j of a trunk: filter j of its first convolution and of every block's conv2, tied by
    /// the skip connections; with it go the inputs that read the channel, the recurrent one too.
    case trunk(Blueprint.Branch)
    /// A filter of the fusion, which is as wide as the trunks.
    case fusion
    /// A filter of a block's conv1.
    case middle(Blueprint.Branch, Int)
    /// A pixel-shuffle group or a filter of a refinement.
    case upsampler(UnitGroup.UpsamplerUnit)

    /// Whether all groups of this kind must keep equally many: the width `C`.
    public var isTrunkWide: Bool {
        switch self {
        case .trunk, .fusion: true
        case .middle, .upsampler: false
        }
    }

    /// The group that channels belong to; `nil` where they are not to be removed.
    init?(_ channels: Layer.Channels) {
        switch channels {
        case .trunk(let branch): self = .trunk(branch)
        case .fusion: self = .fusion
        case .units(.block(let branch, let index, .middle)): self = .middle(branch, index)
        case .units(.upsampler(let unit)): self = .upsampler(unit)
        case .picture, .units(.block): return nil
        }
    }

    /// The group that a layer's filters belong to; `nil` where they are not to be removed.
    init?(filtersOf layer: Layer) {
        guard let channels = layer.makes, let group = AlignedGroup(channels) else { return nil }
        self = group
    }

    /// The convolutions whose filters form the group.
    public func roles(in blueprint: Blueprint) -> [Layer.Role] {
        blueprint.layers.filter { AlignedGroup(filtersOf: $0) == self }.map(\.role)
    }
}

extension AlignedGroup: CustomStringConvertible {
    /// `forward`, `fusion`, `forward.3.mid`, `upconv1`.
    public var description: String {
        switch self {
        case .trunk(let branch): branch.rawValue
        case .fusion: Layer.Role.fusion.name
        case .middle(let branch, let index):
            UnitGroup.block(branch, index, .middle).description
        case .upsampler(let unit): UnitGroup.upsampler(unit).description
        }
    }
}

extension Blueprint {
    /// The groups of an aligned structure, in layer order.
    public var alignedGroups: [AlignedGroup] {
        Array(layersWithEmptyOnes.compactMap { AlignedGroup(filtersOf: $0) }.uniqued())
    }

    /// The tied filters (pixel-shuffle groups) of `group`.
    public func unitCount(of group: AlignedGroup) -> Int {
        switch group {
        case .trunk, .fusion: width
        case .middle(let branch, let index): unitCount(of: .block(branch, index, .middle))
        case .upsampler(let unit): unitCount(of: UnitGroup.upsampler(unit))
        }
    }

    /// Aligned structures exist for networks whose blocks still have all channels of the trunk.
    ///
    /// - Throws: `unsupported` naming a block that has not, or an empty layer.
    public func requireAlignable() throws {
        let all = Array(0..<width)
        for branch in branches {
            for (index, block) in self[branch].enumerated()
            where block.keptInputs != all || block.keptOutputs != all {
                throw VSRError(
                    .unsupported,
                    "block \(index) of the \(branch) trunk keeps \(block.keptInputs.count) inputs "
                        + "and \(block.keptOutputs.count) outputs of \(width) channels; an aligned "
                        + "structure needs a dense network to start from")
            }
        }
        guard let empty = alignedGroups.first(where: { unitCount(of: $0) == 0 }) else { return }
        throw VSRError(
            .unsupported,
            "\(empty) has no units left; an aligned structure needs a dense network to start from")
    }
}
