import Foundation
import VSRCore
import VSRModel

/// A model as a user names it: a bundled or fetched name, a model file, or a file of another
/// project.
///
/// The one way in for everything that takes a model. Files are told apart by their content, not by
/// their names: model files, safetensors and PyTorch checkpoints of BasicSR and mmagic.
public struct ModelReference: Sendable, Equatable {
    /// Where a model was found.
    public enum Origin: String, Sendable, Codable {
        case bundled, fetched, file
    }

    /// As given.
    public let text: String
    /// The file that it stands for.
    public let path: String
    public let origin: Origin
    /// What is said of a file of another project; `nil` where nothing could be, so that remarks and
    /// errors refer to `slimvsr import`.
    public let foreign: ForeignModelOptions?

    /// - Parameter foreign: `nil` for commands without such options.
    /// - Throws: `notFound` listing what is there, and how to fetch what could be; `invalidArgument`
    ///   for options where the file is a model file, which says these things itself.
    public init(_ text: String, foreign: ForeignModelOptions? = nil) throws {
        self.text = text
        self.foreign = foreign
        // A file in the current folder must not hide a model of the same name, nor the reverse:
        // names have no extension, files do.
        if let bundled = BundledModels.path(of: text) {
            (path, origin) = (bundled, .bundled)
        } else if let fetched = FetchedModels.path(of: text) {
            (path, origin) = (fetched, .fetched)
        } else if FileManager.default.fileExists(atPath: text) {
            (path, origin) = (text, .file)
        } else {
            throw Self.notFound(text)
        }
        if let foreign, !foreign.isEmpty, try !isForeign() {
            try foreign.refuse(for: text, kind: "a model file")
        }
    }

    private static func notFound(_ text: String) -> VSRError {
        let fetchable = ModelCatalog.fetchableNames
        guard !fetchable.contains(text) else {
            return VSRError(
                .notFound, "\(text) is not fetched yet: run \(FetchedModels.command) \(text)")
        }
        let names = BundledModels.names + FetchedModels.names
        let known =
            names.isEmpty
            ? "and no model is bundled with this program"
            : "and these models are installed: \(names.joined(separator: ", "))"
        let others = fetchable.filter { !names.contains($0) }
        let more =
            others.isEmpty
            ? "" : "; \(FetchedModels.command) fetches \(others.joined(separator: ", "))"
        return VSRError(.notFound, "there is no model file \(text), \(known)\(more)")
    }

    /// A model and what was assumed or left out on reading it.
    public struct Loaded: Sendable {
        public var model: Model
        /// For files of other projects: a sentence each, for people.
        public var remarks: [String]
    }

    /// Whether the file is of another project, so that only the architecture and the weights can
    /// be known.
    ///
    /// - Throws: `notFound`, `io`, `corruptData` or `unsupported` naming the file.
    public func isForeign() throws -> Bool { try WeightsFile.kind(of: path) != .model }

    /// Reads the whole model.
    ///
    /// - Throws: What ``ModelFile`` and ``ModelImport`` throw.
    public func read() throws -> Model { try load().model }

    /// Reads the whole model, and says what was assumed.
    ///
    /// - Throws: What ``ModelFile`` and ``ModelImport`` throw.
    public func load() throws -> Loaded {
        guard try isForeign() else { return Loaded(model: try ModelFile.read(path), remarks: []) }
        let conversion = try (foreign.map(ModelConversion.init) ?? ModelConversion())
            .converted(path)
        return Loaded(model: conversion.model, remarks: conversion.remarks)
    }

    /// The architecture alone; of a model file, without reading its weights.
    ///
    /// - Throws: What ``load()`` throws.
    public func readBlueprint() throws -> Blueprint {
        try isForeign() ? try read().blueprint : try ModelFile.readBlueprint(path)
    }
}
