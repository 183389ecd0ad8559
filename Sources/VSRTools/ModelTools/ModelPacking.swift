import VSRCore
import VSRModel

/// Rewriting of a model file for those who will use it: how weights are stored, what is said of them.
public struct ModelPacking: Sendable {
    /// How weights are stored; `nil` leaves a model file's weights as they are, bit for bit.
    ///
    /// float16 halves the file and rounds each weight to 11 bits.
    public var storage: WeightStorage?

    /// What replaces or joins the model's metadata.
    public var metadata: [String: String]

    public init(storage: WeightStorage? = nil, metadata: [String: String] = [:]) {
        self.storage = storage
        self.metadata = metadata
    }

    /// Reads a model and writes it anew; the output appears whole or not at all.
    ///
    /// - Returns: The model as it now lies in the file, its weights rounded, and what was assumed of
    ///   a file of another project.
    /// - Throws: What reading and writing throw; `invalidArgument` where float16 cannot hold a weight.
    public func pack(_ reference: ModelReference, to output: String) throws -> ModelReference.Loaded
    {
        var loaded = try reference.load()
        if storage == nil, try !reference.isForeign() {
            try ModelFile.setMetadata(metadata, of: reference.path, to: output)
        } else {
            loaded.model.metadata.merge(metadata) { _, new in new }
            try ModelFile.write(loaded.model, to: output, storage: storage ?? .float32)
        }
        loaded.model = try ModelFile.read(output)
        return loaded
    }
}
