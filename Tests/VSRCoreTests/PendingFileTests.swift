import Foundation
import Testing
import VSRCore
import VSRTestSupport

@Suite struct PendingFileTests {
    private static func entries(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test func nothingShowsBeforeTheCommitAndOnlyTheFileAfter() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.path("sub/a.bin")
        let pending = try PendingFile(path)
        try Data([1, 2]).write(to: URL(fileURLWithPath: pending.temporaryPath))
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(pending.temporaryPath.hasSuffix(".bin"))
        try pending.commit()
        pending.discard()
        #expect(try Self.entries(folder.url.appendingPathComponent("sub")) == ["a.bin"])
        #expect(FileManager.default.contents(atPath: path) == Data([1, 2]))
    }

    @Test func lettingGoLeavesTheOldFileAndNothingElse() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.path("a.bin")
        try AtomicFile.write(Data([7]), to: path)
        do {
            let pending = try PendingFile(path)
            try Data([1, 2]).write(to: URL(fileURLWithPath: pending.temporaryPath))
        }
        #expect(try folder.entries() == ["a.bin"])
        #expect(FileManager.default.contents(atPath: path) == Data([7]))
    }

    @Test func aCommitWithoutContentIsAnError() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let pending = try PendingFile(folder.path("a"))
        #expect(throws: VSRError.self) { try pending.commit() }
    }

    @Test func aFolderAppearsWhole() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.path("frames")
        let pending = try PendingFile(path)
        try FileManager.default.createDirectory(
            atPath: pending.temporaryPath, withIntermediateDirectories: false)
        try Data([3]).write(
            to: URL(fileURLWithPath: pending.temporaryPath).appendingPathComponent("1.png"))
        try pending.commit()
        #expect(try Self.entries(folder.url.appendingPathComponent("frames")) == ["1.png"])
        #expect(try folder.entries() == ["frames"])
    }

    @Test func leftoversOfAFileAreRemovedAndNothingElse() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let stays = [
            ".a.bin", ".a.12.bin", ".a.1-2-3.bin", ".a.1-x.bin", ".a.notes.bin", ".ab.1-2.bin",
            ".a.1-2.txt", "a.1-2.bin", "a.bin",
        ]
        for name in stays + [".a.1-2.bin", ".a.9999-4294967295.bin"] {
            try Data([1]).write(to: folder.url.appendingPathComponent(name))
        }
        PendingFile.removeLeftovers(of: folder.path("a.bin"))
        #expect(try folder.entries() == stays.sorted())
        let pending = try PendingFile(folder.path("b"))
        try Data([1]).write(to: URL(fileURLWithPath: pending.temporaryPath))
        PendingFile.removeLeftovers(of: folder.path("b"))
        #expect(!FileManager.default.fileExists(atPath: pending.temporaryPath))
    }
}
