import VSRCore

/// A safetensors file, open for reading.
///
/// Its header is checked at once, tensors are read on demand. Memory stays within a small multiple of the file's size whatever its header claims.
public struct SafetensorsFile {
    public let path: String
    private let file: InputFile
    private let header: SafetensorsHeader

    /// - Throws: `notFound`, `io`, `corruptData` or `unsupported` naming the file and the tensor.
    public init(path: String) throws {
        file = try InputFile(path: path)
        header = try SafetensorsHeader(file: file)
        self.path = path
    }

    /// The names of its tensors, sorted.
    public var names: [String] { header.entries.keys.sorted() }

    public var metadata: [String: String] { header.metadata }

    public func shape(of name: String) -> [Int]? { header.entries[name]?.shape }

    public func elementType(of name: String) -> ElementType? { header.entries[name]?.type }

    /// The values of a tensor, all finite.
    ///
    /// - Throws: `notFound`, `unsupported` (no floating point), `corruptData` (NaN, infinity) or
    ///   `io` naming file and tensor.
    public func tensor(_ name: String) throws -> ModelTensor {
        guard let entry = header.entries[name] else {
            throw VSRError(.notFound, "\(path) has no tensor \(name)")
        }
        guard entry.type.isFloatingPoint else {
            throw VSRError(
                .unsupported,
                "tensor \(name) of \(path) is of type \(entry.type.rawValue), which is not a type of weights: "
                    + "store it as F32, F16, BF16 or F64")
        }
        var values: [Float] = []
        values.reserveCapacity(entry.count)
        try file.forEachChunk(of: entry.range) { entry.type.decode($0, into: &values) }
        let tensor = ModelTensor(shape: entry.shape, values: values)
        guard let index = tensor.firstNonFinite else { return tensor }
        throw VSRError(
            .corruptData,
            "tensor \(name) of \(path) holds \(values[index]) at element \(index); weights must "
                + "be finite")
    }
}

extension SafetensorsFile {
    /// Writes this file to `output` with other metadata; the tensors stay as they are stored, byte
    /// for byte.
    ///
    /// - Parameter output: May be the file itself; it appears whole or not at all.
    /// - Throws: `io` or `corruptData` naming a path.
    func write(metadata: [String: String], to output: String) throws {
        let ordered = header.entries.sorted {
            ($0.value.range.lowerBound, $0.value.range.upperBound, $0.key)
                < ($1.value.range.lowerBound, $1.value.range.upperBound, $1.key)
        }
        let entries = ordered.map { name, entry in
            SafetensorsWriter.HeaderEntry(
                name: name, type: entry.type, shape: entry.shape, byteCount: entry.range.count)
        }
        var data = try SafetensorsWriter.header(entries, metadata)
        // Entries cover the data without hole or overlap, so that their order gives all of it.
        for (_, entry) in ordered {
            try file.forEachChunk(of: entry.range) { data.append(contentsOf: $0) }
        }
        try AtomicFile.write(data, to: output)
    }
}

extension ModelTensor {
    /// The first element that is NaN or infinite.
    var firstNonFinite: Int? {
        // x · 0 is NaN exactly for those, so one sum, which vectorizes, clears most tensors.
        values.reduce(0) { $0 + $1 * 0 } == 0 ? nil : values.firstIndex { !$0.isFinite }
    }
}
