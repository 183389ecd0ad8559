import Foundation
import VSRCore
import VSRImaging
import VSRModel

/// The models that can be named: bundled ones, fetched ones, and those that could be fetched.
public struct ModelList: Sendable, Codable, Equatable {
    public struct Entry: Sendable, Codable, Equatable {
        public var name: String
        /// `bundled`, `fetched`; `nil` for what is not there yet.
        public var origin: ModelReference.Origin?
        /// The file; `nil` for what is not there yet.
        public var path: String?
        public var use: String?
        public var degradation: String?
        /// Luma PSNR and SSIM on Vid4, in the model's own degradation.
        public var vid4: QualityFigures?
        public var license: String?
        /// Multiply-accumulates of one frame of the reference size, flow network included.
        public var macs: Int?
        public var timing: FrameTimings.Record?
        /// Why the file cannot be read.
        public var problem: String?
    }

    public var entries: [Entry]

    /// Everything that the program knows or finds.
    ///
    /// - Parameters:
    ///   - version: Of the program, for which times were measured.
    /// - Throws: `corruptData` naming the catalog; models that cannot be read are listed so.
    public init(version: String, timings: FrameTimings = .read()) throws {
        let catalog = try ModelCatalog.read()
        let known = catalog?.models.map(\.name) ?? []
        let found = BundledModels.names + FetchedModels.names
        let unknown = found.filter { !known.contains($0) }
        entries = (known + unknown).map { name in
            Entry(name, catalog?[name], version, timings)
        }
    }

    /// Those that are there.
    public var present: [Entry] { entries.filter { $0.origin != nil } }
}

extension ModelList.Entry {
    /// What the catalog says of a model, and what its file does.
    fileprivate init(
        _ name: String, _ card: ModelCatalog.Entry?, _ version: String, _ timings: FrameTimings
    ) {
        self.name = name
        use = card?.use
        degradation = card?.degradation.rawValue
        vid4 = card?.vid4
        license = card?.license
        guard let reference = try? ModelReference(name), reference.origin != .file else {
            let preset = card?.network.flatMap { Blueprint.Preset(rawValue: $0) }
            macs = (try? preset?.blueprint())?.costs().macsWithFlow
            return
        }
        origin = reference.origin
        path = reference.path
        do {
            let model = try reference.read()
            macs = model.blueprint.costs().macsWithFlow
            use = use ?? model.metadata[MetadataKey.name]
            degradation = degradation ?? model.metadata[MetadataKey.degradation]
            license = license ?? model.metadata[MetadataKey.license]
            timing = timings.record(of: model.fingerprint, version: version)
        } catch {
            problem = (error as? VSRError)?.message ?? String(describing: error)
        }
    }
}
