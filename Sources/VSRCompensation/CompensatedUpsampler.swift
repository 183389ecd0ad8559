import VSRCore
import VSRModel

/// The fusion, the upsampler's convolutions and the output with fewer units, each fitted to what the
/// dense network has at its place.
struct CompensatedUpsampler {
    let model: Model
    let options: CompensationOptions
    let threads: Int

    /// - Parameters:
    ///   - states: The slim network's hidden states, branch after branch, `[pixels, branches · C]`.
    ///   - denseStates: The dense network's.
    ///   - finished: Called after each layer.
    /// - Throws: `cancelled`; `corruptData` where features are not finite.
    func fitted(
        states: Features, denseStates: Features, to slim: Blueprint,
        finished: @Sendable () throws -> Void
    ) throws -> [TensorKey: ModelTensor] {
        let layers = model.blueprint.upsamplerLayers
        var tensors: [TensorKey: ModelTensor] = [:]
        func keep(_ layer: Layer, _ filter: PatchFilter) {
            (tensors[layer.weight], tensors[layer.bias]) = filter.tensors
        }
        var dense = denseStates
        var actual = states
        /// A layer refitted and applied already, because what follows it chose its units.
        var ready: PatchFilter?
        for (index, layer) in layers.enumerated() {
            let wanted = try PatchFilter(layer, of: model)(dense, threads: threads)
            let filter =
                try ready
                ?? PatchFilter(
                    fitting: layer, from: actual, to: wanted, options, threads: threads)
            ready = nil
            dense = wanted.activated(by: layer.activation).pixelShuffled(by: layer.shuffle)
            actual = filter(actual, threads: threads).activated(by: layer.activation)
                .pixelShuffled(by: layer.shuffle)
            if let units = layer.outputUnits, index + 1 < layers.count {
                let next = layers[index + 1]
                let needed = try PatchFilter(next, of: model)(dense, threads: threads)
                let (kept, following) = try PatchFilter.selecting(
                    slim.unitCount(of: units), for: next, from: actual, to: needed, options,
                    threads: threads)
                actual = actual.gathered(kept)
                ready = following
                keep(
                    layer,
                    filter.filters(
                        kept.flatMap { unit in
                            (0..<layer.filtersPerUnit).map { unit * layer.filtersPerUnit + $0 }
                        }))
            } else {
                keep(layer, filter)
            }
            try finished()
        }
        return tensors
    }
}
