import VSRCore

/// What the layers of a network are and what follows what.
///
/// Executors, Torch networks, costs, pruning and surgery take all they know of a layer from here;
/// another kind of network is another list.
extension Blueprint {
    /// All convolutions that the network has, in layer order: trunks, upsampler, flow network.
    ///
    /// Layers without outputs are left out; layers without inputs stay, since their biases count.
    public var layers: [Layer] { layersWithEmptyOnes.filter { $0.outputs > 0 } }

    /// The same with those that have no outputs.
    public var layersWithEmptyOnes: [Layer] {
        let trunks = branches.flatMap { branch in
            [firstLayer(branch)]
                + self[branch].indices.flatMap { blockLayers(branch, $0) }
        }
        return trunks + upsamplerLayers + flowLayers
    }

    /// The layers by role.
    public var layersByRole: [Layer.Role: Layer] {
        Dictionary(layers.map { ($0.role, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// How many channels there are where blocks have all of the trunk's.
    public func count(of channels: Layer.Channels) -> Int {
        switch channels {
        case .picture: Frame.channels
        case .trunk, .fusion: width
        case .units(let units): unitCount(of: units)
        }
    }

    /// The trunk's first convolution, which reads the picture, then the hidden state.
    public func firstLayer(_ branch: Branch) -> Layer {
        var layer = Layer(
            role: .first(branch), inputs: Frame.channels + width, outputs: width, kernelSize: 3)
        layer.activation = activation
        layer.reads = [.picture, .trunk(branch)]
        layer.makes = .trunk(branch)
        return layer
    }

    /// The convolutions of a residual block, each reading what the one before gives, ones without
    /// outputs too.
    public func blockLayers(_ branch: Branch, _ index: Int) -> [Layer] {
        let block = self[branch][index]
        var first = Layer(
            role: .block(branch, index, .first), inputs: block.keptInputs.count,
            outputs: block.middleWidth, kernelSize: 3)
        first.activation = .relu
        first.inputUnits = .block(branch, index, .input)
        first.outputUnits = .block(branch, index, .middle)
        first.reads = [.trunk(branch)]
        first.makes = .units(.block(branch, index, .middle))
        var second = Layer(
            role: .block(branch, index, .second), inputs: block.middleWidth,
            outputs: block.keptOutputs.count, kernelSize: 3)
        second.inputUnits = .block(branch, index, .middle)
        second.outputUnits = .block(branch, index, .output)
        second.reads = [.units(.block(branch, index, .middle))]
        second.makes = .trunk(branch)
        return [first, second]
    }

    /// The fusion, the upsampler's convolutions and the output: each reads what the one before gives,
    /// ones without outputs too.
    public var upsamplerLayers: [Layer] {
        var fusion = Layer(
            role: .fusion, inputs: width * branches.count, outputs: width, kernelSize: 1)
        fusion.activation = activation
        fusion.reads = branches.map { .trunk($0) }
        fusion.makes = .fusion
        var layers = [fusion]
        var units: UnitGroup?
        var inputs = width
        var resolution = 1
        func append(_ layer: Layer, giving own: UnitGroup?) {
            var layer = layer
            layer.resolution = resolution
            layer.inputUnits = units
            layer.outputUnits = own
            layer.reads = [units.map { .units($0) } ?? .fusion]
            layer.makes = own.map { .units($0) }
            units = own
            layers.append(layer)
        }
        for (unit, convolution) in zip(upsampler.units, upsampler.convolutions) {
            var layer = Layer(
                role: unit.role, inputs: inputs, outputs: convolution.filters, kernelSize: 3)
            layer.shuffle = convolution.factor
            layer.activation = activation
            append(layer, giving: .upsampler(unit))
            inputs = convolution.width
            resolution *= convolution.factor
        }
        append(
            Layer(role: .output, inputs: inputs, outputs: Frame.channels, kernelSize: 3),
            giving: nil)
        return layers
    }

    /// The convolutions of the flow network, coarsest level first.
    public var flowLayers: [Layer] { (0..<flow.levels).flatMap(flowLayers) }

    /// The convolutions of one level of the flow network, each reading what the one before gives.
    public func flowLayers(level: Int) -> [Layer] {
        let widths = flow.channelChain
        return flow.kernelSizes.enumerated().map { index, kernelSize in
            var layer = Layer(
                role: .flow(level: level, convolution: index), inputs: widths[index],
                outputs: widths[index + 1], kernelSize: kernelSize)
            if index < flow.kernelSizes.count - 1 { layer.activation = .relu }
            return layer
        }
    }
}
