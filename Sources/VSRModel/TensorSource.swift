import VSRCore

/// A file of named tensors, whatever its format.
public protocol TensorSource {
    var path: String { get }

    /// The names of its tensors, sorted.
    var names: [String] { get }

    func shape(of name: String) -> [Int]?

    /// The values of a tensor, all finite.
    ///
    /// - Throws: `notFound`, `unsupported` or `corruptData` naming file and tensor.
    func tensor(_ name: String) throws -> ModelTensor
}

extension SafetensorsFile: TensorSource {}

/// Opens files of weights.
public enum WeightsFile {
    /// A safetensors file or a PyTorch checkpoint, told apart by their first bytes.
    ///
    /// - Throws: `notFound`, `io`, `corruptData` or `unsupported` naming the file.
    public static func open(_ path: String) throws -> any TensorSource {
        let file = try InputFile(path: path)
        // Read as the length of a safetensors header, both are beyond what such a file may have.
        let start = try file.bytes(0..<min(4, file.size))
        if start == ZipArchive.magic || start == TorchCheckpoint.legacyMagic {
            return try TorchCheckpoint(file: file)
        }
        return try SafetensorsFile(path: path)
    }
}
