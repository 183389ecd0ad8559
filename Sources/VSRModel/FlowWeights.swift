import VSRCore

/// Pretrained weights of a flow network.
public enum FlowWeights {
    /// Reads SPyNet's weights from a safetensors file or a PyTorch checkpoint of BasicSR or mmagic,
    /// alone or within a BasicVSR.
    ///
    /// - Throws: `notFound`, `io`, `corruptData`, `shapeMismatch` or `unsupported` naming file and
    ///   tensor.
    public static func read(_ path: String) throws -> [TensorKey: ModelTensor] {
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
    /// - Throws: `corruptData` where they are not those of a flow network.
    public static func network(of tensors: [TensorKey: ModelTensor]) throws -> Blueprint.FlowNetwork
    {
        let shapes = tensors.map { ($0.key.name, $0.value.shape) }
        return try network(
            shapes: Dictionary(shapes, uniquingKeysWith: { first, _ in first }),
            path: "the flow weights")
    }

    static func network(
        shapes: [String: [Int]], path: String
    ) throws -> Blueprint.FlowNetwork {
        func weightShape(_ level: Int, _ convolution: Int) -> [Int]? {
            shapes[TensorKey.weight(.flow(level: level, convolution: convolution)).name]
        }
        var levels = 0
        while weightShape(levels, 0) != nil { levels += 1 }
        guard levels > 0 else {
            let first = TensorKey.weight(.flow(level: 0, convolution: 0)).name
            throw VSRError(
                .corruptData,
                "\(path) has no flow network: it lacks the tensor \(first), or what stands for it")
        }
        var convolutions: [[Int]] = []
        while let shape = weightShape(0, convolutions.count) { convolutions.append(shape) }
        let network = Blueprint.FlowNetwork(
            widths: convolutions.dropLast().map { $0.first ?? 0 }, levels: levels,
            kernelSizes: convolutions.map { $0.last ?? 0 })
        var blueprint = Blueprint(direction: .unidirectional, width: 1, blocks: 0)
        blueprint.flow = network
        do {
            try blueprint.validate()
        } catch let error as VSRError {
            throw VSRError(.corruptData, "\(path) is not a flow network: \(error.message)")
        }
        return network
    }

    /// The tensors of `layers` from a file that has other names.
    static func tensors(
        of layers: [Layer], _ names: [String: String], in source: any TensorSource
    ) throws -> [TensorKey: ModelTensor] {
        var result: [TensorKey: ModelTensor] = [:]
        for layer in layers {
            for (key, shape) in layer.tensors {
                let ours = key.name
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
                result[key] = try source.tensor(theirs)
            }
        }
        return result
    }
}

extension Model {
    /// The model with another, pretrained flow network.
    ///
    /// Frames are reduced for it as they are for the model's own; of weights for whole frames the
    /// finest levels are then left out.
    ///
    /// - Parameter weights: As ``FlowWeights/read(_:)`` gives them.
    /// - Throws: `corruptData` where they are not those of a flow network.
    public func replacingFlow(with weights: [TensorKey: ModelTensor]) throws -> Model {
        let own = blueprint.flow
        let found = try FlowWeights.network(of: weights)
        var result = self
        for layer in blueprint.flowLayers {
            for (key, _) in layer.tensors { result.tensors[key] = nil }
        }
        result.blueprint.flow = found
        result.tensors.merge(weights) { $1 }
        if found.levels == own.levels + own.reduction.trailingZeroBitCount {
            result = try result.reducingFlow(by: own.reduction)
        } else {
            result.blueprint.flow.reduction = own.reduction
        }
        result.metadata[MetadataKey.flowOrigin] = "pretrained"
        try result.validate()
        return result
    }
}
