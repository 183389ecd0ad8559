import Algorithms
import Foundation
import VSRCore
import VSRModel

/// The filters that an aligned structure keeps: what makes a narrower dense network.
public struct AlignedSelection: Sendable, Equatable {
    /// Kept indices of every group, ascending; the trunk-wide groups keep equally many.
    public let kept: [AlignedGroup: [Int]]

    public init(kept: [AlignedGroup: [Int]]) { self.kept = kept }

    /// The same ratio everywhere, the least important first.
    ///
    /// At a ratio p every group of n loses `floor(p · n)`. For costs, which then jump by several
    /// percent, the groups that may differ in width (middle filters, upsampler) keep one more or
    /// one less in order of importance, so that the cost comes as near the target as it can.
    /// - Parameters:
    ///   - excluded: What stays as it is.
    ///   - ratios: Parts whose groups lose shares of their own.
    /// - Throws: `unsupported` for networks that are not dense, `invalidArgument` for targets that
    ///   empty a group or cannot be met.
    public init(
        pruning model: Model, to target: PruningTarget, norm: ScoreNorm = .mean,
        excluding excluded: [PrunablePart] = [], partRatios ratios: PartRatios = [:],
        frameSize: FrameSize = Blueprint.referenceFrameSize
    ) throws {
        let scores = try AlignedScores(l1Of: model, norm: norm)
        try self.init(
            scores, of: model.blueprint, to: target, excluding: excluded, partRatios: ratios,
            frameSize: frameSize)
    }

    /// The same with given scores.
    public init(
        _ scores: AlignedScores, of blueprint: Blueprint, to target: PruningTarget,
        excluding excluded: [PrunablePart] = [], partRatios ratios: PartRatios = [:],
        frameSize: FrameSize = Blueprint.referenceFrameSize
    ) throws {
        try target.validate()
        try blueprint.requireAlignable()
        try blueprint.requireParts(excluded, ratios: ratios)
        let solver = try AlignedSolver(scores, blueprint, excluded, ratios, frameSize)
        if case .ratio(let share) = target {
            try blueprint.requireOthers(share, than: ratios, solver.isCandidate.contains(true))
        }
        let counts =
            switch target {
            case .ratio(let share): try solver.counts(atRatio: share)
            case .macs(let count): try solver.counts(nearest: Double(count), of: .macs)
            case .parameters(let count): try solver.counts(nearest: Double(count), of: .parameters)
            case .macsFraction(let share): try solver.counts(share, of: .macs)
            case .parametersFraction(let share): try solver.counts(share, of: .parameters)
            case .milliseconds(let time, let model):
                try solver.counts(nearest: time, of: .milliseconds(model))
            }
        kept = solver.kept(counts)
    }
}

/// Finds how many units each group keeps.
private struct AlignedSolver {
    /// What a target is of.
    enum Measure {
        case macs, parameters
        case milliseconds(LatencyModel)

        func callAsFunction(_ blueprint: Blueprint, at size: FrameSize) -> Double {
            switch self {
            case .macs: Double(blueprint.costs(at: size).macs)
            case .parameters: Double(blueprint.costs(at: size).parameters)
            case .milliseconds(let model): model.milliseconds(of: blueprint)
            }
        }

        func text(_ amount: Double) -> String {
            switch self {
            case .macs: CountedCosts.Measure.macs.text(Int(amount))
            case .parameters: CountedCosts.Measure.parameters.text(Int(amount))
            case .milliseconds: String(format: "%.1f ms per frame", amount)
            }
        }
    }

    let blueprint: Blueprint
    let frameSize: FrameSize
    let groups: [AlignedGroup]
    let available: [Int]
    /// Whether a ratio or target lets a group lose units.
    let isCandidate: [Bool]
    /// What each group has once the parts with ratios of their own have lost theirs.
    let present: [Int]
    let scores: [[Double]]
    /// The units of each group, least important first.
    let order: [[Int]]

    init(
        _ scores: AlignedScores, _ blueprint: Blueprint, _ excluded: [PrunablePart],
        _ ratios: PartRatios, _ frameSize: FrameSize
    ) throws {
        self.blueprint = blueprint
        self.frameSize = frameSize
        groups = blueprint.alignedGroups
        available = groups.map(blueprint.unitCount)
        let named = excluded + ratios.sorted.map(\.part)
        isCandidate = groups.map { group in !named.contains { $0.contains(group) } }
        present = try zip(groups, available).map { group, count in
            guard let (part, ratio) = ratios.sorted.first(where: { $0.part.contains(group) })
            else { return count }
            let kept = count - ratio.portion(of: count)
            guard kept > 0 else {
                throw VSRError(
                    .invalidArgument,
                    "ratio \(ratio) of \(part.rawValue) would empty \(group); choose a smaller one")
            }
            return kept
        }
        self.scores = groups.map { scores.values[$0] ?? [] }
        for (index, group) in groups.enumerated() {
            let found = self.scores[index]
            guard found.count == available[index], !found.contains(where: \.isNaN) else {
                throw VSRError(
                    .invalidArgument,
                    "\(group) has \(available[index]) units but \(found.count) scores, or one "
                        + "that is not a number; score the model that is to be pruned")
            }
        }
        order = self.scores.map { scores in
            scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
        }
    }

