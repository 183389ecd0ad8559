import Foundation
import VSRCore
import VSRModel

/// A model as a user names it: a bundled name or a file.
public struct ModelReference: Sendable, Equatable {
    /// As given.
    public let text: String
    /// The file that it stands for.
    public let path: String

    /// - Throws: `notFound` listing what is there.
    public init(_ text: String) throws {
        self.text = text
        // A file in the current folder must not hide a bundled model of the same name, nor the
        // reverse: names have no extension, files do.
        if let bundled = BundledModels.path(of: text) {
            path = bundled
        } else if FileManager.default.fileExists(atPath: text) {
            path = text
        } else {
            let names = BundledModels.names
            let known =
                names.isEmpty
                ? "and no model is bundled with this program"
                : "and the bundled models are \(names.joined(separator: ", "))"
            throw VSRError(.notFound, "there is no model file \(text), \(known)")
        }
    }

    /// Reads the whole model.
    public func read() throws -> Model { try ModelFile.read(path) }
}
