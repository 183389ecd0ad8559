import VSRCore

/// Pretrained weights of a flow network.
public enum FlowWeights {
    /// Reads SPyNet's weights from a safetensors file or a PyTorch checkpoint of BasicSR or mmagic,
    /// alone or within a BasicVSR; the tensors have our names.
    ///
    /// - Throws: `notFound`, `io`, `corruptData`, `shapeMismatch` or `unsupported` naming file and
    ///   tensor.
    public static func read(_ path: String) throws -> [String: ModelTensor] {
        let source = try WeightsFile.open(path)
        let names = try ForeignNames.flow(in: source)
        var shapes: [String: [Int]] = [:]
        for (ours, theirs) in names { shapes[ours] = source.shape(of: theirs) }
        let network = try network(shapes: shapes, path: path)
        let layers = Blueprint(direction: .unidirectional, width: 1, blocks: 0, flow: network)
            .flowLayers
        return try tensors(of: layers, names, in: source)
    }

    /// The shape of the flow network that the tensors belong to.
    ///
    /// - Throws: `corruptData` where they are no flow network's.
    public static func network(of tensors: [String: ModelTensor]) throws -> Blueprint.FlowNetwork {
        try network(shapes: tensors.mapValues(\.shape), path: "the flow weights")
    }

    static func network(
        shapes: [String: [Int]], path: String
    ) throws -> Blueprint.FlowNetwork {
        func weightShape(_ level: Int, _ convolution: Int) -> [Int]? {
            shapes["\(Blueprint.flowLayerName(level: level, convolution: convolution)).weight"]
        }
        var levels = 0
        while weightShape(levels, 0) != nil { levels += 1 }
        let widths = (0..<4).compactMap { weightShape(0, $0)?.first }
        let network = Blueprint.FlowNetwork(widths: widths, levels: levels)
        var blueprint = Blueprint(direction: .unidirectional, width: 1, blocks: 0)
        blueprint.flow = network
        do {
            try blueprint.validate()
        } catch let error as VSRError {
            throw VSRError(.corruptData, "\(path) is no flow network: \(error.message)")
        }
        return network
    }

    /// The tensors of `layers` from a file that has other names.
    static func tensors(
        of layers: [Layer], _ names: [String: String], in source: any TensorSource
    ) throws -> [String: ModelTensor] {
        var result: [String: ModelTensor] = [:]
        for layer in layers {
            for (ours, shape) in [
                (layer.weightName, layer.weightShape), (layer.biasName, layer.biasShape),
            ] {
                guard let theirs = names[ours], let found = source.shape(of: theirs) else {
                    throw VSRError(
                        .corruptData, "\(source.path) has no tensor \(ours), or what stands for it")
                }
                guard found == shape else {
                    throw VSRError(
                        .shapeMismatch,
                        "tensor \(theirs) of \(source.path) has shape \(found) where \(shape) "
                            + "belongs")
                }
                result[ours] = try source.tensor(theirs)
            }
        }
        return result
    }
}

extension Model {
    /// The model with another, pretrained flow network.
    ///
    /// - Parameter weights: As ``FlowWeights/read(_:)`` gives them.
    /// - Throws: `corruptData` where they are no flow network's.
    public func replacingFlow(with weights: [String: ModelTensor]) throws -> Model {
        var result = self
        for layer in blueprint.flowLayers {
            result.tensors[layer.weightName] = nil
            result.tensors[layer.biasName] = nil
        }
        result.blueprint.flow = try FlowWeights.network(of: weights)
        result.tensors.merge(weights) { $1 }
        result.metadata[MetadataKey.flowOrigin] = "pretrained"
        try result.validate()
        return result
    }
}
