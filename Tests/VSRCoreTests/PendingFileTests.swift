import Foundation
import Testing
import VSRCore

@Suite struct PendingFileTests {
    private static func folder() -> URL {
        FileManager.default.temporaryDirectory.appendingPathComponent(
            "pending-\(UUID().uuidString)")
    }

    private static func entries(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test func nothingShowsBeforeTheCommitAndOnlyTheFileAfter() throws {
        let folder = Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("sub/a.bin").path
        let pending = try PendingFile(path)
        try Data([1, 2]).write(to: URL(fileURLWithPath: pending.temporaryPath))
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(pending.temporaryPath.hasSuffix(".bin"))
        try pending.commit()
        pending.discard()
        #expect(try Self.entries(folder.appendingPathComponent("sub")) == ["a.bin"])
        #expect(FileManager.default.contents(atPath: path) == Data([1, 2]))
    }

    @Test func lettingGoLeavesTheOldFileAndNothingElse() throws {
        let folder = Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a.bin").path
        try AtomicFile.write(Data([7]), to: path)
        do {
            let pending = try PendingFile(path)
            try Data([1, 2]).write(to: URL(fileURLWithPath: pending.temporaryPath))
        }
        #expect(try Self.entries(folder) == ["a.bin"])
        #expect(FileManager.default.contents(atPath: path) == Data([7]))
    }

    @Test func aCommitWithoutContentIsAnError() throws {
        let folder = Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let pending = try PendingFile(folder.appendingPathComponent("a").path)
        #expect(throws: VSRError.self) { try pending.commit() }
    }

    @Test func aFolderAppearsWhole() throws {
        let folder = Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("frames").path
        let pending = try PendingFile(path)
        try FileManager.default.createDirectory(
            atPath: pending.temporaryPath, withIntermediateDirectories: false)
        try Data([3]).write(
            to: URL(fileURLWithPath: pending.temporaryPath).appendingPathComponent("1.png"))
        try pending.commit()
        #expect(try Self.entries(folder.appendingPathComponent("frames")) == ["1.png"])
        #expect(try Self.entries(folder) == ["frames"])
    }
}
