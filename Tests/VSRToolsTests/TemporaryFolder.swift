import Foundation
import VSRCore
import VSRMedia
import VSRModel
import VSRTestSupport

extension TemporaryFolder {
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
}
