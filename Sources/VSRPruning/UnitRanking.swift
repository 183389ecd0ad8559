import VSRCore
import VSRModel

/// The units of a network in the order in which they are to go.
///
/// Within a layer the units always go in this order, so a selection is determined by how many each
/// layer keeps.
struct UnitRanking {
    /// The groups in layer order; other members refer to them by position.
    let layers: [UnitGroup]

    /// What the units of each layer are sorted by, ascending.
    let keys: [[Double]]

    /// The units of each layer, first to go first.
    let order: [[Int]]

    /// Positions of the layers that a ratio or target lets lose units.
    let candidates: [Int]

    /// Positions of the layers that lose a unit, one after another, over all candidates.
    let sequence: [Int]

    /// Parts that lose shares of their own.
    let parts: [Part]

    /// A part, and its ``candidates`` and ``sequence``.
    struct Part {
        let ratio: Double
        let candidates: [Int]
        let sequence: [Int]
    }

    /// - Throws: `invalidArgument` where the scores do not fit.
    init(
        _ scores: UnitScores, blueprint: Blueprint, options: PruningOptions,
        after earlier: UnitSelection = UnitSelection()
    ) throws {
        let ratios = options.partRatios
        try blueprint.requireParts(options.excluded, ratios: ratios)
        let layers = blueprint.unitGroups
        self.layers = layers
        let named = options.excluded + ratios.sorted.map(\.part)
        candidates = layers.indices.filter { index in
            !named.contains { $0.contains(layers[index]) }
        }
        var keys = try Self.keys(scores, blueprint, options)
        for (index, layer) in layers.enumerated() {
            for unit in earlier.removed(in: layer) { keys[index][unit] = -.infinity }
        }
        let orders = keys.map { keys in
            keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
        }
        order = orders
        self.keys = keys
        func sequence(of candidates: [Int]) -> [Int] {
            var units = candidates.flatMap { layer in
                let order = orders[layer]
                return order.enumerated().map { rank, unit in
                    // Locally, every layer has lost the same share of its units at any time.
                    let key =
                        options.scope == .global
                        ? keys[layer][unit] : Double(rank + 1) / Double(order.count)
                    return (key: key, layer: layer, unit: unit)
                }
            }
            units.sort { ($0.key, $0.layer, $0.unit) < ($1.key, $1.layer, $1.unit) }
            return units.map(\.layer)
        }
        self.sequence = sequence(of: candidates)
        parts = ratios.sorted.map { part, ratio in
            let own = layers.indices.filter { part.contains(layers[$0]) }
            return Part(ratio: ratio, candidates: own, sequence: sequence(of: own))
        }
    }

    /// What the units are sorted by, ascending.
    private static func keys(
        _ scores: UnitScores, _ blueprint: Blueprint, _ options: PruningOptions
    ) throws -> [[Double]] {
        var random = SeededGenerator(seed: options.seed)
        if options.order != .random { try scores.validate(for: blueprint) }
        let scores = scores.normalized(options.normalization)
        return blueprint.unitGroups.map { layer in
            let values = scores.values[layer] ?? []
            return switch options.order {
            case .min: values
            case .max: values.map { -$0 }
            case .random:
                (0..<blueprint.unitCount(of: layer)).map { _ in Double(random.next() >> 11) }
            }
        }
    }

    /// The units that each layer has.
    var counts: [Int] { order.map(\.count) }

    /// ``sequence`` without the units that a layer needs to keep `minimum`; the next in rank take
    /// their place.
    func sequence(keeping minimum: Int) -> [Int] { spared(sequence, minimum) }

    /// A sequence without the units that a layer needs to keep `minimum`.
    func spared(_ sequence: [Int], _ minimum: Int) -> [Int] {
        var kept = counts
        return sequence.filter { layer in
            guard kept[layer] > minimum else { return false }
            kept[layer] -= 1
            return true
        }
    }

    /// The selection that leaves each layer the given number of units.
    func selection(keeping kept: [Int]) -> UnitSelection {
        let removed = zip(order, kept).map { order, kept in
            Array(order.prefix(order.count - kept))
        }
        return UnitSelection(
            removed: Dictionary(zip(layers, removed), uniquingKeysWith: { first, _ in first }))
    }
}
