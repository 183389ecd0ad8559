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
        var result = try cut(to: smaller, blueprint.cuts(selection))
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
        let layers = blueprint.layersByName
        var result = self
        for (group, factors) in factors.values {
            let count = blueprint.unitCount(of: group)
            guard factors.count == count, factors.allSatisfy(\.isFinite) else {
                throw VSRError(
                    .invalidArgument,
                    "\(group) has \(count) units but \(factors.count) factors, or one that is not "
                        + "finite")
            }
            for layer in group.convolutionNames(in: blueprint).compactMap({ layers[$0] }) {
                let filters = factors.repeated(to: layer.outputs)
                result.tensors[layer.weightName] = try result.weight(of: layer)
                    .scaled(outputs: filters)
                result.tensors[layer.biasName] = try result.bias(of: layer)
                    .scaled(outputs: filters)
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
    fileprivate func cuts(_ selection: AlignedSelection) -> [String: LayerCut] {
        func kept(_ group: AlignedGroup) -> [Int] { selection.kept[group] ?? [] }
        var cuts: [String: LayerCut] = [:]
        var states: [Int] = []
        for (position, branch) in branches.enumerated() {
            let trunk = kept(.trunk(branch))
            cuts[Self.firstConvolutionName(branch)] = LayerCut(
                outputs: trunk,
                inputs: Array(0..<Frame.channels) + trunk.map { Frame.channels + $0 })
            for index in self[branch].indices {
                let names = Self.blockNames(branch, index)
                let middle = kept(.middle(branch, index))
                cuts[names.conv1] = LayerCut(outputs: middle, inputs: trunk)
                cuts[names.conv2] = LayerCut(outputs: trunk, inputs: middle)
            }
            states += trunk.map { position * width + $0 }
        }
        cuts["fusion"] = LayerCut(outputs: kept(.fusion), inputs: states)
        cuts.merge(
            upsamplerCuts(
                fusion: kept(.fusion), first: kept(.upsampler(.upconv1)),
                second: kept(.upsampler(.upconv2)), refinement: kept(.upsampler(.refinement)))
        ) { $1 }
        return cuts
    }
}
