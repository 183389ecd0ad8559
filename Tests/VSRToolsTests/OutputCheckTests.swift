import Foundation
import Testing
import VSRCore
import VSRTestSupport

@Suite struct OutputCheckTests {
    private static let commands: [(name: String, words: [String])] = [
        ("upscale", ["upscale", "in.png", "OUT.png", "--model", "bicubic"]),
        ("prune", ["prune", "m.safetensors", "--ratio", "0.3", "-o", "OUT.safetensors"]),
        ("pack", ["pack", "m.safetensors", "-o", "OUT.safetensors"]),
        ("import", ["import", "m.safetensors", "-o", "OUT.safetensors"]),
    ]

    private func made() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let size = FrameSize(width: 8, height: 8)
        try folder.write(SmallClips.picture(clip: 0, frame: 0, size: size), "in.png")
        try folder.write(try SmallClips.model(), "m.safetensors")
        return folder
    }

    private func run(
        _ words: [String], in folder: TemporaryFolder, to output: String, _ options: [String] = []
    ) -> ProgramResult {
        let paths = words.map { word in
            let named = word.replacingOccurrences(of: "OUT", with: output)
            return named.contains(".") && !named.hasPrefix("0") ? folder.path(named) : named
        }
        return CommandLineHarness.run(paths + options)
    }

    @Test(arguments: 0..<4) func whatExistsIsReplacedOnlyWhereAsked(command: Int) throws {
        let (name, words) = Self.commands[command]
        let folder = try made()
        let output = folder.path(name == "upscale" ? "a.png" : "a.safetensors")
        try Data("mine".utf8).write(to: URL(fileURLWithPath: output))
        let refused = run(words, in: folder, to: "a")
        #expect(refused.code == 1 && refused.errors.count == 1)
        #expect(refused.remarks.first?.contains("exists") == true)
        #expect(refused.remarks.first?.contains("--overwrite") == true)
        #expect(FileManager.default.contents(atPath: output) == Data("mine".utf8))
        guard name != "import" else { return }
        for option in ["--overwrite", "-y"] {
            let result = run(words, in: folder, to: "a", [option])
            #expect(result.code == 0, "\(result.remarks)")
            #expect((FileManager.default.contents(atPath: output)?.count ?? 0) > 4)
        }
    }

    @Test(arguments: 0..<4) func foldersAreMadeOnlyWhereAsked(command: Int) throws {
        let (name, words) = Self.commands[command]
        let folder = try made()
        let before = folder.contents
        let refused = run(words, in: folder, to: "no/such/a")
        #expect(refused.code == 1 && refused.errors.count == 1)
        #expect(refused.remarks.first?.contains(folder.path("no/such")) == true)
        #expect(refused.remarks.first?.contains("--make-folders") == true)
        #expect(folder.contents == before)
        guard name != "import" else { return }
        #expect(run(words, in: folder, to: "no/such/a", ["--make-folders"]).code == 0)
        #expect(folder.contents.contains("no"))
    }

    @Test func linksAndFoldersAreNeverReplacedUnasked() throws {
        let folder = try made()
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("link.png"), withDestinationPath: "nowhere.png")
        #expect(throws: VSRError.self) { try OutputCheck().check(folder.path("link.png")) }
        try OutputCheck(replaces: true).check(folder.path("link.png"))
        // A folder is left to its writer; a file is no folder.
        try OutputCheck().check(folder.path)
        #expect(throws: VSRError.self) { try OutputCheck().check(folder.path("in.png/a.png")) }
        try OutputCheck().check("relative.png")
        try OutputCheck().check("/dev/null")
    }
}
