import VSRCore

/// Keys of a model's metadata that the toolkit itself uses.
public enum MetadataKey {
    /// The blueprint's compact JSON; in files only, a ``Model`` holds it as a value.
    public static let blueprint = "slimvsr.blueprint"
    /// The version of the file's layout; in files only.
    public static let format = "slimvsr.format"
    /// One line that names the model for people.
    public static let name = "slimvsr.name"
    /// What it was trained on, with licenses.
    public static let data = "slimvsr.data"
    /// The license of the weights.
    public static let license = "slimvsr.license"
    /// Where weights of another project are from: a package, a page.
    public static let source = "slimvsr.source"
    /// How the weights came about: configuration, parent, iterations.
    public static let history = "slimvsr.history"
    /// The degradation that it was trained for: `BI`, `BD` or `BD-DUF`.
    public static let degradation = "slimvsr.degradation"
    /// How the flow network started: `pretrained` or `scratch`; only pretrained weights are frozen
    /// and trained at a reduced rate.
    public static let flowOrigin = "slimvsr.flow"
    /// Which trunk channels of a dense network a narrower one kept: ``KeptChannels`` as JSON.
    public static let keptChannels = "slimvsr.keptChannels"
}

/// Model files: safetensors with the blueprint as metadata.
public enum ModelFile {
    /// The layout that this version writes, and the only one that it reads.
    public static let format = "1"

    /// Reads a whole model; every tensor that the blueprint calls for, and no other, with its
    /// shape and finite values.
    ///
    /// - Throws: `notFound`, `io`, `corruptData`, `shapeMismatch` or `unsupported`, naming file and
    ///   tensor or key.
    public static func read(_ path: String) throws -> Model {
        let file = try SafetensorsFile(path: path)
        let blueprint = try blueprint(in: file)
        var model = Model(blueprint: blueprint, tensors: [:], metadata: file.metadata)
        model.metadata[MetadataKey.blueprint] = nil
        model.metadata[MetadataKey.format] = nil
        let expected = blueprint.tensorShapes.map { (key: $0, name: $0.name, shape: $1) }
        try checkNames(
            of: file,
            against: Dictionary(
                expected.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first }))
        for (key, name, shape) in expected {
            guard let found = file.shape(of: name) else { continue }
            guard found == shape else {
                throw VSRError(
                    .shapeMismatch,
                    "tensor \(name) of \(path) has shape \(found) where its blueprint calls for "
                        + "\(shape)")
            }
            model.tensors[key] = try file.tensor(name)
        }
        return model
    }

    /// The architecture alone, without reading any weights.
    public static func readBlueprint(_ path: String) throws -> Blueprint {
        try blueprint(in: try SafetensorsFile(path: path))
    }

    /// Writes a model; the file appears whole or not at all, and equal models give equal files.
    ///
    /// - Throws: `notFound` or `shapeMismatch` where a tensor is missing or wrong,
    ///   `invalidArgument` for weights that are not finite or exceed the storage, `io`.
    public static func write(
        _ model: Model, to path: String, storage: WeightStorage = .float32
    ) throws {
        try model.validate()
        var metadata = model.metadata
        metadata[MetadataKey.blueprint] = try model.blueprint.json()
        metadata[MetadataKey.format] = format
        let tensors = model.blueprint.layers.flatMap(\.tensors)
            .compactMap { key, _ in model.tensors[key].map { (name: key.name, tensor: $0) } }
            .filter { !$0.tensor.values.isEmpty }
        try SafetensorsWriter.write(tensors, metadata: metadata, to: path, storage: storage)
    }

    /// Sets keys of a model file's metadata and leaves everything else as it is stored, weights bit
    /// for bit and in their own precision.
    ///
    /// - Parameters:
    ///   - entries: What is set; other keys keep their values.
    ///   - path: The model file.
    ///   - output: The file to be written, which may be `path` itself; it appears whole or not at
    ///     all.
    /// - Throws: `invalidArgument` for the keys of the blueprint and the layout, `notFound`, `io`,
    ///   `corruptData` or `unsupported` naming the file.
    public static func setMetadata(
        _ entries: [String: String], of path: String, to output: String
    ) throws {
        for key in [MetadataKey.blueprint, MetadataKey.format] where entries[key] != nil {
            throw VSRError(
                .invalidArgument,
                "the metadata key \(key) says how \(path) is laid out: it cannot be set")
        }
        let file = try SafetensorsFile(path: path)
        _ = try blueprint(in: file)
        try file.write(metadata: file.metadata.merging(entries) { _, new in new }, to: output)
    }

    private static func blueprint(in file: SafetensorsFile) throws -> Blueprint {
        guard let json = file.metadata[MetadataKey.blueprint] else {
            throw VSRError(
                .unsupported,
                "\(file.path) has no metadata \(MetadataKey.blueprint), so it is not a model file; "
                    + "slimvsr import makes one of weights of other projects")
        }
        let found = file.metadata[MetadataKey.format] ?? "nothing"
        guard found == format else {
            throw VSRError(
                .unsupported,
                "\(file.path) has layout \(found) where this version reads \(format); use the "
                    + "version of slimvsr that wrote it, or a newer one")
        }
        do {
            return try Blueprint(json: json)
        } catch let error as VSRError {
            throw VSRError(error.code, "\(file.path): \(error.message)", cause: error.cause)
        }
    }

    private static func checkNames(of file: SafetensorsFile, against shapes: [String: [Int]]) throws
    {
        let names = Set(file.names)
        let missing = shapes.filter { !$0.value.contains(0) && !names.contains($0.key) }.keys.min()
        if let missing {
            throw VSRError(
                .corruptData,
                "\(file.path) has no tensor \(missing), which its blueprint calls for")
        }
        guard let extra = file.names.first(where: { shapes[$0] == nil }) else { return }
        throw VSRError(
            .corruptData,
            "\(file.path) has a tensor \(extra), which its blueprint does not call for")
    }
}

extension Model {
    /// Checks that blueprint and tensors belong together.
    ///
    /// - Throws: `invalidArgument` (blueprint, values that are not finite), `notFound` or
    ///   `shapeMismatch` naming the tensor.
    public func validate() throws {
        try blueprint.validate()
        let shapes = blueprint.tensorShapes
        for (key, shape) in blueprint.layers.flatMap(\.tensors) {
            let tensor = try tensor(key, shape: shape)
            guard let index = tensor.firstNonFinite else { continue }
            throw VSRError(
                .invalidArgument,
                "tensor \(key.name) holds \(tensor.values[index]) at element \(index); weights "
                    + "must be finite")
        }
        guard let extra = tensors.keys.filter({ shapes[$0] == nil }).map(\.name).min() else {
            return
        }
        throw VSRError(
            .invalidArgument,
            "the model has a tensor \(extra), which its blueprint does not call for")
    }
}
