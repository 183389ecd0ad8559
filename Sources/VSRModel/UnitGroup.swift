import VSRCore

/// The units of one kind that a layer has: what pruning chooses among.
///
/// What goes with a unit: a block's *input* channel takes conv1's weights for it; a *middle*
/// filter its weights, bias and conv2's weights for it; an *output* filter its weights and bias; a
/// pixel-shuffle group (`upconv1`, `upconv2`) its filters, their biases and the next
/// convolution's weights for the channel; a refinement's filter (`conv_hr`) its weights, bias and
/// the next convolution's weights for it.
///
/// Units are counted within what the network still has: unit 0 of a block's inputs is the first of
/// its kept inputs. Ordered: the trunks in layer order, then the upsampler, what shuffles before
/// what refines; within a block input, middle, output.
public enum UnitGroup: Sendable, Hashable {
    /// The kinds of unit of a residual block.
    public enum BlockUnit: String, Sendable, Hashable, CaseIterable {
        case input = "in"
        case middle = "mid"
        case output = "out"
    }

    /// The kinds of unit of the upsampler.
    public enum UpsamplerUnit: Sendable, Hashable {
        /// Pixel-shuffle groups of the convolution at an index among those that shuffle.
        case upconvolution(Int)
        /// Filters of the convolution at an index among those that do not.
        case refinement(Int)

        /// The convolution whose filters the units are.
        public var role: Layer.Role {
            switch self {
            case .upconvolution(let index): .upconvolution(index)
            case .refinement(let index): .refinement(index)
            }
        }

        /// The units that the convolution's filters are; `nil` for other layers.
        public init?(_ role: Layer.Role) {
            switch role {
            case .upconvolution(let index): self = .upconvolution(index)
            case .refinement(let index): self = .refinement(index)
            case .first, .block, .fusion, .output, .flow: return nil
            }
        }
    }

    case block(Blueprint.Branch, Int, BlockUnit)
    case upsampler(UpsamplerUnit)

    /// Whether the units are channels that the convolution reads; otherwise, they are its filters.
    public var isInput: Bool {
        if case .block(_, _, .input) = self { return true }
        return false
    }

    /// The convolution that owns the units.
    public var role: Layer.Role {
        switch self {
        case .block(let branch, let index, let unit):
            .block(branch, index, unit == .output ? .second : .first)
        case .upsampler(let unit): unit.role
        }
    }

    /// The part of the network that it belongs to.
    public var part: Layer.Part { role.part }
}

extension UnitGroup: Comparable {
    public static func < (one: UnitGroup, other: UnitGroup) -> Bool {
        one.position.lexicographicallyPrecedes(other.position)
    }

    /// Behind all branches.
    private static let upsamplerRank = Blueprint.Branch.allCases.count

    private var position: [Int] {
        switch self {
        case .block(let branch, let index, let unit):
            [branch.rank, index, unit == .input ? 0 : unit == .middle ? 1 : 2]
        case .upsampler(.upconvolution(let index)): [Self.upsamplerRank, 0, index]
        case .upsampler(.refinement(let index)): [Self.upsamplerRank, 1, index]
        }
    }
}

extension UnitGroup: LosslessStringConvertible {
    /// `backward.12.mid`, `upconv1`.
    public var description: String {
        switch self {
        case .block(let branch, let index, let unit):
            "\(branch.rawValue).\(index).\(unit.rawValue)"
        case .upsampler(let unit): unit.role.name
        }
    }

    public init?(_ description: String) {
        if let unit = Layer.Role(name: description).flatMap(UpsamplerUnit.init) {
            self = .upsampler(unit)
        } else if let block = Self.block(description) {
            self = block
        } else {
            return nil
        }
    }

    private static func block(_ description: String) -> UnitGroup? {
        let parts = description.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let branch = Blueprint.Branch(rawValue: String(parts[0])),
            let index = Int(parts[1]), index >= 0, String(index) == parts[1],
            let unit = BlockUnit(rawValue: String(parts[2]))
        else { return nil }
        return .block(branch, index, unit)
    }
}

extension UnitGroup: TextCodable {
    public static let noun = "a group of units"
}

extension Layer {
    /// The kinds of unit whose weights are the layer's: those that it makes, and those that it reads
    /// where no other layer makes them.
    public var ownUnits: [UnitGroup] {
        [inputUnits, outputUnits].compactMap { $0 }.filter { $0.role == role }
    }
}

extension Blueprint {
    /// The groups that have units to lose, in layer order.
    public var unitGroups: [UnitGroup] {
        layers.flatMap(\.ownUnits).filter { unitCount(of: $0) > 0 }
    }

    /// The units that `group` has; 0 where there is no such group.
    public func unitCount(of group: UnitGroup) -> Int {
        switch group {
        case .block(let branch, let index, let unit):
            guard branches.contains(branch), self[branch].indices.contains(index) else { return 0 }
            let block = self[branch][index]
            return switch unit {
            case .input: block.keptInputs.count
            case .middle: block.middleWidth
            case .output: block.keptOutputs.count
            }
        case .upsampler(let unit): return upsampler.width(of: unit)
        }
    }

    /// All units of the network.
    public var unitCount: Int { unitGroups.reduce(0) { $0 + unitCount(of: $1) } }
}

extension Blueprint.Upsampler {
    /// The units of each convolution, in their order; they also say which layer a convolution is.
    public var units: [UnitGroup.UpsamplerUnit] {
        var (shuffling, refining) = (0, 0)
        return convolutions.map { convolution in
            if convolution.factor == 1 {
                refining += 1
                return .refinement(refining - 1)
            }
            shuffling += 1
            return .upconvolution(shuffling - 1)
        }
    }

    /// The units that a convolution has; 0 where there is no such convolution.
    public func width(of unit: UnitGroup.UpsamplerUnit) -> Int {
        zip(units, convolutions).first { $0.0 == unit }?.1.width ?? 0
    }

    /// The same convolutions with other widths: what `width` makes of each.
    public func withWidths(
        _ width: (UnitGroup.UpsamplerUnit, Int) throws -> Int
    ) rethrows -> Blueprint.Upsampler {
        var result = self
        for (index, unit) in units.enumerated() {
            result.convolutions[index].width = try width(unit, convolutions[index].width)
        }
        return result
    }
}
