import Foundation
import Testing
import VSRCore
import VSRMedia
import VSRTestSupport
import VSRTools

/// Several inputs of `slimvsr upscale`.
@Suite struct UpscaleListTests {
    private let folder: TemporaryFolder
    private let size = FrameSize(width: 16, height: 12)

    init() throws { folder = try TemporaryFolder() }

    private func video(_ name: String) throws {
        let path = folder.path(name)
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try SmallClips.writeVideo(count: 2, size: size, to: path)
    }

    private func run(_ words: String...) -> ProgramResult {
        CommandLineHarness.run(
            ["upscale"] + words.map { $0.hasPrefix("--") ? $0 : folder.path($0) }
                + ["--model", "bicubic"])
    }

    /// Paths of files below a folder, in order.
    private func files(_ name: String) -> [String] {
        let paths = FileManager.default.enumerator(atPath: folder.path(name))?.allObjects ?? []
        return paths.compactMap { $0 as? String }
            .filter { ($0 as NSString).pathExtension != "" }.sorted()
    }

    @Test func eachBecomesAFileOfItsName() throws {
        try video("a.mp4")
        try video("b.mkv")
        let result = run("a.mp4", "b.mkv", "out")
        #expect(result.code == 0, "\(result.remarks)")
        #expect(files("out") == ["a.mp4", "b.mkv"])
        #expect(
            try VideoReader(folder.path("out/a.mp4")).properties.size == size.scaled(by: 4))
        #expect(result.output.contains("[1/2] \(folder.path("out/a.mp4")): 2 frames"))
        #expect(result.output.hasSuffix("2 done, bicubic"))
        // Again: all is there.
        let again = run("a.mp4", "b.mkv", "out")
        #expect(again.code == 0 && again.output.contains("2 there already"))
        #expect(!again.output.contains("frames"))
        #expect(run("a.mp4", "b.mkv", "out", "--overwrite").output.hasSuffix("2 done, bicubic"))
    }

    @Test func foldersAreLookedIntoWhereAsked() throws {
        try video("in/a.mp4")
        try video("in/deep/er/b.mp4")
        try SmallClips.writePictures(clip: 0, count: 2, size: size, to: folder.path("in/frames"))
        #expect(run("in", "flat").code == 0)
        #expect(files("flat") == ["a.mp4"])
        let deep = run("in", "deep", "--recursive")
        #expect(deep.code == 0, "\(deep.remarks)")
        #expect(
            files("deep")
                == ["a.mp4", "deep/er/b.mp4", "frames/00000000.png", "frames/00000001.png"])
    }

    @Test func theWorstOfAllIsTheExitCode() throws {
        try video("a.mp4")
        let data = try Data(contentsOf: URL(fileURLWithPath: folder.path("a.mp4")))
        try SmallClips.writeVideo(count: 30, size: size, to: folder.path("cut.mkv"))
        let whole = try Data(contentsOf: URL(fileURLWithPath: folder.path("cut.mkv")))
        try whole.prefix(whole.count * 7 / 10).write(
            to: URL(fileURLWithPath: folder.path("cut.mkv")))
        try data.prefix(100).write(to: URL(fileURLWithPath: folder.path("bad.mp4")))
        #expect(run("a.mp4", "cut.mkv", "one").code == 3)
        let result = run("bad.mp4", "cut.mkv", "a.mp4", "two")
        #expect(result.code == 1)
        #expect(result.output.contains("bad.mp4: failed: "))
        #expect(result.output.contains("2 done, 1 of them damaged, 1 failed"))
        #expect(files("two") == ["a.mp4", "cut.mkv"])
    }

    @Test func whatWouldBeLostIsRefusedBeforeWork() throws {
        try video("a.mp4")
        try video("x/a.mp4")
        #expect(run("a.mp4", "x/a.mp4", "out").remarks.last?.contains("would both become") == true)
        #expect(
            run("a.mp4", "x/a.mp4", ".").remarks.last?.contains("would both become") == true)
        #expect(
            run("a.mp4", "x/a.mp4", "out.mp4").remarks.last?.contains("is no folder") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.path("out")))
        try FileManager.default.createDirectory(
            atPath: folder.path("empty"), withIntermediateDirectories: false)
        #expect(run("empty", "out", "--recursive").code == 1)
    }

    @Test func namesThatCannotBeWrittenGetAnother() throws {
        try video("a.mp4")
        try FileManager.default.moveItem(
            atPath: folder.path("a.mp4"), toPath: folder.path("a.flv"))
        let list = try UpscaleList(of: [folder.path("a.flv")], into: folder.path("out"))
        #expect(list.items.map(\.output) == [folder.path("out/a.mkv")])
    }
}
