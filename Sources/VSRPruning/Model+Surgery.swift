import VSRCore
import VSRModel

/// Which filters of a convolution stay, and which of its inputs.
struct LayerCut {
    var outputs: [Int]
    var inputs: [Int]
}

extension Model {
    /// The network without the selected units: equal to this one with their factors at 0.
    ///
    /// - Throws: `invalidArgument` where the selection does not fit, `notFound` or `shapeMismatch`
    ///   naming a tensor.
    public func removing(_ selection: UnitSelection) throws -> Model {
        try cut(to: try blueprint.removing(selection), blueprint.cuts(selection))
    }

    /// The network of another blueprint, whose layers are cut out of this one's.
    func cut(to smaller: Blueprint, _ cuts: [String: LayerCut]) throws -> Model {
        var result = Model(blueprint: smaller, tensors: [:], metadata: metadata)
        let sources = blueprint.layersByName
        for layer in smaller.layers {
            guard let source = sources[layer.name] else {
                throw VSRError(
                    .notFound, "the model has no layer \(layer.name) to cut a smaller one from")
            }
            let weight = try self.weight(of: source)
            let bias = try self.bias(of: source)
            guard let cut = cuts[layer.name] else {
                result.tensors[layer.weightName] = weight
                result.tensors[layer.biasName] = bias
                continue
            }
            // A layer whose sources are all gone keeps its bias alone, whatever was listed.
            let inputs = layer.inputs == 0 ? [] : cut.inputs
            result.tensors[layer.weightName] = weight.slice(
                outputs: cut.outputs, inputs: inputs)
            result.tensors[layer.biasName] = bias.slice(outputs: cut.outputs)
        }
        return result
    }
}

extension Blueprint {
    /// What the selection leaves of each convolution that it touches.
    fileprivate func cuts(_ selection: UnitSelection) -> [String: LayerCut] {
        func kept(_ layer: PrunableLayer) -> [Int] {
            selection.kept(in: layer, of: unitCount(of: layer))
        }
        var cuts: [String: LayerCut] = [:]
        for branch in branches {
            for index in self[branch].indices {
                let names = Self.blockNames(branch, index)
                let middle = kept(.block(branch, index, .middle))
                cuts[names.conv1] = LayerCut(
                    outputs: middle, inputs: kept(.block(branch, index, .input)))
                cuts[names.conv2] = LayerCut(
                    outputs: kept(.block(branch, index, .output)), inputs: middle)
            }
        }
        cuts.merge(
            upsamplerCuts(
                fusion: Array(0..<width), first: kept(.upsampler(.upconv1)),
                second: kept(.upsampler(.upconv2)), refinement: kept(.upsampler(.refinement)))
        ) { $1 }
        return cuts
    }

    /// The cuts that keep the given channels after fusion, first and second pixel-shuffle and
    /// refinement.
    func upsamplerCuts(
        fusion: [Int], first: [Int], second: [Int], refinement: [Int]
    ) -> [String: LayerCut] {
        var cuts = [
            "upconv1": LayerCut(outputs: first.shuffleFilters, inputs: fusion),
            "conv_hr": LayerCut(outputs: refinement, inputs: scale == 4 ? second : first),
            "conv_last": LayerCut(outputs: Array(0..<Frame.channels), inputs: refinement),
        ]
        if scale == 4 {
            cuts["upconv2"] = LayerCut(outputs: second.shuffleFilters, inputs: first)
        }
        return cuts
    }
}

extension [Int] {
    /// The four filters of each pixel-shuffle group.
    fileprivate var shuffleFilters: [Int] { flatMap { 4 * $0..<4 * $0 + 4 } }
}
