import Algorithms
import Foundation
import VSRCore
import VSRModel

/// Finds how many units each layer keeps.
struct UnitSelector {
    let ranking: UnitRanking
    let blueprint: Blueprint
    let options: PruningOptions
    let alignment: Alignment
    /// What each layer has once the parts with ratios of their own have lost theirs.
    private let counts: [Int]

    init(ranking: UnitRanking, blueprint: Blueprint, options: PruningOptions) throws {
        self.ranking = ranking
        self.blueprint = blueprint
        self.options = options
        let multiple = options.alignment
        guard (1...Blueprint.Limit.width).contains(multiple) else {
            throw VSRError(
                .invalidArgument,
                "alignment is \(multiple); it must be in 1...\(Blueprint.Limit.width)")
        }
        alignment = Alignment(
            multiple: multiple, minimum: options.allowsEmptyLayers ? 0 : multiple)
        let pruned = ranking.candidates + ranking.parts.flatMap(\.candidates)
        let small = pruned.filter { ranking.counts[$0] < multiple }.map { ranking.layers[$0] }
        guard small.isEmpty else {
            throw VSRError(
                .invalidArgument,
                "\(small.listed) have fewer than \(multiple) units; choose a smaller alignment")
        }
        var counts = ranking.counts
        for part in ranking.parts {
            counts = try Self.reduced(
                counts, by: part.ratio, part.candidates, part.sequence, ranking, options, alignment)
        }
        self.counts = counts
    }

    func selection(for target: PruningTarget) throws -> UnitSelection {
        let kept =
            switch target {
            case .ratio(let share): try reduced(by: share)
            case .macs(let count): try solved(.macs) { _ in count }
            case .parameters(let count): try solved(.parameters) { _ in count }
            case .macsFraction(let share): try solved(.macs) { Int(share * Double($0)) }
            case .parametersFraction(let share):
                try solved(.parameters) { Int(share * Double($0)) }
            case .milliseconds(let time, let model): try solved(time, by: model)
            }
        return ranking.selection(keeping: kept)
    }

    /// The layers that may lose units.
    private var candidates: [UnitGroup] { ranking.candidates.map { ranking.layers[$0] } }

    /// Units that a layer keeps before rounding.
    private var minimum: Int { Self.minimum(options) }

    private static func minimum(_ options: PruningOptions) -> Int {
        options.allowsEmptyLayers ? 0 : 1
    }

    private func reduced(by share: Double) throws -> [Int] {
        try blueprint.requireOthers(share, than: options.partRatios, !candidates.isEmpty)
        return try Self.reduced(
            counts, by: share, ranking.candidates, ranking.sequence, ranking, options, alignment)
    }

    /// What layers keep once a share of the candidates' units is gone, rounded.
    private static func reduced(
        _ counts: [Int], by share: Double, _ candidates: [Int], _ sequence: [Int],
        _ ranking: UnitRanking, _ options: PruningOptions, _ alignment: Alignment
    ) throws -> [Int] {
        let minimum = minimum(options)
        var kept = counts
        if options.scope == .local {
            for layer in candidates { kept[layer] -= share.portion(of: kept[layer]) }
            let emptied = candidates.filter { kept[$0] < minimum }.map { ranking.layers[$0] }
            guard emptied.isEmpty else {
                throw VSRError(
                    .invalidArgument,
                    "ratio \(share) would empty \(emptied.listed); lower it or allow empty layers")
            }
        } else {
            let wanted = share.portion(of: sequence.count)
            let spared = ranking.spared(sequence, minimum)
            guard wanted <= spared.count else {
                throw VSRError(
                    .invalidArgument,
                    "\(wanted) of \(sequence.count) units cannot be removed, since "
                        + "\(candidates.map { ranking.layers[$0] }.listed) must keep one each; "
                        + "lower the ratio or allow empty layers")
            }
            for layer in spared.prefix(wanted) { kept[layer] -= 1 }
        }
        return aligned(kept, candidates, ranking, alignment)
    }

    /// Kept counts rounded to the alignment, where layers may lose units.
    private func aligned(_ kept: [Int]) -> [Int] {
        Self.aligned(kept, ranking.candidates, ranking, alignment)
    }

