import Foundation

/// A file in a folder that is removed when the tests end.
struct TemporaryFile {
    let path: String

    private static let folder: URL = {
        atexit { try? FileManager.default.removeItem(at: TemporaryFile.folder) }
        return FileManager.default.temporaryDirectory
            .appendingPathComponent("vsr-model-tests-\(UUID().uuidString)")
    }()

    init(_ bytes: [UInt8]) throws {
        try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
        path = Self.folder.appendingPathComponent(UUID().uuidString).path
        try overwrite(bytes)
    }

    func bytes() throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

    func overwrite(_ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}
