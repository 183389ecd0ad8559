import ArgumentParser
import VSRCore
import VSRModel
import VSRPruning

/// What is pruned and how: the fields of `PruningSettings` under the same names, and the reduction
/// of flow, which is not a choice of units.
struct PruningArguments: ParsableArguments {
    @Option(help: "The share of units to be removed, 0 to 1.")
    var ratio: Double?

    @Option(
        help: "Multiply-accumulates per frame to be left, without flow: 90G, or 0.5 of all.",
        transform: CostTarget.init(parsing:))
    var targetMacs: CostTarget?

    @Option(
        help: "Parameters to be left, without flow: 1.2M, or 0.5 of all.",
        transform: CostTarget.init(parsing:))
    var targetParameters: CostTarget?

    @Option(
        help: ArgumentHelp(
            "Milliseconds per frame to be reached on this machine, all included, for frames of "
                + "--size on --threads; candidates are timed.", valueName: "ms"))
    var targetMs: Double?

    @Option(
        help: ArgumentHelp(
            "free: each block picks its channels; aligned: a narrower dense network remains; "
                + "ungrouped: as free, but filters before a pixel-shuffle go one by one, for "
                + "comparison."))
    var structure = PruningOptions.Structure.free

    @Option(
        help: ArgumentHelp(
            "Whether units compete across the network (global) or within a layer (local) (free "
                + "structure; default: global)."))
    var scope: PruningOptions.Scope?

    @Option(
        help: ArgumentHelp(
            "Which units go: those with the smallest weights (min), the largest (max) or any "
                + "(random) (free structure; default: min)."))
    var order: PruningOptions.Order?

    @Option(
        help: ArgumentHelp(
            "What units are ranked by: the size of their weights (l1, the default); taylor, by "
                + "gradients, is for slimvsr-lab compress alone."))
    var score: ScoreMethod?

    @Option(
        help: "A unit's score: the mean of its absolute weights, comparable between layers, or sum."
    )
    var norm = ScoreNorm.mean

    @Option(
        help: ArgumentHelp(
            "How scores of different layers are compared: as they are (none), by their layer's "
                + "mean, its mean and deviation (z-score), or what is not smaller in it (lamp) "
                + "(free structure, global scope)."))
    var normalization = ScoreNormalization.none

    @Option(help: "Kept counts are multiples of this (free structure; default: 1).")
    var align: Int?

    @Flag(help: "Let layers lose their last unit, so that whole blocks may go (free structure).")
    var allowEmpty = false

    @Option(
        help: ArgumentHelp(
            "A part that stays as it is: "
                + PrunablePart.allCases.map(\.rawValue).joined(separator: ", ")
                + ". Repeatable; a ratio counts the other units."))
    var exclude: [PrunablePart] = []

    @Option(
        help: ArgumentHelp(
            "The share of its units that a part loses, such as upsampler=0.5; a ratio or target "
                + "then chooses among the other units. Repeatable; alone, the others stay.",
            valueName: "part=ratio"),
        transform: PartRatio.init(parsing:))
    var partRatio: [PartRatio] = []

    @Option(help: "Seed of the random order (free structure; default: 0).")
    var seed: UInt64?

    @Option(help: "The low-resolution frame that counts and times hold for, as WIDTHxHEIGHT.")
    var size = Blueprint.referenceFrameSize

    @Option(
        help: ArgumentHelp(
            "Find flow in frames reduced by this factor (2, 4, …) and leave out the flow "
                + "network's finest levels; each halving leaves about a quarter of its cost. Needs "
                + "no target.",
            valueName: "factor"))
    var flowReduction = 1

    // Earlier spellings.

    @Option(name: .customLong("criterion"), help: .hidden)
    var criterion: PruningOptions.Order?

    @Option(
        name: .customLong("target-params"), help: .hidden, transform: CostTarget.init(parsing:))
    var targetParams: CostTarget?

