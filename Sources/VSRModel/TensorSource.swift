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
