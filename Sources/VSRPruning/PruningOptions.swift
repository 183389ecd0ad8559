import VSRCore
import VSRModel

/// How units are ranked and what a selection must keep.
public struct PruningOptions: Sendable, Hashable, Codable {
    /// Which channels may go independently of each other.
    public enum Structure: String, Sendable, Hashable, NamedChoice {
        /// Every block picks its own channels (Residual Sparsity Connection).
        case free
        /// Channels tied by skip connections and recurrence go together, so that a narrower dense
        /// network remains.
        case aligned
        /// As free, but the filters before a pixel-shuffle go one by one, so that what is left is
        /// shuffled into other channels than before: for comparison.
        case ungrouped
    }

    /// Which units compete with each other.
    public enum Scope: String, Sendable, Hashable, NamedChoice {
        /// All units of the network.
        case global
        /// Those of one layer, the same ratio in each.
        case local
    }

    /// Which units go first.
    public enum Order: String, Sendable, Hashable, NamedChoice {
        /// Those with the smallest scores.
        case min
        /// Those with the largest.
        case max
        /// Any, by the seed.
        case random
    }

    public var structure: Structure
    public var scope: Scope
    public var order: Order
    public var norm: ScoreNorm
    public var normalization: ScoreNormalization

    /// For `random` order.
    public var seed: UInt64

    /// Kept counts are multiples of this, and at least this.
    public var alignment: Int

    /// Whether a layer may lose its last unit.
    public var allowsEmptyLayers: Bool

    /// What stays as it is; a ratio counts the other units.
    public var excluded: [PrunablePart]

    /// What loses a share of its own; ratios and targets choose among the other units.
    public var partRatios: PartRatios

    /// The low-resolution frame that MACs are counted for.
    public var frameSize: FrameSize

    public init(
        structure: Structure = .free, scope: Scope = .global, order: Order = .min,
        norm: ScoreNorm = .mean, normalization: ScoreNormalization = .none, seed: UInt64 = 0,
        alignment: Int = 1,
        allowsEmptyLayers: Bool = false, excluded: [PrunablePart] = [],
        partRatios: PartRatios = [:],
        frameSize: FrameSize = Blueprint.referenceFrameSize
    ) {
        self.structure = structure
        self.scope = scope
        self.order = order
        self.norm = norm
        self.normalization = normalization
        self.seed = seed
        self.alignment = alignment
        self.allowsEmptyLayers = allowsEmptyLayers
        self.excluded = excluded
        self.partRatios = partRatios
        self.frameSize = frameSize
    }
}
