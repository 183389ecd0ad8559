import VSRCore
import VSRModel

/// Rewriting of a model file for those who will use it: how weights are stored, what is said of them.
public struct ModelPacking: Sendable {
    /// How weights are stored; float16 halves the file and rounds each weight to 11 bits.
    public var storage: WeightStorage

    /// What replaces or joins the model's metadata.
    public var metadata: [String: String]

    public init(storage: WeightStorage = .float32, metadata: [String: String] = [:]) {
        self.storage = storage
        self.metadata = metadata
    }

    /// Reads a model and writes it anew; the output appears whole or not at all.
    ///
    /// - Returns: The model as it now lies in the file, its weights rounded.
    /// - Throws: What reading and writing throw; `invalidArgument` where float16 cannot hold a weight.
    public func pack(_ reference: ModelReference, to output: String) throws -> Model {
        var model = try reference.read()
        model.metadata.merge(metadata) { _, new in new }
        try ModelFile.write(model, to: output, storage: storage)
        return try ModelFile.read(output)
    }
}
