import VSRCore

/// Reads dense networks of other projects.
public enum ModelImport {
    /// Reads BasicVSR's weights, uni- or bidirectional, from a safetensors file or a PyTorch
    /// checkpoint of BasicSR or mmagic; the architecture follows from their shapes.
    ///
    /// - Parameter negativeSlope: Of the activations, which no such file tells: 0.1 in BasicVSR, 0
    ///   for networks trained with ReLU.
    /// - Throws: `notFound`, `io`, `corruptData`, `shapeMismatch` or `unsupported` naming file and
    ///   tensor.
    public static func read(_ path: String, negativeSlope: Float = 0.1) throws -> Model {
        let source = try WeightsFile.open(path)
        let names = try ForeignNames.network(in: source)
        let shapes = names.compactMapValues { source.shape(of: $0) }
        let blueprint = try blueprint(shapes: shapes, negativeSlope, path)
        let known = Set(blueprint.tensorShapes.keys.map(\.name))
        if let extra = names.keys.filter({ !known.contains($0) }).min() {
            throw VSRError(
                .unsupported,
                "\(path) has a tensor \(names[extra] ?? extra), which BasicVSR does not have; "
                    + "variants of it cannot be imported")
        }
        let tensors = try FlowWeights.tensors(of: blueprint.layers, names, in: source)
        return Model(
            blueprint: blueprint, tensors: tensors,
            metadata: [MetadataKey.flowOrigin: "pretrained"])
    }

    private static func blueprint(
        shapes: [String: [Int]], _ negativeSlope: Float, _ path: String
    ) throws -> Blueprint {
        func outputs(_ role: Layer.Role) -> Int? { shapes[TensorKey.weight(role).name]?.first }
        guard let width = outputs(.fusion), let first = outputs(.upconvolution(0)),
            let refinement = outputs(.refinement), (1...Blueprint.Limit.width).contains(width)
        else {
            throw VSRError(
                .unsupported,
                "\(path) lacks the fusion, upconv1 or conv_hr of a BasicVSR of at most "
                    + "\(Blueprint.Limit.width) channels")
        }
        let isBidirectional = outputs(.first(.backward)) != nil
        let second = outputs(.upconvolution(1))
        var blueprint = Blueprint(
            direction: isBidirectional ? .bidirectional : .unidirectional, width: width, blocks: 0,
            scale: second == nil ? 2 : 4,
            activation: .leakyReLU(negativeSlope: negativeSlope),
            flow: try FlowWeights.network(shapes: shapes, path: path))
        for branch in blueprint.branches {
            while blueprint[branch].count < Blueprint.Limit.blocks,
                let middle = outputs(.block(branch, blueprint[branch].count, .first))
            {
                var block = Blueprint.ResidualBlock(width: width)
                block.middleWidth = middle
                blueprint[branch].append(block)
            }
        }
        blueprint.upsampler = .init(
            widths: [first, second].compactMap { $0.map { $0 / 4 } }, refinementWidth: refinement)
        do {
            try blueprint.validate()
        } catch let error as VSRError {
            throw VSRError(.unsupported, "\(path) is no BasicVSR: \(error.message)")
        }
        return blueprint
    }
}
