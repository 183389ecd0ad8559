import Foundation
import VSRCore
import VSRModel
import VSRTools

/// A network that a stage starts from, or is compared with: the one way in for models and teachers.
struct StageModel {
    let model: Model
    /// What changes with architecture, weights and the kept channels that the metadata note.
    let fingerprint: String
    /// What was assumed on reading a file of another project, a sentence each.
    let remarks: [String]

    /// Reads whatever the programs take for a model.
    ///
    /// - Parameter path: As the settings give it; `$NAME` at its start is an environment variable.
    /// - Throws: `notFound`, or what reading throws.
    init(_ path: String) throws {
        let loaded = try ModelReference(try expandingVariables(path)).load()
        model = loaded.model
        remarks = loaded.remarks
        let kept = model.metadata[MetadataKey.keptChannels]
        fingerprint = model.fingerprint + (kept.map { " \($0)" } ?? "")
    }
}
