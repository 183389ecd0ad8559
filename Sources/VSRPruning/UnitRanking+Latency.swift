extension UnitRanking {
    /// Rounds in which the order is renewed for what the layers then keep.
    private static let rounds = 64

    /// ``sequence(keeping:)`` for a target of time: units wait whose removal saves less time than
    /// its operations promise.
    ///
    /// A unit's key is its score divided by its layer's yield: the share of the prunable time that
    /// one unit less saves, by the share of the operations, at most 1. Layers that save more than
    /// they promise gain nothing by it: a layer that has lost much would then lose the rest, too.
    /// Only ranks by smallest scores across the network are changed so.
    ///
    /// - Parameter present: What the layers have at first: all, but where parts have lost theirs.
    func sequence(
        keeping minimum: Int, from present: [Int]? = nil, _ time: LatencyCosts,
        _ work: CountedCosts, _ options: PruningOptions
    ) -> [Int] {
        guard options.scope == .global, options.order == .min else {
            return sequence(keeping: minimum)
        }
        var kept = present ?? counts
        var result: [Int] = []
        let all = candidates.reduce(0) { $0 + max(kept[$1] - minimum, 0) }
        let batch = max(all / Self.rounds, 1)
        while result.count < all {
            let yields = yields(keeping: kept, minimum, time, work)
            var next = candidates.flatMap { layer in
                let gone = order[layer].count - kept[layer]
                return order[layer].dropFirst(gone).prefix(max(kept[layer] - minimum, 0))
                    .map { (key: keys[layer][$0] / yields[layer], layer: layer, unit: $0) }
            }
            next.sort { ($0.key, $0.layer, $0.unit) < ($1.key, $1.layer, $1.unit) }
            for unit in next.prefix(batch) {
                kept[unit.layer] -= 1
                result.append(unit.layer)
            }
        }
        return result
    }

    /// What one unit less saves in each layer: its share of the time by its share of the
    /// operations, at most 1.
    private func yields(
        keeping kept: [Int], _ minimum: Int, _ time: LatencyCosts, _ work: CountedCosts
    ) -> [Double] {
        let allTime = time.prunableTime(keeping: kept)
        let allWork = Double(max(work.cost(keeping: kept), 1))
        return kept.indices.map { layer in
            guard kept[layer] > minimum, allTime > 0 else { return 1 }
            var less = kept
            less[layer] -= 1
            let saved = (allTime - time.prunableTime(keeping: less)) / allTime
            let freed = (allWork - Double(work.cost(keeping: less))) / allWork
            return freed > 0 ? min(max(saved / freed, 1e-6), 1) : 1
        }
    }
}
