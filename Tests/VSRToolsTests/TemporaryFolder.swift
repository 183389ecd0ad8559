import Foundation
import VSRCore
import VSRMedia
import VSRModel

/// A folder that vanishes with the value that holds it.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("slimvsr-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func write(_ model: Model, _ name: String) throws {
        try ModelFile.write(model, to: path(name))
    }

    /// Writes a PNG picture, its folder too.
    func write(_ frame: ByteFrame, _ name: String) throws {
        try FileManager.default.createDirectory(
            at: url.appendingPathComponent(name).deletingLastPathComponent(),
            withIntermediateDirectories: true)
        try ImageFile.write(frame.frame, to: path(name))
    }

    /// The names of everything in the folder.
    var contents: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted()
    }
}
