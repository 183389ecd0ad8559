import VSRCore
import VSRModel

extension Model {
    /// The narrower dense network of the kept filters: equal to this one with the factors of all
    /// others at 0.
    ///
    /// Its metadata say which of the trunks' channels it kept, counted in the first network where
    /// this one was narrowed before.
    ///
    /// - Throws: `unsupported` for networks that are not dense, `invalidArgument` where the
    ///   selection does not fit, `notFound` or `shapeMismatch` naming a tensor.
    public func keeping(_ selection: AlignedSelection) throws -> Model {
        try blueprint.requireAlignable()
        try selection.validate(for: blueprint)
        let smaller = blueprint.narrowed(to: selection.kept.mapValues(\.count))
        try smaller.validate()
        var result = try cut(to: smaller) { blueprint.cut(of: $0, by: selection) }
        let kept = selection.keptChannels(in: blueprint)
        let composed = try keptChannels()?.followed(by: kept) ?? kept
        result.metadata[MetadataKey.keptChannels] = try composed.json()
        return result
    }

    /// The same function without factors: each is multiplied into the filters that it acts on.
    ///
    /// - Throws: as ``keeping(_:)``.
    public func folding(_ factors: AlignedFactors) throws -> Model {
        try blueprint.requireAlignable()
        let layers = blueprint.layersByRole
        var result = self
        for (group, factors) in factors.values {
            let count = blueprint.unitCount(of: group)
            guard factors.count == count, factors.allSatisfy(\.isFinite) else {
                throw VSRError(
                    .invalidArgument,
                    "\(group) has \(count) units but \(factors.count) factors, or one that is not "
                        + "finite")
            }
            for layer in group.roles(in: blueprint).compactMap({ layers[$0] }) {
                try result.scale(filtersOf: layer, by: factors)
            }
        }
        return result
    }
}

extension AlignedSelection {
    /// Checks that the network has the filters that are kept, and that some are kept everywhere.
    ///
    /// - Throws: `invalidArgument` naming the group.
    public func validate(for blueprint: Blueprint) throws {
        let width = kept[.fusion]?.count ?? 0
        for group in blueprint.alignedGroups {
            let count = blueprint.unitCount(of: group)
            let indices = kept[group] ?? []
            let ascends = zip(indices, indices.dropFirst()).allSatisfy(<)
            guard let first = indices.first, let last = indices.last, ascends, first >= 0,
                last < count, !group.isTrunkWide || indices.count == width
            else {
                throw VSRError(
                    .invalidArgument,
                    "the selection keeps \(indices.count) of the \(count) units of \(group); it "
                        + "must keep ascending ones, as many in \(group) as in other trunks")
            }
        }
    }
}

extension AlignedSelection {
    /// The trunks' channels that are kept.
    public func keptChannels(in blueprint: Blueprint) -> KeptChannels {
        let kept = blueprint.branches.map { ($0, self.kept[.trunk($0)] ?? []) }
        return KeptChannels(
            width: blueprint.width,
            indices: Dictionary(kept, uniquingKeysWith: { first, _ in first }))
    }
}

extension Blueprint {
    fileprivate func cut(of layer: Layer, by selection: AlignedSelection) -> LayerCut {
        let outputs = AlignedGroup(filtersOf: layer).map { group in
            layer.filters(of: selection.kept[group] ?? [])
        }
        guard !layer.reads.isEmpty else { return LayerCut(outputs: outputs) }
        var inputs: [Int] = []
        var start = 0
        for channels in layer.reads {
            let count = count(of: channels)
            let kept = AlignedGroup(channels).map { selection.kept[$0] ?? [] }
            inputs += (kept ?? Array(0..<count)).map { start + $0 }
            start += count
        }
        return LayerCut(outputs: outputs, inputs: inputs)
    }
}
