import VSRCore
import VSRModel

extension Model {
    /// This network, which was cut out of a larger one, with its weights refitted by least squares to
    /// what that one computes on a few clips, layer after layer, without training.
    ///
    /// All widths stay, whatever they are: of blocks any inputs, middle filters and outputs, of the
    /// upsampler any units. Each layer is fitted to what the dense network has at its place, from what
    /// this one gives before it; what the data leave open stays as near to the present weights as the
    /// ridge asks. The flow network stays.
    ///
    /// - Parameters:
    ///   - dense: The network that this one was cut out of, or was before training changed it.
    ///   - kept: The middle filters of blocks and the units of the upsampler that this network has, as
    ///     the dense one counts them, ascending; all where a group is missing.
    /// - Throws: `invalidArgument` where this network is not what the dense one becomes by `kept`, or
    ///   there are no clips; `notFound` or `shapeMismatch` naming a tensor or frame, `corruptData`
    ///   where features are not finite, `cancelled`.
    public func refitted(
        to dense: Model, keeping kept: [UnitGroup: [Int]], on clips: [CalibrationClip],
        options: CompensationOptions = CompensationOptions()
    ) throws -> Model {
        try requireCut(of: dense.blueprint, kept)
        let fit = Refit(slim: self, dense: dense, kept: kept, options: options)
        var result = self
        let tensors = try dense.fitted(on: clips, options: options) {
            branch, inputs, threads, finished in
            try fit.branch(branch, inputs, threads, finished)
        } upsampler: { states, denseStates, threads, finished in
            try fit.upsampler(states, denseStates, threads, finished)
        }
        result.tensors.merge(tensors) { _, new in new }
        return result
    }

    private func requireCut(of dense: Blueprint, _ kept: [UnitGroup: [Int]]) throws {
        guard blueprint.direction == dense.direction, blueprint.scale == dense.scale,
            blueprint.width == dense.width, blueprint.activation == dense.activation,
            blueprint.flow == dense.flow,
            dense.branches.allSatisfy({ blueprint[$0].count == dense[$0].count }),
            blueprint.upsampler.units == dense.upsampler.units
        else {
            throw VSRError(
                .invalidArgument,
                "the network to be refitted was not cut out of the dense one, which has another "
                    + "direction, scale, width, number of blocks, upsampler or flow network: name the "
                    + "network that was pruned")
        }
        for group in dense.unitGroups where !group.isTrunkSide {
            let count = dense.unitCount(of: group)
            let found = kept[group] ?? Array(0..<count)
            let left = blueprint.unitCount(of: group)
            // What nothing reads any more is gone, whatever was kept.
            let fits = left == 0 || left == found.count
            let ascends = zip(found, found.dropFirst()).allSatisfy(<)
            guard fits, ascends, found.allSatisfy((0..<count).contains) else {
                throw VSRError(
                    .invalidArgument,
                    "\(group) keeps \(found.count) of \(count) units, but the network to be refitted "
                        + "has \(left): give the selection by which it was pruned")
            }
        }
        for branch in dense.branches {
            for (index, (own, large)) in zip(blueprint[branch], dense[branch]).enumerated() {
                guard Set(own.keptInputs).isSubset(of: large.keptInputs),
                    Set(own.keptOutputs).isSubset(of: large.keptOutputs)
                else {
                    throw VSRError(
                        .invalidArgument,
                        "block \(index) of the \(branch) trunk has channels that the dense network's "
                            + "has not: name the network that was pruned")
                }
            }
        }
    }
}

extension UnitGroup {
    /// Whether the units are channels of the trunk that a block reads or adds to.
    fileprivate var isTrunkSide: Bool {
        switch self {
        case .block(_, _, let unit): unit != .middle
        case .upsampler: false
        }
    }
}

/// Fits the layers of a network to those of the dense one.
struct Refit: Sendable {
    let slim: Model
    let dense: Model
    let kept: [UnitGroup: [Int]]
    let options: CompensationOptions

