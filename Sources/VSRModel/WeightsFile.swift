import VSRCore

/// Files of weights, told apart by their content; their names do not matter.
public enum WeightsFile {
    /// What a file of weights is.
    public enum Kind: Sendable, Equatable {
        /// A model file: safetensors with a blueprint.
        case model
        /// A safetensors file of another project.
        case safetensors
        /// A PyTorch checkpoint.
        case checkpoint
    }

    /// - Throws: `notFound`, `io`, `corruptData` or `unsupported` naming the file.
    public static func kind(of path: String) throws -> Kind {
        if try isCheckpoint(try InputFile(path: path)) { return .checkpoint }
        let file = try safetensors(path)
        return file.metadata[MetadataKey.blueprint] == nil ? .safetensors : .model
    }

    /// A safetensors file or a PyTorch checkpoint.
    ///
    /// - Throws: `notFound`, `io`, `corruptData` or `unsupported` naming the file.
    public static func open(_ path: String) throws -> any TensorSource {
        let file = try InputFile(path: path)
        return try isCheckpoint(file) ? try TorchCheckpoint(file: file) : try safetensors(path)
    }

    /// Read as the length of a safetensors header, what checkpoints begin with is beyond what such
    /// a file may have.
    private static func isCheckpoint(_ file: InputFile) throws -> Bool {
        let start = try file.bytes(0..<min(32, file.size))
        return start.starts(with: ZipArchive.magic) || TorchCheckpoint.isLegacy(start)
    }

    private static func safetensors(_ path: String) throws -> SafetensorsFile {
        let file = try InputFile(path: path)
        let start = try file.bytes(0..<min(64, file.size))
        let header = SafetensorsHeader.lengthSize
        // A cut-off file of the format still begins like one, and gets that error instead.
        guard start.count > header, start[header] != UInt8(ascii: "{") else {
            return try SafetensorsFile(path: path)
        }
        throw VSRError(.unsupported, "\(path) \(guess(start))")
    }

    /// What a file is that starts with these bytes, and what to do instead.
    private static func guess(_ start: [UInt8]) -> String {
        let text = String(decoding: start, as: UTF8.self).lowercased()
        if text.hasPrefix("<!doctype") || text.hasPrefix("<html") {
            return "is a web page, not weights: download the file that the page links to"
        }
        if text.hasPrefix("version https://git-lfs") {
            return "is a pointer of Git LFS, not weights: fetch the file with git lfs pull"
        }
        if start[0] == 0x80, (2...5).contains(start[1]) {
            return "is a pickle, but not one that torch.save writes: save a state_dict with it"
        }
        return "is neither a model file, a safetensors file nor a PyTorch checkpoint"
    }
}
