import VSRModel

/// The importance of the tied filters of an aligned structure: the sum over the tied layers of
/// each filter's L1 score.
public struct AlignedScores: Sendable, Equatable {
    public var values: [AlignedGroup: [Double]]

    public init(values: [AlignedGroup: [Double]]) { self.values = values }

    /// - Throws: `notFound` or `shapeMismatch` naming a tensor, `unsupported` for networks that are
    ///   not dense.
    public init(l1Of model: Model, norm: ScoreNorm = .mean) throws {
        try model.blueprint.requireAlignable()
        let layers = model.blueprint.layersByRole
        values = [:]
        for group in model.blueprint.alignedGroups {
            let count = model.blueprint.unitCount(of: group)
            var total = Array(repeating: 0.0, count: count)
            for layer in group.roles(in: model.blueprint).compactMap({ layers[$0] }) {
                let weight = try model.weight(of: layer)
                let sums = weight.absoluteSumsByOutput().sums(ofGroups: layer.filtersPerUnit)
                let owned = norm == .mean ? Double(weight.values.count / count) : 1
                for unit in 0..<count { total[unit] += sums[unit] / owned }
            }
            values[group] = total
        }
    }
}

/// One scaling factor for each tied filter of an aligned structure; it acts on the outputs of all
/// its layers, biases included.
public struct AlignedFactors: Sendable, Equatable {
    public var values: [AlignedGroup: [Float]]

    public init(values: [AlignedGroup: [Float]]) { self.values = values }

    /// All factors 1.
    public init(onesFor blueprint: Blueprint) {
        values = Dictionary(
            blueprint.alignedGroups.map {
                ($0, Array(repeating: 1, count: blueprint.unitCount(of: $0)))
            }, uniquingKeysWith: { first, _ in first })
    }

    /// 0 for the units that the selection does not keep, 1 for the others.
    public init(switchingOff selection: AlignedSelection, in blueprint: Blueprint) {
        values = Dictionary(
            blueprint.alignedGroups.map { group in
                let kept = Set(selection.kept[group] ?? [])
                let count = blueprint.unitCount(of: group)
                return (group, (0..<count).map { kept.contains($0) ? 1 : 0 })
            }, uniquingKeysWith: { first, _ in first })
    }
}
