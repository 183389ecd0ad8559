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
        /// Whether it is the one that is used where none is named.
        public var isDefault: Bool?

        enum CodingKeys: String, CodingKey {
            case name, use, degradation, vid4, license, network, data, file, sha256, size
            case isDefault = "default"
        }
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

    /// The model that is used where none is named.
    var defaultName: String? { models.first { $0.isDefault == true }?.name }

    /// The catalog of this program; `nil` where its folder of models has none.
    ///
    /// - Throws: As ``read(_:)``.
    public static func read() throws -> ModelCatalog? {
        guard let url = BundledModels.folder?.appendingPathComponent("catalog.json"),
            FileManager.default.fileExists(atPath: url.path)
        else { return nil }
        return try read(url.path)
    }

    /// The catalog in a file.
    ///
    /// - Throws: `io` where it cannot be read; `corruptData` where it is no catalog, or does not
    ///   mark one model as the default.
    static func read(_ path: String) throws -> ModelCatalog {
        let catalog: ModelCatalog
        do {
            catalog = try JSONText.read(from: path, as: "catalog of models")
        } catch let error as VSRError {
            throw VSRError(
                error.code, "\(error.message): install the program anew", cause: error.cause)
        }
        let marked = catalog.models.filter { $0.isDefault == true }
        guard marked.count == 1 else {
            throw VSRError(
                .corruptData,
                "\(path) marks \(marked.count.counted("model")) as the default, where it must be one: "
                    + "install the program anew")
        }
        return catalog
    }

    public subscript(name: String) -> Entry? { models.first { $0.name == name } }

    /// The names that can be fetched, in the catalog's order.
    public static var fetchableNames: [String] {
        ((try? read())??.models ?? []).filter { $0.file != nil }.map(\.name)
    }
}
