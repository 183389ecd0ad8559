import VSRCore
import VSRModel
import VSRRuntime

/// The blocks of one branch with fewer middle filters, each fitted to what the dense branch has at
/// its place.
struct CompensatedBranch {
    let model: Model
    let branch: Blueprint.Branch
    let options: CompensationOptions
    let threads: Int

    struct Result: Sendable {
        var tensors: [TensorKey: ModelTensor]
        var states: Features
        var denseStates: Features
    }

    /// - Parameters:
    ///   - inputs: What the branch reads, the picture and the warped state, `[pixels, 3 + C]`.
    ///   - slim: The architecture to be reached.
    ///   - finished: Called after each block.
    /// - Throws: `cancelled`; `corruptData` where features are not finite.
    func fitted(
        _ inputs: Features, to slim: Blueprint, finished: @Sendable () throws -> Void
    ) throws -> Result {
        let first = model.blueprint.firstLayer(branch)
        var dense = try PatchFilter(first, of: model)(inputs, threads: threads)
            .activated(by: first.activation)
        var actual = dense
        var tensors: [TensorKey: ModelTensor] = [:]
        for (index, block) in model.blueprint[branch].enumerated() where !block.isDropped {
            let layers = model.blueprint.blockLayers(branch, index)
            let wanted = try denseBlock(layers, block, dense)
            let fit = try fitBlock(
                layers, block, actual, wanted, count: slim[branch][index].middleWidth)
            for (layer, filter) in zip(layers, [fit.first, fit.second]) {
                (tensors[layer.weight], tensors[layer.bias]) = filter.tensors
            }
            actual.add(fit.change, to: block.keptOutputs)
            dense = wanted.output
            try finished()
        }
        return Result(tensors: tensors, states: actual, denseStates: dense)
    }

    /// What a dense block has inside and makes of the trunk.
    func denseBlock(
        _ layers: [Layer], _ block: Blueprint.ResidualBlock, _ dense: Features
    ) throws -> (middle: Features, output: Features) {
        let middle = try PatchFilter(layers[0], of: model)(
            dense.gathered(block.keptInputs), threads: threads)
        let change = try PatchFilter(layers[1], of: model)(
            middle.activated(by: layers[0].activation), threads: threads)
        var output = dense
        output.add(change, to: block.keptOutputs)
        return (middle, output)
    }

    /// The first convolution is fitted to the dense one's values before the activation, the second
    /// to what the trunk lacks after the block, which corrects earlier blocks' errors too.
    private func fitBlock(
        _ layers: [Layer], _ block: Blueprint.ResidualBlock, _ actual: Features,
        _ wanted: (middle: Features, output: Features), count: Int
    ) throws -> (first: PatchFilter, second: PatchFilter, change: Features) {
        let read = actual.gathered(block.keptInputs)
        let first = try PatchFilter(
            fitting: layers[0], from: read, to: wanted.middle, options, threads: threads)
        let middle = first(read, threads: threads).activated(by: layers[0].activation)
        let missing = wanted.output.gathered(block.keptOutputs).subtracting(
            actual.gathered(block.keptOutputs))
        let (kept, second) = try PatchFilter.selecting(
            count, for: layers[1], from: middle, to: missing, options, threads: threads)
        return (
            first.filters(kept), second, second(middle.gathered(kept), threads: threads)
        )
    }
}

extension PatchFilter {
    /// The filter of `layer` that gives `targets` from `features` with the least error.
    init(
        fitting layer: Layer, from features: Features, to targets: Features,
        _ options: CompensationOptions, threads: Int
    ) throws {
        let equations = NormalEquations(
            from: features, kernel: layer.kernelSize, to: targets, threads: threads)
        self.init(
            layer, inputs: features.channels, try equations.solution(ridge: options.ridge))
    }

    /// The filter of a solution.
    init(_ layer: Layer, inputs: Int, _ solution: Matrix<Double>) {
        self.init(
            kernel: layer.kernelSize, inputs: inputs,
            matrix: Matrix(
                rows: solution.rows, columns: solution.columns,
                values: solution.values.map(Float.init)))
    }

    /// The channels of `features` that `layer` needs most to give `targets`, and its filter on them.
    static func selecting(
        _ count: Int, for layer: Layer, from features: Features, to targets: Features,
        _ options: CompensationOptions, threads: Int
    ) throws -> (kept: [Int], filter: PatchFilter) {
        let equations = NormalEquations(
            from: features, kernel: layer.kernelSize, to: targets, threads: threads)
        let taps = layer.kernelSize * layer.kernelSize
        let kept = try equations.kept(
            count, of: features.channels, taps: taps, ridge: options.ridge)
        let places =
            (0..<taps).flatMap { tap in kept.map { tap * features.channels + $0 } }
            + [features.channels * taps]
        let solution = try equations.restricted(to: places).solution(ridge: options.ridge)
        return (kept, PatchFilter(layer, inputs: kept.count, solution))
    }
}
