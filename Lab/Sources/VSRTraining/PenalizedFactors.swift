import Torch
import VSRCore
import VSRModel
import VSRNetworks
import VSRPruning

/// The scaling factors of one layer, and which of them are driven to zero.
struct PenalizedFactors {
    /// The layer's name in the log.
    let name: String
    /// One per unit, `[units]`.
    let factors: Tensor
    /// The units that are to go.
    var chosen: [Int] { rounds.flatMap(\.units) }
    /// What each round has chosen, first to last, and 1 for these units, 0 for the others.
    private let rounds: [(units: [Int], mask: Tensor)]

    /// - Parameter chosen: The units that each round has chosen; no two choose the same.
    init(name: String, factors: Tensor, chosen: [[Int]]) throws {
        self.name = name
        self.factors = factors
        rounds = try chosen.map { units in
            var mask = [Float](repeating: 0, count: factors.count)
            for unit in units { mask[unit] = 1 }
            return (units, try Tensor(mask, device: factors.device))
        }
    }

    /// The factors of all layers, in the same order at any time.
    ///
    /// In an aligned structure every convolution of a group has factors of its own, and the same
    /// units of all of them are chosen.
    /// - Parameter removals: What is to go after each round, each with all of the one before.
    static func all(
        of network: BasicVSR, for removals: [PruningSelection]
    ) throws -> [PenalizedFactors] {
        let free = removals.compactMap { removal in
            if case .free(let units) = removal { units } else { nil }
        }
        guard free.count < removals.count else {
            return try network.factors.sorted { $0.key < $1.key }.map { layer, factors in
                var before: Set<Int> = []
                let chosen = free.map { removal in
                    let units = removal.removed(in: layer)
                    defer { before = Set(units) }
                    return units.filter { !before.contains($0) }
                }
                return try PenalizedFactors(name: "\(layer)", factors: factors, chosen: chosen)
            }
        }
        let blueprint = network.blueprint
        if case .ungrouped(let removal)? = removals.last {
            return try all(of: network, for: [.free(removal.units)])
                + blueprint.shufflingLayers.map { layer in
                    let filters = layer.outputUnits.flatMap { removal.filters[$0] } ?? []
                    return try PenalizedFactors(
                        name: layer.name, factors: network.factors(onFiltersOf: layer.role),
                        chosen: [filters])
                }
        }
        guard case .aligned(let removal)? = removals.last else { return [] }
        return try blueprint.alignedGroups.flatMap { group in
            let chosen = removal.removed(in: group, of: blueprint.unitCount(of: group))
            return try group.roles(in: blueprint).map { role in
                try PenalizedFactors(
                    name: role.name, factors: network.factors(onFiltersOf: role), chosen: [chosen])
            }
        }
    }

    /// The sum of squares of the factors that round `round` has chosen, a scalar; `nil` where it
    /// has chosen none.
    func chosenSquares(ofRound round: Int) throws -> Tensor? {
        guard rounds.indices.contains(round), !rounds[round].units.isEmpty else { return nil }
        return try (factors * rounds[round].mask).square().sum()
    }

    /// The present means of the factors that are chosen and of the others.
    func means() throws -> (chosen: Mean, kept: Mean) {
        let removed = Set(chosen)
        var means = (chosen: Mean(), kept: Mean())
        for (unit, factor) in try factors.floats().enumerated() {
            if removed.contains(unit) {
                means.chosen.add(Double(factor))
            } else {
                means.kept.add(Double(factor))
            }
        }
        return means
    }
}

extension BasicVSR {
    /// - Throws: `notFound` naming a convolution that has none.
    fileprivate func factors(onFiltersOf role: Layer.Role) throws -> Tensor {
        if let factors = filterFactors[role] { return factors }
        throw VSRError(.notFound, "the network has no factors for \(role.name)")
    }
}

extension Blueprint {
    /// The convolutions whose filters have factors, and how many; all other units have one each but
    /// in an aligned structure.
    func filterUnits(_ structure: PruningOptions.Structure) -> [Layer.Role: Int] {
        switch structure {
        case .free: [:]
        case .aligned: alignedFilterUnits
        case .ungrouped:
            Dictionary(
                shufflingLayers.map { ($0.role, $0.outputs) },
                uniquingKeysWith: { first, _ in first })
        }
    }

    /// The convolutions of an aligned structure's groups, and how many units each has.
    var alignedFilterUnits: [Layer.Role: Int] {
        let units = alignedGroups.flatMap { group in
            group.roles(in: self).map { ($0, unitCount(of: group)) }
        }
        return Dictionary(units, uniquingKeysWith: { first, _ in first })
    }
}

/// A running mean.
struct Mean {
    private var sum = 0.0
    private var count = 0

    mutating func add(_ value: Double) {
        sum += value
        count += 1
    }

    mutating func add(_ other: Mean) {
        sum += other.sum
        count += other.count
    }

    /// `nil` of nothing.
    var value: Double? { count > 0 ? sum / Double(count) : nil }
}
