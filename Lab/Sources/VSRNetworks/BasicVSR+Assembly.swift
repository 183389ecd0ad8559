import Torch
import VSRCore
import VSRModel

extension BasicVSR {
    /// The network on the present weights, factors multiplied into them.
    ///
    /// Scaling a filter's output is scaling its weights and bias, and scaling an input channel is
    /// scaling the weights that read it, so factors cost nothing per pixel. Gradients reach weights
    /// and factors alike. To be made anew after every update.
    public func assembled() throws -> AssembledNetwork {
        var convolutions: [String: Convolution] = [:]
        for layer in blueprint.layers { convolutions[layer.name] = try convolution(layer) }
        return try AssembledNetwork(
            blueprint: blueprint, flow: flow(from: convolutions),
            trunks: trunks(from: convolutions), upsampler: upsampler(from: convolutions),
            device: device)
    }

    private func convolution(_ layer: Layer) throws -> Convolution {
        guard let bias = parameters[layer.biasName] else { throw missing(layer.biasName) }
        let weight = parameters[layer.weightName]
        guard weight != nil || layer.inputs == 0 else { throw missing(layer.weightName) }
        let scaling = blueprint.scaling(of: layer)
        let own = scaling.output.flatMap { factors[$0] } ?? filterFactors[layer.name]
        let outputs = try own.map { factor in
            scaling.filtersPerUnit == 1
                ? factor : try factor.repeated(scaling.filtersPerUnit, layer.outputs)
        }
        let inputs = scaling.input.flatMap { factors[$0] }
        var scaled = weight
        if let outputs { scaled = try scaled.map { try $0 * outputs.reshaped([-1, 1, 1, 1]) } }
        if let inputs { scaled = try scaled.map { try $0 * inputs.reshaped([1, -1, 1, 1]) } }
        return Convolution(
            weight: scaled, bias: try outputs.map { try bias * $0 } ?? bias, layer: layer)
    }

    private func missing(_ name: String) -> VSRError {
        VSRError(.notFound, "the network has no tensor \(name)")
    }

    private func flow(from convolutions: [String: Convolution]) -> SPyNet {
        let perLevel = blueprint.flow.channelChain.count - 1
        return SPyNet(
            levels: (0..<blueprint.flow.levels).map { level in
                (0..<perLevel).compactMap {
                    convolutions[Blueprint.flowLayerName(level: level, convolution: $0)]
                }
            })
    }

    private func trunks(
        from convolutions: [String: Convolution]
    ) throws -> [Blueprint.Branch: Trunk] {
        var trunks: [Blueprint.Branch: Trunk] = [:]
        for branch in blueprint.branches {
            let name = Blueprint.firstConvolutionName(branch)
            guard let first = convolutions[name] else { throw missing(name) }
            let blocks = try blueprint[branch].enumerated().map { index, block in
                let names = Blueprint.blockNames(branch, index)
                return try ResidualBlock(
                    width: blueprint.width, block: block, conv1: convolutions[names.conv1],
                    conv2: convolutions[names.conv2], device: device)
            }
            trunks[branch] = Trunk(
                first: first, blocks: blocks, negativeSlope: Double(blueprint.negativeSlope))
        }
        return trunks
    }

    private func upsampler(from convolutions: [String: Convolution]) throws -> UpsamplerStage {
        guard let fusion = convolutions["fusion"], let output = convolutions["conv_last"] else {
            throw missing("fusion")
        }
        return UpsamplerStage(
            fusion: fusion, upconv1: convolutions["upconv1"], upconv2: convolutions["upconv2"],
            refinement: convolutions["conv_hr"], output: output, scale: blueprint.scale,
            negativeSlope: Double(blueprint.negativeSlope))
    }
}

extension Tensor {
    /// `[n]` to `[n · times]`, every element `times` times in a row.
    fileprivate func repeated(_ times: Int, _ count: Int) throws -> Tensor {
        try reshaped([-1, 1]).expanded([count / times, times]).reshaped([count])
    }
}

/// The factors that scale a convolution.
private struct Scaling {
    var output: PrunableLayer?
    var input: PrunableLayer?
    var filtersPerUnit = 1
}

extension Blueprint {
    fileprivate func scaling(of layer: Layer) -> Scaling {
        switch layer.name {
        case "upconv1": return Scaling(output: .upsampler(.upconv1), filtersPerUnit: 4)
        case "upconv2": return Scaling(output: .upsampler(.upconv2), filtersPerUnit: 4)
        case "conv_hr": return Scaling(output: .upsampler(.refinement))
        default: break
        }
        // BRANCH_trunk.main.2.INDEX.conv1
        guard case .trunk(let branch) = layer.part else { return Scaling() }
        let parts = layer.name.split(separator: ".")
        guard parts.count == 5, let index = Int(parts[3]) else { return Scaling() }
        return parts[4] == "conv1"
            ? Scaling(output: .block(branch, index, .middle), input: .block(branch, index, .input))
            : Scaling(output: .block(branch, index, .output))
    }
}