    /// The settings that the arguments stand for.
    ///
    /// - Throws: `ValidationError` naming the option that is wrong.
    func settings() throws -> PruningSettings {
        try checkTarget()
        var settings = PruningSettings()
        // Flow may be all that is reduced.
        settings.ratio = hasTarget ? ratio : 0
        settings.targetMacs = targetMacs
        settings.targetParameters = targetParameters ?? targetParams
        settings.targetMs = targetMs
        settings.structure = structure
        settings.scope = scope ?? settings.scope
        settings.order = order ?? criterion ?? settings.order
        settings.score = score
        settings.norm = norm
        settings.normalization = normalization
        settings.align = align ?? settings.align
        settings.allowEmpty = allowEmpty
        settings.exclude = exclude
        settings.partRatio = try partRatios()
        settings.seed = seed ?? settings.seed
        settings.size = size.description
        try Self.named { try settings.validate(given: given) }
        return settings
    }

    /// Runs a check whose faults are to name options instead of keys.
    static func named(_ check: () throws -> Void) throws {
        do {
            try check()
        } catch let fault as InvalidSetting {
            throw ValidationError(fault.error(calling: option).message)
        }
    }

    var hasTarget: Bool {
        ratio != nil || targetMacs != nil || targetParameters != nil || targetParams != nil
            || targetMs != nil
    }

    /// - Throws: `ValidationError` naming a part that is given twice.
    private func partRatios() throws -> PartRatios? {
        var result = PartRatios()
        for given in partRatio {
            guard result.ratios.updateValue(given.ratio, forKey: given.part) == nil else {
                throw ValidationError(
                    "--part-ratio names \(given.part.rawValue) twice: give each part once")
            }
        }
        return partRatio.isEmpty ? nil : result
    }

    /// What concerns options alone: that there is a target, and earlier names.
    private func checkTarget() throws {
        guard hasTarget || flowReduction != 1 || !partRatio.isEmpty else {
            throw ValidationError(
                "Name a target: --ratio, --target-macs, --target-parameters, --target-ms, "
                    + "--part-ratio or --flow-reduction")
        }
        guard targetParameters == nil || targetParams == nil else {
            throw ValidationError(
                "--target-params is the earlier name of --target-parameters: give one of them")
        }
        guard order == nil || criterion == nil else {
            throw ValidationError("--criterion is the earlier name of --order: give one of them")
        }
    }

    /// Keys of the options that were given and only one structure has a use for.
    private var given: Set<String> {
        let isGiven = [
            "scope": scope != nil, "order": order != nil || criterion != nil, "align": align != nil,
            "seed": seed != nil,
        ]
        return Set(isGiven.filter(\.value).keys)
    }

    /// `targetMacs` as `--target-macs`.
    static func option(_ key: String) -> String {
        "--" + key.map { $0.isUppercase ? "-\($0.lowercased())" : String($0) }.joined()
    }
}

/// A part and its ratio, as the command line has them.
struct PartRatio {
    let part: PrunablePart
    let ratio: Double

    /// - Throws: `ValidationError` quoting the text.
    init(parsing text: String) throws {
        let sides = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard sides.count == 2, let part = PrunablePart(rawValue: sides[0]),
            let ratio = Double(sides[1]), (0...1).contains(ratio)
        else {
            throw ValidationError(
                "'\(text)' is no part with its ratio: write one such as upsampler=0.5, the ratio "
                    + "from 0 to 1; there are "
                    + PrunablePart.allCases.map(\.rawValue).joined(separator: ", "))
        }
        (self.part, self.ratio) = (part, ratio)
    }
}

extension ScoreMethod: ExpressibleByArgument {}
extension ScoreNorm: ExpressibleByArgument {}
extension ScoreNormalization: ExpressibleByArgument {}
extension PruningOptions.Scope: ExpressibleByArgument {}
extension PruningOptions.Order: ExpressibleByArgument {}
extension PruningOptions.Structure: ExpressibleByArgument {}
extension PrunablePart: ExpressibleByArgument {}
