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
    /// Milliseconds per frame to be reached on this machine, everything included, for frames of
    /// ``size`` on ``threads``.
    public var targetMs: Double?
    public var structure = PruningOptions.Structure.free
    public var scope = PruningOptions.Scope.global
    public var order = PruningOptions.Order.min
    /// What units are ranked by; by L1 scores where it is left out.
    public var score: ScoreMethod?
    /// Batches that Taylor scores are the mean of; ``standardScoreBatches`` where it is left out.
    public var scoreBatches: Int?
    public var norm = ScoreNorm.mean
    /// How scores of one layer are made comparable with another's.
    public var normalization = ScoreNormalization.none
    /// Kept counts of every layer are multiples of this.
    public var align = 1
    /// Whether layers may lose their last unit, so that whole blocks may go.
    public var allowEmpty = false
    /// What stays as it is.
    public var exclude: [PrunablePart] = []
    /// Shares of their units that single parts lose; the ratio or target chooses among the others.
    public var partRatio: PartRatios?
    /// Seed of the random order.
    public var seed: UInt64 = 0
    /// The low-resolution frame that multiply-accumulates are counted and times measured for,
    /// `WIDTHxHEIGHT`.
    public var size = Blueprint.referenceFrameSize.description
    /// Threads that a target of time holds for; 0 for one per core.
    public var threads = 0

    public init() {}

    /// The ratio where neither one nor a target is given, nor ratios of parts.
    public static let standardRatio = 0.5

    static let partRatioKey = "partRatio"

    /// The batches of Taylor scores where none are given.
    public static let standardScoreBatches = 16

    /// What is to be reached; `nil` where it is a time, which takes measuring.
    public var target: PruningTarget? {
        if targetMs != nil { return nil }
        return switch (targetMacs, targetParameters) {
        case (.count(let count)?, _): .macs(count)
        case (.share(let share)?, _): .macsFraction(share)
        case (nil, .count(let count)?): .parameters(count)
        case (nil, .share(let share)?): .parametersFraction(share)
        case (nil, nil): .ratio(ratio ?? (partRatio == nil ? Self.standardRatio : 0))
        }
    }

    /// How units are ranked.
    public var options: PruningOptions {
        PruningOptions(
            structure: structure, scope: scope, order: order, norm: norm,
            normalization: normalization, seed: seed, alignment: align,
            allowsEmptyLayers: allowEmpty, excluded: exclude, partRatios: partRatio ?? [:],
            frameSize: FrameSize(size) ?? Blueprint.referenceFrameSize)
    }

    /// - Throws: `InvalidSetting` with the first value that is out of its range, or that the aligned
    ///   structure has no use for.
    public func validate() throws { try validate(given: []) }

    /// The same where it is known which settings were given.
    ///
    /// - Parameter given: Keys of those that are refused, where the structure has no use for them,
    ///   even if they say what holds anyway.
    public func validate(given: Set<String>) throws {
        try validateTarget()
        let limit = Blueprint.Limit.width
        try InvalidSetting.require(
            (1...limit).contains(align), "align", align, "from 1 to \(limit)")
        try InvalidSetting.require(
            FrameSize(size) != nil, "size", size, "a frame size such as 320x180")
        try InvalidSetting.require(
            normalization == .none || (scope == .global && order != .random), "normalization",
            normalization.rawValue, "none where layers do not compete by scores")
        try InvalidSetting.require(
            normalization != .zScore || targetMs == nil, "normalization", normalization.rawValue,
            "none, mean or lamp with a target of time, which divides scores")
        try validateScore()
        try partRatio?.validate(excluding: exclude)
        guard structure == .aligned else { return }
        try validateAligned(given)
    }

    private func validateScore() throws {
        let isTaylor = score == .taylor
        try InvalidSetting.require(
            !isTaylor || order != .random, "score", "taylor", "left out with random order")
        try InvalidSetting.require(
            !isTaylor || norm == .mean, "norm", norm.rawValue,
            "left out with taylor scores, which are changes of the loss")
        let batches = scoreBatches ?? Self.standardScoreBatches
        try InvalidSetting.require(
            (1...100_000).contains(batches), "scoreBatches", batches, "from 1 to 100000")
    }

    private func validateTarget() throws {
        if let ratio {
            try InvalidSetting.require((0...1).contains(ratio), "ratio", ratio, "from 0 to 1")
            try InvalidSetting.require(
                targetMacs == nil && targetParameters == nil && targetMs == nil, "ratio", ratio,
                "left out where a target of multiply-accumulates, parameters or time is given")
        }
        try InvalidSetting.require(
            targetMacs == nil || targetParameters == nil, "targetParameters", "given too",
            "left out where a target of multiply-accumulates is given")
        if let targetMs {
            try InvalidSetting.require(
                (0.001...1e9).contains(targetMs), "targetMs", targetMs, "a positive time")
            try InvalidSetting.require(
                targetMacs == nil && targetParameters == nil, "targetMs", targetMs,
                "left out where a target of multiply-accumulates or parameters is given")
        }
        try InvalidSetting.require(
            (0...1024).contains(threads), "threads", threads, "from 0 to 1024")
        try InvalidSetting.require(
            threads == 0 || targetMs != nil, "threads", threads,
            "left out where there is no target of time")
    }

    /// An aligned structure loses the same share of every group, its smallest channels first.
    private func validateAligned(_ given: Set<String>) throws {
        let usual = PruningSettings()
        func requireUnused(_ key: String, _ found: some Any, _ isUsual: Bool) throws {
            try InvalidSetting.require(
                isUsual && !given.contains(key), key, found,
                "left out with an aligned structure, which loses the same share of every group")
        }
        try requireUnused("scope", scope.rawValue, scope == usual.scope)
        try requireUnused("order", order.rawValue, order == usual.order)
        try requireUnused(
            "normalization", normalization.rawValue, normalization == usual.normalization)
        try requireUnused("align", align, align == usual.align)
        try requireUnused("seed", seed, seed == usual.seed)
        try requireUnused("allowEmpty", allowEmpty, allowEmpty == usual.allowEmpty)
        let parts = (partRatio ?? [:]).sorted.map(\.part)
        for (key, parts) in [("exclude", exclude), (Self.partRatioKey, parts)] {
            let branch = parts.first { $0.branch != nil }
            try InvalidSetting.require(
                branch == nil, key, branch?.rawValue ?? "",
                "trunk, upsampler or its layers with an aligned structure, whose trunks are equally "
                    + "wide")
        }
    }
}
