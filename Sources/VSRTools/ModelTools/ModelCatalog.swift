import Foundation
import VSRCore
import VSRImaging
import VSRModel

/// What is known of the models that travel with the programs or can be fetched: `catalog.json`
/// beside the bundled models.
public struct ModelCatalog: Sendable, Codable, Equatable {
    /// A model, by its name.
    public struct Entry: Sendable, Codable, Equatable {
        public var name: String
        /// What it is for, in a few words.
        public var use: String
        /// What its input is made by; it is at its best there.
        public var degradation: Degradation
        /// Luma PSNR and SSIM over all frames of Vid4, whole clips, in the model's own degradation.
        public var vid4: QualityFigures
        public var license: String
        /// The published network that it is; `nil` for the project's own.
        public var network: String?
        /// What it was trained on.
        public var data: String?
        /// The checkpoint within the package; `nil` for bundled models.
        public var file: String?
        /// Of that file, in hexadecimal digits.
        public var sha256: String?
        /// Bytes of that file.
        public var size: Int?
    }

    /// The package of the Python Package Index that holds the checkpoints.
    public struct Package: Sendable, Codable, Equatable {
        public var name: String
        public var version: String
        /// Of its wheel.
        public var sha256: String
        /// Bytes of its wheel.
        public var size: Int
    }

    public var package: Package
    public var models: [Entry]

    /// The catalog of this program; `nil` where its folder of models has none.
    ///
    /// - Throws: `io` or `corruptData` naming the file.
    public static func read() throws -> ModelCatalog? {
        guard let url = BundledModels.folder?.appendingPathComponent("catalog.json"),
            FileManager.default.fileExists(atPath: url.path)
        else { return nil }
        do {
            return try JSONDecoder().decode(ModelCatalog.self, from: try Data(contentsOf: url))
        } catch {
            throw VSRError(
                .corruptData, "\(url.path) is not a catalog of models: install the program anew",
                cause: error)
        }
    }

    public subscript(name: String) -> Entry? { models.first { $0.name == name } }

    /// The names that can be fetched, in the catalog's order.
    public static var fetchableNames: [String] {
        ((try? read())??.models ?? []).filter { $0.file != nil }.map(\.name)
    }
}
