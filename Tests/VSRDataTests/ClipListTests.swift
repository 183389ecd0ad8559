import Foundation
import Testing
import VSRCore
import VSRData
import VSRMedia
import VSRTestSupport

@Suite struct ClipListTests {
    private static let size = FrameSize(width: 16, height: 8)

    /// Folders of pictures with these paths, one picture each.
    private static func set(_ clips: [String]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for clip in clips {
            try ImageFile.write(Frame(size: size), to: folder.path("set/\(clip)/im1.png"))
        }
        return folder
    }

    private static func names(
        _ folder: TemporaryFolder, _ selection: ClipSelection = ClipSelection()
    ) throws -> [String] {
        try ClipLayout.clips.clips(at: folder.path("set"), selection).map(\.name)
    }

    private static func list(_ text: String, _ folder: TemporaryFolder) throws -> ClipSelection {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path("list.txt")))
        return ClipSelection(list: folder.path("list.txt"))
    }

    private static func message(_ body: () throws -> [String]) -> String {
        #expect(throws: VSRError.self) { try body() }?.message ?? ""
    }

    @Test func nestedClipsAreNamedByTheirPaths() throws {
        let folder = try Self.set(["00002/0001", "00001/0010", "00001/0002", "deep/er/still"])
        #expect(
            try Self.names(folder) == ["00001/0002", "00001/0010", "00002/0001", "deep/er/still"])
    }

    @Test func foldersBesideClipsAreNotSearched() throws {
        // As ever, so that a data set's batches stay the same.
        let folder = try Self.set(["a", "b", "c/nested"])
        #expect(try Self.names(folder) == ["a", "b"])
    }

    @Test func linksInCirclesEnd() throws {
        let folder = try Self.set(["x/a"])
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("set/x/back"), withDestinationPath: folder.path("set"))
        #expect(try Self.names(folder).first == "x/a")
    }

    @Test func aListChoosesClipsInItsOrder() throws {
        let folder = try Self.set(["00001/0001", "00001/0002", "00002/0001"])
        let text = "# septuplets\r\n00002/0001\r\n\r\n  00001/0001/  # the first\r\n"
        #expect(
            try Self.names(folder, Self.list(text, folder)) == ["00002/0001", "00001/0001"])
    }

    @Test func linesOfBasicSRAreUnderstood() throws {
        let folder = try Self.set(["000", "001", "with space 1"])
        let text = "001 100 (720,1280,3)\nwith space 1\n000 100 (720, 1280, 3)\n"
        #expect(
            try Self.names(folder, Self.list(text, folder)) == ["001", "with space 1", "000"])
    }

    @Test func listedVideosNeedNoExtension() throws {
        let folder = try Self.set(["a"])
        for name in ["b.mp4", "c.mkv"] {
            try Data().write(to: URL(fileURLWithPath: folder.path("set/\(name)")))
        }
        #expect(try Self.names(folder, Self.list("c\nb.mp4\na", folder)) == ["c", "b", "a"])
    }

    @Test func whatIsWrongInAListIsSaidByLine() throws {
        let folder = try Self.set(["a", "b"])
        func message(_ text: String) -> String {
            Self.message { try Self.names(folder, Self.list(text, folder)) }
                .replacingOccurrences(of: folder.path, with: "")
        }
        #expect(
            message("a\n#\nc\n") == "/list.txt names the clip c in line 3, but /set has none: "
                + "correct the line or the folder")
        #expect(
            message("a\nb\na\n") == "/list.txt names the clip a in line 1 and again in line 3: "
                + "remove one of them")
        #expect(
            message("# none\n\n") == "the list /list.txt names no clips: write one path per line")
        let missing = Self.message {
            try Self.names(folder, ClipSelection(list: folder.path("none.txt")))
        }
        #expect(missing.hasSuffix("none.txt"))
    }

    @Test func redsIsSplitAsPublished() throws {
        let all = (0..<30).map { String(format: "%03d", $0) }
        let folder = try Self.set(all)
        let reds4 = ["000", "011", "015", "020"]
        #expect(
            try Self.names(folder, ClipSelection(excluded: reds4))
                == all.filter { !reds4.contains($0) })
        #expect(try Self.names(folder, ClipSelection(names: reds4)) == reds4)
    }

    @Test func foldersOfClipsCanBeChosenAndExcluded() throws {
        let folder = try Self.set(["train/000", "train/001", "val/000", "val/001", "value/0"])
        #expect(
            try Self.names(folder, ClipSelection(names: ["val"])) == ["val/000", "val/001"])
        #expect(
            try Self.names(folder, ClipSelection(excluded: ["val", "train/001"]))
                == ["train/000", "value/0"])
    }

    @Test func exclusionsMustExistAndLeaveSomething() throws {
        let folder = try Self.set(["a", "b"])
        let unknown = Self.message { try Self.names(folder, ClipSelection(excluded: ["c"])) }
        #expect(unknown.hasSuffix("/set has no clip c: it has a, b"))
        let nothing = Self.message { try Self.names(folder, ClipSelection(excluded: ["a", "b"])) }
        #expect(nothing.hasSuffix("/set is left: exclude fewer of them"))
    }
}

@Suite struct MemorySizeTests {
    @Test(arguments: [
        ("8G", 8_589_934_592), ("512M", 536_870_912), ("1.5g", 1_610_612_736), ("20K", 20_480),
        ("1T", 1_099_511_627_776), ("1000", 1000), ("0", 0),
    ])
    func amountsAreRead(text: String, bytes: Int) throws {
        #expect(try MemorySize(parsing: text).bytes == bytes)
        let coded = try JSONEncoder().encode([MemorySize(bytes: bytes)])
        #expect(try JSONDecoder().decode([MemorySize].self, from: coded)[0].bytes == bytes)
    }

    @Test func amountsAreWrittenInTheLargestWholeUnit() {
        let texts = [8 << 30, 512 << 20, 1536 << 20, 20 << 10, 1_000_000, 1, 5_000_000_000]
            .map { MemorySize(bytes: $0).description }
        #expect(texts == ["8G", "512M", "1.5G", "20K", "1000000", "1", "4.7G"])
    }

    @Test(arguments: ["", "G", "-1G", "8GB", "nan", "9e18G", "many"])
    func othersAreRefused(text: String) {
        let error = #expect(throws: VSRError.self) { try MemorySize(parsing: text) }
        #expect(error?.message.hasPrefix("\(text) is not an amount of memory") == true)
    }
}
