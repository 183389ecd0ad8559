import VSRCore
import VSRModel

/// What is removed where the filters before a pixel-shuffle go one by one, without regard to the
/// groups that the shuffle makes channels of.
///
/// Kept filters k₀ < k₁ < … are shuffled in their order: channel u of the new network is made of
/// k₄ᵤ to k₄ᵤ₊₃ (where four make one), which were of different channels and places before. The next
/// convolution reads it by its weights for the old channel of k₄ᵤ; those differ for all u. Where whole
/// groups stay, this is the network that loses the other groups.
///
/// Source: the variant SSL2 of Xia et al., CVPR 2023, Tab. 2; which weights the next convolution
/// keeps, the paper does not say.
public struct UngroupedSelection: Sendable, Hashable {
    /// The units that go elsewhere.
    public let units: UnitSelection
    /// Indices of the filters that go, ascending, for each group of units that a pixel-shuffle makes;
    /// as many as whole groups have.
    public let filters: [UnitGroup: [Int]]

    public init(units: UnitSelection, filters: [UnitGroup: [Int]]) {
        self.units = units
        self.filters = filters.filter { !$0.value.isEmpty }.mapValues { Set($0).sorted() }
    }

    /// As many units of every layer as in a free structure; before a pixel-shuffle the filters that
    /// go first by themselves.
    ///
    /// - Parameter filterScores: One score for each filter before a pixel-shuffle.
    /// - Throws: as the selection of a free structure; `invalidArgument` where scores are missing.
    public init(
        _ scores: UnitScores, filters filterScores: [UnitGroup: [Double]], of blueprint: Blueprint,
        to target: PruningTarget, options: PruningOptions
    ) throws {
        let grouped = try UnitSelection(scores, of: blueprint, to: target, options: options)
        var removed = grouped.removed
        var filters: [UnitGroup: [Int]] = [:]
        // Another stream than that of the units.
        var random = SeededGenerator(seed: options.seed).fork(1)
        for layer in blueprint.shufflingLayers {
            guard let group = layer.outputUnits, let units = removed.removeValue(forKey: group)
            else { continue }
            let scores = filterScores[group] ?? []
            guard scores.count == layer.outputs, !scores.contains(where: \.isNaN) else {
                throw VSRError(
                    .invalidArgument,
                    "layer \(group) has \(layer.outputs) filters but \(scores.count) scores, or one "
                        + "that is not a number; score the model that is to be pruned")
            }
            let keys: [Double] =
                switch options.order {
                case .min: scores
                case .max: scores.map { -$0 }
                case .random: scores.map { _ in Double(random.next() >> 11) }
                }
            let order = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
            filters[group] = Array(order.prefix(units.count * layer.filtersPerUnit))
        }
        self.init(units: UnitSelection(removed: removed), filters: filters)
    }

    /// A selection of whole groups that leaves the same widths.
    func grouped(in blueprint: Blueprint) -> UnitSelection {
        var removed = units.removed
        for layer in blueprint.shufflingLayers {
            guard let group = layer.outputUnits, let filters = filters[group] else { continue }
            removed[group] = Array(0..<filters.count / layer.filtersPerUnit)
        }
        return UnitSelection(removed: removed)
    }

    /// The filters of a layer that stay, ascending.
    func kept(of layer: Layer) -> [Int] {
        let gone = Set(layer.outputUnits.flatMap { filters[$0] } ?? [])
        return (0..<layer.outputs).filter { !gone.contains($0) }
    }

    /// Checks that the network has what is to be removed.
    ///
    /// - Throws: `invalidArgument` naming the layer.
    public func validate(for blueprint: Blueprint) throws {
        try units.validate(for: blueprint)
        let layers = blueprint.shufflingLayers
        for (group, indices) in filters.sorted(by: { $0.key < $1.key }) {
            guard let layer = layers.first(where: { $0.outputUnits == group }),
                let first = indices.first, let last = indices.last, first >= 0,
                last < layer.outputs, indices.count.isMultiple(of: layer.filtersPerUnit),
                units.removed[group] == nil
            else {
                throw VSRError(
                    .invalidArgument,
                    "the selection removes \(indices.count) single filters of layer \(group), which "
                        + "are not as many as whole groups of this network's; was it made for "
                        + "another model?")
            }
        }
    }
}

extension UngroupedSelection: Codable {
    private enum CodingKeys: String, CodingKey { case removed, filters }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            units: try UnitSelection(from: decoder),
            filters: try container.decode([UnitGroup: [Int]].self, forKey: .filters))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(units.removed, forKey: .removed)
        try container.encode(filters, forKey: .filters)
    }
}

extension Blueprint {
    /// The convolutions that a pixel-shuffle follows.
    public var shufflingLayers: [Layer] { layers.filter { $0.shuffle > 1 } }
}

extension Model {
    /// The network without the selected units and filters.
    ///
    /// - Throws: `invalidArgument` where the selection does not fit, `notFound` or `shapeMismatch`
    ///   naming a tensor.
    public func removing(_ selection: UngroupedSelection) throws -> Model {
        try selection.validate(for: blueprint)
        let smaller = try blueprint.removing(selection.grouped(in: blueprint))
        let shuffling = Dictionary(
            blueprint.shufflingLayers.compactMap { layer in layer.outputUnits.map { ($0, layer) } },
            uniquingKeysWith: { first, _ in first })
        return try cut(to: smaller) { layer in
            func kept(_ units: UnitGroup) -> [Int] {
                selection.units.kept(in: units, of: blueprint.unitCount(of: units))
            }
            return LayerCut(
                outputs: layer.outputUnits.map {
                    layer.shuffle > 1 ? selection.kept(of: layer) : kept($0)
                },
                inputs: layer.inputUnits.map { units in
                    guard let before = shuffling[units] else { return kept(units) }
                    let filters = selection.kept(of: before)
                    return stride(from: 0, to: filters.count, by: before.filtersPerUnit).map {
                        filters[$0] / before.filtersPerUnit
                    }
                })
        }
    }
}
