import Foundation
import VSRCore
import VSRExport
import VSRModel

/// Writes networks for other engines: ONNX graphs, or checkpoints of BasicSR.
public struct ModelExport: Sendable {
    /// What a file is, as its ending says.
    public enum Format: Sendable, Equatable {
        /// Graphs for ONNX Runtime, OpenVINO and other engines.
        case onnx
        /// A PyTorch checkpoint by BasicSR's names.
        case checkpoint

        /// - Throws: `invalidArgument` for an ending that stands for neither.
        public init(ofFile path: String) throws {
            switch URL(fileURLWithPath: path).pathExtension.lowercased() {
            case "onnx": self = .onnx
            case "pth", "pt": self = .checkpoint
            default:
                throw VSRError(
                    .invalidArgument,
                    "the ending of \(path) does not say what it is to be: name a file .onnx, for ONNX "
                        + "Runtime and other engines, or .pth, for BasicSR")
            }
        }
    }

    /// How weights are stored.
    public var storage = WeightStorage.float32
    /// The version of the program, which ONNX files name.
    public var version: String

    public init(version: String) { self.version = version }

    /// What was written.
    public struct Outcome: Sendable {
        /// The files, the one that was named last.
        public var files: [String]
        /// What was assumed, and what a reader has to know, a sentence each.
        public var remarks: [String]
    }

    /// The files that a network becomes, the one at `path` last.
    ///
    /// - Throws: `invalidArgument` for an ending that stands for no format.
    public static func files(of blueprint: Blueprint, at path: String) throws -> [String] {
        switch try Format(ofFile: path) {
        case .onnx: OnnxExport.files(of: blueprint, at: path)
        case .checkpoint: [path]
        }
    }

    /// Reads a model and writes it as the ending of `path` says; each file appears whole or not at
    /// all.
    ///
    /// - Throws: What ``ModelReference/load()`` throws; `invalidArgument` for another ending, or where
    ///   the model's own file would be replaced; `unsupported` for networks that the format cannot
    ///   hold; `io`.
    public func export(_ reference: ModelReference, to path: String) throws -> Outcome {
        let format = try Format(ofFile: path)
        let loaded = try reference.load()
        let files = try Self.files(of: loaded.model.blueprint, at: path)
        let source = reference.path.resolvedPath
        if let file = files.first(where: { $0.resolvedPath == source }) {
            throw VSRError(
                .invalidArgument, "\(file) would replace the file that is read: name another")
        }
        var remarks = loaded.remarks
        switch format {
        case .onnx:
            var export = OnnxExport(producerVersion: version)
            export.storage = storage
            try export.write(loaded.model, to: path)
        case .checkpoint:
            var export = BasicSRExport()
            export.storage = storage
            remarks += try export.write(loaded.model, to: path)
        }
        return Outcome(files: files, remarks: remarks)
    }
}