    func kept(_ counts: [Int]) -> [AlignedGroup: [Int]] {
        let kept = zip(order, counts).map { $0.suffix($1).sorted() }
        return Dictionary(zip(groups, kept), uniquingKeysWith: { first, _ in first })
    }

    func counts(atRatio share: Double) throws -> [Int] {
        let counts = uniform(share)
        guard let empty = counts.firstIndex(where: { $0 < 1 }) else { return counts }
        throw VSRError(
            .invalidArgument, "ratio \(share) would empty \(groups[empty]); choose a smaller one")
    }

    func counts(_ share: Double, of measure: Measure) throws -> [Int] {
        try counts(nearest: share * cost(available, measure), of: measure)
    }

    /// Uniform ratios on both sides of the target, then single units of the groups that are free.
    func counts(nearest target: Double, of measure: Measure) throws -> [Int] {
        let ratios = uniformRatios
        let low = ratios.partitioningIndex { cost(uniform($0), measure) <= target }
        guard low < ratios.count else {
            let least = cost(uniform(ratios.last ?? 0), measure)
            throw VSRError(
                .invalidArgument,
                "no aligned structure is as small as \(measure.text(target)); the smallest "
                    + "that keeps one unit of each group has \(measure.text(least))")
        }
        var candidates = steps(from: uniform(ratios[low]), by: 1) {
            cost($0, measure) <= target
        }
        if low > 0 {
            candidates += steps(from: uniform(ratios[low - 1]), by: -1) {
                cost($0, measure) >= target
            }
        }
        let distances = candidates.map { abs(cost($0, measure) - target) }
        let best = distances.indices.min { (distances[$0], $0) < (distances[$1], $1) }
        return best.map { candidates[$0] } ?? present
    }

    /// All shares at which some group loses one more unit, ascending, from none to the last at
    /// which every group keeps one.
    private var uniformRatios: [Double] {
        let shares = Set(zip(available, isCandidate).filter(\.1).map(\.0)).flatMap { count in
            (0..<count).map { Double($0) / Double(count) }
        }
        return Set(shares + [0]).filter { uniform($0).allSatisfy { $0 > 0 } }.sorted()
    }

    private func uniform(_ share: Double) -> [Int] {
        zip(present, isCandidate).map { $1 ? $0 - share.portion(of: $0) : $0 }
    }

    /// `counts`, then with one more free group after another changed by `change`, the group whose
    /// unit at stake matters most (least) first; a change that crosses the target is listed, but
    /// the following ones do without it.
    private func steps(
        from counts: [Int], by change: Int, isOnThisSide: ([Int]) -> Bool
    ) -> [[Int]] {
        let free = groups.indices.filter { index in
            isCandidate[index] && !groups[index].isTrunkWide
                && (1...available[index]).contains(counts[index] + change)
        }
        func score(_ group: Int) -> Double {
            let removed = available[group] - counts[group]
            return scores[group][order[group][change > 0 ? removed - 1 : removed]]
        }
        let ranked = free.sorted {
            change > 0
                ? (score($1), $0) < (score($0), $1) : (score($0), $0) < (score($1), $1)
        }
        var result = [counts]
        var current = counts
        for group in ranked {
            var next = current
            next[group] += change
            result.append(next)
            if isOnThisSide(next) { current = next }
        }
        return result
    }

    private func cost(_ counts: [Int], _ measure: Measure) -> Double {
        let counts = Dictionary(zip(groups, counts), uniquingKeysWith: { first, _ in first })
        return measure(blueprint.narrowed(to: counts), at: frameSize)
    }
}

extension Blueprint {
    /// The dense network with these widths.
    func narrowed(to counts: [AlignedGroup: Int]) -> Blueprint {
        let width = counts[.fusion] ?? self.width
        var result = Blueprint(
            direction: direction, width: width, blocks: 0, scale: scale,
            activation: activation, flow: flow)
        for branch in branches {
            result[branch] = self[branch].indices.map { index in
                var block = ResidualBlock(width: width)
                block.middleWidth = counts[.middle(branch, index)] ?? block.middleWidth
                return block
            }
        }
        result.upsampler = upsampler.withWidths { counts[.upsampler($0)] ?? $1 }
        return result
    }
}
