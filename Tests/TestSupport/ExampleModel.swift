import VSRModel

extension Model {
    /// A small pruned network, some of whose layers are empty: what readers of files are tried on.
    public static func example() throws -> Model {
        var blueprint = Blueprint(
            direction: .bidirectional, width: 4, blocks: 2, scale: 4,
            flow: .init(widths: [2, 3, 2, 1], levels: 2))
        blueprint.forward[0] = .init(keptInputs: [], middleWidth: 2, keptOutputs: [3])
        blueprint.backward[1] = .init(keptInputs: [], middleWidth: 0, keptOutputs: [])
        blueprint.upsampler.convolutions[0].width = 0
        var model = try Model.initialized(blueprint, seed: 5)
        model.metadata = [MetadataKey.name: "a model\nof two lines"]
        return model
    }
}
