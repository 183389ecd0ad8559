import VSRCore
import VSRModel

/// What is pruned and how, as people write it: the options of `slimvsr prune` and the keys of
/// `selection` in a compression's settings.
public struct PruningSettings: Sendable, Hashable, Codable {
    /// Share of the units that is removed; not together with a target.
    public var ratio: Double?
    /// Multiply-accumulates per frame to be left, without the flow network.
    public var targetMacs: CostTarget?
    /// Parameters to be left, without the flow network.
    public var targetParameters: CostTarget?
    public var structure = PruningOptions.Structure.free
    public var scope = PruningOptions.Scope.global
    public var order = PruningOptions.Order.min
    public var norm = ScoreNorm.mean
    /// Kept counts of every layer are multiples of this.
    public var align = 1
    /// Whether layers may lose their last unit, so that whole blocks may go.
    public var allowEmpty = false
    /// What stays as it is.
    public var exclude: [PrunablePart] = []
    /// Seed of the random order.
    public var seed: UInt64 = 0
    /// The low-resolution frame that multiply-accumulates are counted for, `WIDTHxHEIGHT`.
    public var size = Blueprint.referenceFrameSize.description

    public init() {}

    /// The ratio where neither one nor a target is given.
    public static let standardRatio = 0.5

    /// What is to be reached.
    public var target: PruningTarget {
        switch (targetMacs, targetParameters) {
        case (.count(let count)?, _): .macs(count)
        case (.share(let share)?, _): .macsFraction(share)
        case (nil, .count(let count)?): .parameters(count)
        case (nil, .share(let share)?): .parametersFraction(share)
        case (nil, nil): .ratio(ratio ?? Self.standardRatio)
        }
    }

    /// How units are ranked.
    public var options: PruningOptions {
        PruningOptions(
            structure: structure, scope: scope, order: order, norm: norm, seed: seed,
            alignment: align, allowsEmptyLayers: allowEmpty, excluded: exclude,
            frameSize: FrameSize(size) ?? Blueprint.referenceFrameSize)
    }

    /// - Throws: `InvalidSetting` with the first value that is out of its range, or that the aligned
    ///   structure has no use for.
    public func validate() throws {
        if let ratio {
            try InvalidSetting.require((0...1).contains(ratio), "ratio", ratio, "in 0...1")
            try InvalidSetting.require(
                targetMacs == nil && targetParameters == nil, "ratio", ratio,
                "left out where a target of multiply-accumulates or parameters is given")
        }
        try InvalidSetting.require(
            targetMacs == nil || targetParameters == nil, "targetParameters", "given too",
            "left out where a target of multiply-accumulates is given")
        let limit = Blueprint.Limit.width
        try InvalidSetting.require((1...limit).contains(align), "align", align, "in 1...\(limit)")
        try InvalidSetting.require(
            FrameSize(size) != nil, "size", size, "a frame size such as 320x180")
        guard structure == .aligned else { return }
        try validateAligned()
    }

    /// An aligned structure loses the same share of every group, its smallest channels first.
    private func validateAligned() throws {
        let note = "with an aligned structure, which loses the same share of every group"
        try InvalidSetting.require(scope == .global, "scope", scope.rawValue, "left out \(note)")
        try InvalidSetting.require(order == .min, "order", order.rawValue, "min \(note)")
        try InvalidSetting.require(align == 1, "align", align, "1 \(note)")
        try InvalidSetting.require(seed == 0, "seed", seed, "left out \(note)")
        try InvalidSetting.require(!allowEmpty, "allowEmpty", allowEmpty, "false \(note)")
        let branches = exclude.first { $0 == .backward || $0 == .forward }
        try InvalidSetting.require(
            branches == nil, "exclude", branches?.rawValue ?? "",
            "trunk, upsampler or its layers with an aligned structure, whose trunks are equally wide"
        )
    }
}