    /// A branch's first convolution and blocks.
    ///
    /// - Parameter inputs: What the branch reads, the picture and the warped state, `[pixels, 3 + C]`.
    func branch(
        _ branch: Blueprint.Branch, _ inputs: Features, _ threads: Int,
        _ finished: @Sendable () throws -> Void
    ) throws -> CompensatedBranch.Result {
        var tensors: [TensorKey: ModelTensor] = [:]
        let parent = CompensatedBranch(
            model: dense, branch: branch, options: options, threads: threads)
        let first = slim.blueprint.firstLayer(branch)
        let wanted = try PatchFilter(first, of: dense)(inputs, threads: threads)
        var actual = try fitted(first, from: inputs, to: wanted, threads, &tensors)
            .activated(by: first.activation)
        var state = wanted.activated(by: first.activation)
        for (index, block) in dense.blueprint[branch].enumerated() {
            if !block.isDropped {
                let wanted = try parent.denseBlock(
                    dense.blueprint.blockLayers(branch, index), block, state)
                try fitBlock(branch, index, &actual, wanted, threads, &tensors)
                state = wanted.output
            }
            try finished()
        }
        return CompensatedBranch.Result(tensors: tensors, states: actual, denseStates: state)
    }

    /// The first convolution is fitted to what the dense one's kept filters give before the
    /// activation, the second to what the trunk lacks after the block.
    private func fitBlock(
        _ branch: Blueprint.Branch, _ index: Int, _ actual: inout Features,
        _ wanted: (middle: Features, output: Features), _ threads: Int,
        _ tensors: inout [TensorKey: ModelTensor]
    ) throws {
        let block = slim.blueprint[branch][index]
        guard !block.isDropped else { return }
        let layers = slim.blueprint.blockLayers(branch, index)
        var middle = wanted.middle.gathered([])
        if layers[0].outputs > 0 {
            let units = kept[.block(branch, index, .middle)]
            middle = try fitted(
                layers[0], from: actual.gathered(block.keptInputs),
                to: units.map(wanted.middle.gathered) ?? wanted.middle, threads, &tensors
            ).activated(by: layers[0].activation)
        }
        let missing = wanted.output.gathered(block.keptOutputs).subtracting(
            actual.gathered(block.keptOutputs))
        let change = try fitted(layers[1], from: middle, to: missing, threads, &tensors)
        actual.add(change, to: block.keptOutputs)
    }

    /// The fusion, the upsampler's convolutions and the output.
    func upsampler(
        _ states: Features, _ denseStates: Features, _ threads: Int,
        _ finished: @Sendable () throws -> Void
    ) throws -> [TensorKey: ModelTensor] {
        var tensors: [TensorKey: ModelTensor] = [:]
        var (actual, wanted) = (states, denseStates)
        for (layer, own) in zip(dense.blueprint.upsamplerLayers, slim.blueprint.upsamplerLayers) {
            let given = try PatchFilter(layer, of: dense)(wanted, threads: threads)
            var result = given.gathered([])
            if own.outputs > 0 {
                let filters = layer.outputUnits.flatMap { kept[$0] }?.flatMap { unit in
                    (0..<layer.filtersPerUnit).map { unit * layer.filtersPerUnit + $0 }
                }
                result = try fitted(
                    own, from: actual, to: filters.map(given.gathered) ?? given, threads, &tensors)
            }
            actual = result.activated(by: layer.activation).pixelShuffled(by: layer.shuffle)
            wanted = given.activated(by: layer.activation).pixelShuffled(by: layer.shuffle)
            try finished()
        }
        return tensors
    }

    /// What a layer gives once it is fitted; its tensors are noted.
    private func fitted(
        _ layer: Layer, from features: Features, to targets: Features, _ threads: Int,
        _ tensors: inout [TensorKey: ModelTensor]
    ) throws -> Features {
        let present = try PatchFilter(layer, of: slim).matrix
        let equations = NormalEquations(
            from: features, kernel: layer.kernelSize, to: targets, threads: threads)
        let solution = try equations.solution(
            ridge: options.ridge,
            prior: Matrix(
                rows: present.rows, columns: present.columns,
                values: present.values.map(Double.init)))
        let filter = PatchFilter(layer, inputs: features.channels, solution)
        (tensors[layer.weight], tensors[layer.bias]) = filter.tensors
        return filter(features, threads: threads)
    }
}