    private static func aligned(
        _ kept: [Int], _ candidates: [Int], _ ranking: UnitRanking, _ alignment: Alignment
    ) -> [Int] {
        let rounded = alignment.rounded(
            candidates.map { kept[$0] }, available: candidates.map { ranking.counts[$0] })
        var result = kept
        for (layer, count) in zip(candidates, rounded) { result[layer] = count }
        return result
    }

    /// The shortest prefix of the ranking whose cost, after rounding, is not above `limit` of the
    /// present cost.
    private func solved(
        _ measure: CountedCosts.Measure, limit: (_ present: Int) -> Int
    ) throws -> [Int] {
        let costs = try CountedCosts(blueprint, measure, at: options.frameSize)
        let limit = limit(costs.cost(keeping: ranking.counts))
        let kept = fewestGone(of: ranking.sequence(keeping: minimum)) {
            costs.cost(keeping: $0) <= limit
        }
        let cost = costs.cost(keeping: kept)
        guard cost <= limit else { throw tooSmall(measure.text(limit), measure.text(cost)) }
        return kept
    }

    /// The same for a time, the units that save most of it among the first to go.
    private func solved(_ time: Double, by model: LatencyModel) throws -> [Int] {
        let costs = LatencyCosts(blueprint, model)
        let work = try CountedCosts(blueprint, .macs, at: options.frameSize)
        let sequence = ranking.sequence(
            keeping: minimum, from: counts, costs, work, options)
        let kept = fewestGone(of: sequence) { costs.milliseconds(keeping: $0) <= time }
        let reached = costs.milliseconds(keeping: kept)
        guard reached <= time else {
            throw tooSmall(
                String(format: "%.1f ms per frame", time),
                String(format: "%.1f ms, of which %.1f cannot be pruned", reached, model.fixed))
        }
        return kept
    }

    private func tooSmall(_ limit: String, _ reached: String) -> VSRError {
        VSRError(
            .invalidArgument,
            "the network cannot shrink to \(limit): with "
                + (candidates.isEmpty
                    ? "all parts pruned by ratios of their own it has \(reached); raise these"
                    : "\(candidates.listed) at their smallest it still has \(reached); choose a "
                        + "larger target, a smaller alignment or allow empty layers"))
    }

    /// What the layers keep, rounded, after the shortest prefix that fits, or after all.
    private func fewestGone(of sequence: [Int], fits: ([Int]) -> Bool) -> [Int] {
        let length =
            options.alignment == 1 ? bisected(sequence, fits: fits) : scanned(sequence, fits: fits)
        return rounded(sequence.prefix(length))
    }

    /// What the layers keep once the units of a prefix are gone.
    private func rounded(_ prefix: ArraySlice<Int>) -> [Int] {
        var kept = counts
        for layer in prefix { kept[layer] -= 1 }
        return aligned(kept)
    }

    /// The shortest prefix that fits, or the whole; without rounding costs only fall.
    private func bisected(_ sequence: [Int], fits: ([Int]) -> Bool) -> Int {
        (0..<sequence.count).partitioningIndex { fits(rounded(sequence.prefix($0))) }
    }

    /// The same where rounding may let the cost rise from one prefix to the next.
    private func scanned(_ sequence: [Int], fits: ([Int]) -> Bool) -> Int {
        var kept = counts
        for (length, layer) in sequence.enumerated() {
            if fits(aligned(kept)) { return length }
            kept[layer] -= 1
        }
        return sequence.count
    }
}

extension Double {
    /// The floor of this share of `count`; the product's rounding error does not count, so that 0.3
    /// of 10 is 3.
    func portion(of count: Int) -> Int {
        let product = self * Double(count)
        return Int((product + 4 * product.ulp).rounded(.down))
    }
}

extension [UnitGroup] {
    /// A few of the layers by name, and how many more.
    var listed: String {
        let shown = prefix(6).map(\.description).joined(separator: ", ")
        let noun = count == 1 ? "layer" : "layers"
        return count > 6 ? "\(noun) \(shown) and \(count - 6) more" : "\(noun) \(shown)"
    }
}
