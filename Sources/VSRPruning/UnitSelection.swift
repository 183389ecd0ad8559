import VSRCore
import VSRModel

/// Which units of a network are to be removed.
public struct UnitSelection: Sendable, Hashable, Codable {
    /// Indices of the removed units, ascending, each once; layers that keep everything are absent.
    public let removed: [UnitGroup: [Int]]

    public init(removed: [UnitGroup: [Int]] = [:]) {
        self.removed = removed.filter { !$0.value.isEmpty }.mapValues { Set($0).sorted() }
    }

    private enum CodingKeys: String, CodingKey { case removed }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(removed: try container.decode([UnitGroup: [Int]].self, forKey: .removed))
    }

    /// Units removed in all.
    public var removedCount: Int { removed.values.reduce(0) { $0 + $1.count } }

    public func removed(in group: UnitGroup) -> [Int] { removed[group] ?? [] }

    /// The units of `layer` that stay, of `count`, ascending.
    public func kept(in layer: UnitGroup, of count: Int) -> [Int] {
        guard let removed = removed[layer] else { return Array(0..<count) }
        let gone = Set(removed)
        return (0..<count).filter { !gone.contains($0) }
    }

    /// Checks that the network has the units to be removed.
    ///
    /// - Throws: `invalidArgument` naming the layer and the index.
    public func validate(for blueprint: Blueprint) throws {
        for (layer, indices) in removed.sorted(by: { $0.key < $1.key }) {
            let count = blueprint.unitCount(of: layer)
            guard let first = indices.first, let last = indices.last, first < 0 || last >= count
            else { continue }
            throw VSRError(
                .invalidArgument,
                "the selection removes unit \(first < 0 ? first : last) of layer \(layer), which "
                    + "has \(count) units in this network; was it made for another model?")
        }
    }
}

extension Blueprint {
    /// The network without the selected units, in canonical form: what can no longer influence the
    /// output is gone too.
    ///
    /// - Throws: `invalidArgument` where the selection does not fit.
    public func removing(_ selection: UnitSelection) throws -> Blueprint {
        try selection.validate(for: self)
        var result = self
        for branch in branches {
            result[branch] = self[branch].enumerated().map { index, block in
                block.removing(selection) { .block(branch, index, $0) }
            }
        }
        result.upsampler =
            upsampler.withWidths { unit, width in
                width - selection.removed(in: .upsampler(unit)).count
            }.canonical
        return result
    }
}

extension Blueprint.ResidualBlock {
    fileprivate func removing(
        _ selection: UnitSelection, layer: (UnitGroup.BlockUnit) -> UnitGroup
    ) -> Blueprint.ResidualBlock {
        let inputs = selection.kept(in: layer(.input), of: keptInputs.count)
        let outputs = selection.kept(in: layer(.output), of: keptOutputs.count)
        return Blueprint.ResidualBlock(
            keptInputs: inputs.map { keptInputs[$0] },
            middleWidth: middleWidth - selection.removed(in: layer(.middle)).count,
            keptOutputs: outputs.map { keptOutputs[$0] }
        ).canonical
    }
}
