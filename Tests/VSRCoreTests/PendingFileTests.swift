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

    @Test func leftoversOfAFileAreRemovedAndNothingElse() throws {
        let folder = Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let stays = [
            ".a.bin", ".a.12.bin", ".a.1-2-3.bin", ".a.1-x.bin", ".a.notes.bin", ".ab.1-2.bin",
            ".a.1-2.txt", "a.1-2.bin", "a.bin",
        ]
        for name in stays + [".a.1-2.bin", ".a.9999-4294967295.bin"] {
            try Data([1]).write(to: folder.appendingPathComponent(name))
        }
        PendingFile.removeLeftovers(of: folder.appendingPathComponent("a.bin").path)
        #expect(try Self.entries(folder) == stays.sorted())
        let pending = try PendingFile(folder.appendingPathComponent("b").path)
        try Data([1]).write(to: URL(fileURLWithPath: pending.temporaryPath))
        PendingFile.removeLeftovers(of: folder.appendingPathComponent("b").path)
        #expect(!FileManager.default.fileExists(atPath: pending.temporaryPath))
    }
}
