import Torch
import VSRCore
import VSRModel

extension BasicVSR {
    /// The network on the present weights, factors multiplied into them.
    ///
    /// Scaling a filter's output is scaling its weights and bias, and scaling an input channel is
    /// scaling the weights that read it, so factors cost nothing per pixel. Gradients reach weights
    /// and factors alike. To be made anew after every update.
    ///
    /// - Parameter convolutions: Winograd's algorithm is refused under autocast, and not used on other
    ///   devices than the CPU.
    public func assembled(
        convolutions: ConvolutionMethod = .direct
    ) throws -> AssembledNetwork {
        let method = device == .cpu ? convolutions : .direct
        return try AssembledNetwork(
            blueprint: blueprint,
            flow: SPyNet(
                shape: blueprint.flow,
                levels: (0..<blueprint.flow.levels).map {
                    try operations(blueprint.flowLayers(level: $0), method)
                }),
            trunks: Dictionary(
                blueprint.branches.map { ($0, try trunk($0, method)) },
                uniquingKeysWith: { first, _ in first }),
            upsampler: Upsampler(
                layers: operations(blueprint.upsamplerLayers, method), scale: blueprint.scale),
            device: device)
    }

    private func trunk(
        _ branch: Blueprint.Branch, _ method: ConvolutionMethod
    ) throws -> Trunk {
        Trunk(
            first: try operation(blueprint.firstLayer(branch), method),
            blocks: try blueprint[branch].enumerated().map { index, block in
                try ResidualBlock(
                    width: blueprint.width, block: block,
                    layers: operations(blueprint.blockLayers(branch, index), method),
                    device: device)
            })
    }

    private func operations(
        _ layers: [Layer], _ method: ConvolutionMethod
    ) throws -> [LayerOperation] {
        try layers.map { try operation($0, method) }
    }

    private func operation(
        _ layer: Layer, _ method: ConvolutionMethod
    ) throws -> LayerOperation {
        var weight = parameters[layer.weight]
        var bias = parameters[layer.bias]
        if let factor = try outputFactor(of: layer) {
            let perFilter = try factor.reshaped([-1, 1, 1, 1])
            weight = try weight.map { try $0 * perFilter }
            bias = try bias.map { try $0 * factor }
        }
        if let factor = layer.inputUnits.flatMap({ $0.role == layer.role ? factors[$0] : nil }) {
            let perInput = try factor.reshaped([1, -1, 1, 1])
            weight = try weight.map { try $0 * perInput }
        }
        return try LayerOperation(
            layer: layer, weight: weight, bias: bias, convolutions: method)
    }

    /// One factor for each filter, `[outputs]`; `nil` where there are none.
    private func outputFactor(of layer: Layer) throws -> Tensor? {
        let ofUnits = layer.outputUnits.flatMap { factors[$0] }
        guard let factor = ofUnits ?? filterFactors[layer.role] else { return nil }
        guard factor.count < layer.outputs else { return factor }
        return try factor.repeated(layer.filtersPerUnit, layer.outputs)
    }
}

extension Tensor {
    /// `[n]` to `[n · times]`, every element `times` times in a row.
    fileprivate func repeated(_ times: Int, _ count: Int) throws -> Tensor {
        try reshaped([-1, 1]).expanded([count / times, times]).reshaped([count])
    }
}
