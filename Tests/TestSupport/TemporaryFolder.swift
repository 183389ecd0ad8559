import Foundation

/// A folder that goes with the test that made it: with the last use of this object.
public final class TemporaryFolder {
    public let url: URL

    public init() throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("slimvsr-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    public var path: String { url.path }

    public func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    /// Names of everything in the folder, hidden files too; sorted.
    public func entries() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    /// ``entries()``, none where the folder is gone.
    public var contents: [String] { (try? entries()) ?? [] }
}

/// A file in a folder that is removed when the tests end.
public struct TemporaryFile {
    public let path: String

    private static let folder: URL = {
        atexit { try? FileManager.default.removeItem(at: TemporaryFile.folder) }
        return FileManager.default.temporaryDirectory
            .appendingPathComponent("slimvsr-files-\(UUID().uuidString)")
    }()

    public init(_ bytes: [UInt8]) throws {
        try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
        path = Self.folder.appendingPathComponent(UUID().uuidString).path
        try overwrite(bytes)
    }

    public func bytes() throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    public func overwrite(_ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}
