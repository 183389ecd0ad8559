import VSRCore

/// A layer that can lose units, and which kind of unit it is.
///
/// What goes with a unit: a block's *input* channel takes conv1's weights for it; a *middle*
/// filter its weights, bias and conv2's weights for it; an *output* filter its weights and bias; a
/// pixel-shuffle group (`upconv1`, `upconv2`) its filters, their biases and the next
/// convolution's weights for the channel; a `conv_hr` filter its weights, bias and conv_last's
/// weights for it.
///
/// Units are counted within what the network still has: unit 0 of a block's inputs is the first of
/// its kept inputs. Ordered as ties in rankings are broken: the trunks in layer order, then the
/// upsampler; within a block input, middle, output.
public enum PrunableLayer: Sendable, Hashable {
    /// The kinds of unit of a residual block.
    public enum BlockUnit: String, Sendable, Hashable, CaseIterable {
        case input = "in"
        case middle = "mid"
        case output = "out"
    }

    /// The kinds of unit of the upsampler.
    public enum UpsamplerUnit: Sendable, Hashable {
        /// Of the upsampling stage at an index.
        case upconvolution(Int)
        case refinement

        /// The convolution whose filters the units are.
        public var role: Layer.Role {
            switch self {
            case .upconvolution(let stage): .upconvolution(stage)
            case .refinement: .refinement
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

extension PrunableLayer: Comparable {
    public static func < (one: PrunableLayer, other: PrunableLayer) -> Bool {
        one.position.lexicographicallyPrecedes(other.position)
    }

    /// Behind all branches.
    private static let upsamplerRank = Blueprint.Branch.allCases.count

    private var position: [Int] {
        switch self {
        case .block(let branch, let index, let unit):
            [branch.rank, index, unit == .input ? 0 : unit == .middle ? 1 : 2]
        case .upsampler(.upconvolution(let stage)): [Self.upsamplerRank, 0, stage]
        case .upsampler(.refinement): [Self.upsamplerRank, 1, 0]
        }
    }
}

extension PrunableLayer: LosslessStringConvertible {
    /// `backward.12.mid`, `upconv1`.
    public var description: String {
        switch self {
        case .block(let branch, let index, let unit):
            "\(branch.rawValue).\(index).\(unit.rawValue)"
        case .upsampler(let unit): unit.role.name
        }
    }

    public init?(_ description: String) {
        switch Layer.Role(name: description) {
        case .upconvolution(let stage): self = .upsampler(.upconvolution(stage))
        case .refinement: self = .upsampler(.refinement)
        default:
            guard let block = Self.block(description) else { return nil }
            self = block
        }
    }

    private static func block(_ description: String) -> PrunableLayer? {
        let parts = description.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let branch = Blueprint.Branch(rawValue: String(parts[0])),
            let index = Int(parts[1]), index >= 0, String(index) == parts[1],
            let unit = BlockUnit(rawValue: String(parts[2]))
        else { return nil }
        return .block(branch, index, unit)
    }
}

extension PrunableLayer: TextCodable {
    public static let noun = "a prunable layer"
}

extension Layer {
    /// The kinds of unit whose weights are the layer's: those that it makes, and those that it reads
    /// where no other layer makes them.
    public var ownUnits: [PrunableLayer] {
        [inputUnits, outputUnits].compactMap { $0 }.filter { $0.role == role }
    }
}

extension Blueprint {
    /// The layers that have units to lose, in order.
    public var prunableLayers: [PrunableLayer] {
        layers.flatMap(\.ownUnits).filter { unitCount(of: $0) > 0 }
    }

    /// The units that `layer` has; 0 where there is no such layer.
    public func unitCount(of layer: PrunableLayer) -> Int {
        switch layer {
        case .block(let branch, let index, let unit):
            guard branches.contains(branch), self[branch].indices.contains(index) else { return 0 }
            let block = self[branch][index]
            return switch unit {
            case .input: block.keptInputs.count
            case .middle: block.middleWidth
            case .output: block.keptOutputs.count
            }
        case .upsampler(.upconvolution(let stage)):
            guard upsampler.stages.indices.contains(stage) else { return 0 }
            return upsampler.stages[stage].width
        case .upsampler(.refinement): return upsampler.refinementWidth
        }
    }

    /// All units of the network.
    public var unitCount: Int { prunableLayers.reduce(0) { $0 + unitCount(of: $1) } }
}
