import Foundation
import Testing
import VSRCore
import VSRData
import VSRImaging
import VSRMedia
import VSRTestSupport

/// `slimvsr verify-data` on data sets with one fault each.
@Suite struct VerifyDataTests {
    private static let size = FrameSize(width: 96, height: 80)

    private static func scene(_ seed: UInt64 = 5) throws -> SyntheticScene {
        try SyntheticScene(seed: seed, size: FrameSize(width: 104, height: 88), frameCount: 3)
    }

    /// `GT/a`, `GT/b` and `BIx4` of three frames.
    private static func set(
        _ degradation: Degradation = .bicubic, shift: Int = 0
    ) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (clip, seed) in [("a", UInt64(5)), ("b", 6)] {
            for index in 0..<3 {
                let frame = ByteFrame(rounding: try scene(seed).frame(index))
                let high = try frame.cropped(to: size, x: 4, y: 4)
                let seen = try frame.cropped(to: size, x: 4 + shift, y: 4)
                try folder.write(high, "GT/\(clip)/\(index).png")
                try folder.write(
                    try degradation.degraded(seen, scale: 4), "BIx4/\(clip)/\(index).png")
            }
        }
        return folder
    }

    private static func findings(
        _ folder: TemporaryFolder, _ options: [String] = [], code: Int32 = 1
    ) throws -> DataSetFindings {
        let result = CommandLineHarness.run(
            ["verify-data", folder.path, "--json", "-"] + options)
        #expect(result.code == code, "\(result.output) \(result.remarks)")
        return try JSONText.decode(from: Data(result.output.utf8), in: "output", as: "findings")
    }

    @Test func aSetInOrderIsSaidToBe() throws {
        let folder = try Self.set()
        let findings = try Self.findings(folder, code: 0)
        #expect(findings.faults.isEmpty && findings.notes.isEmpty)
        #expect(findings.layout == .vid4)
        #expect(findings.clips.map(\.name) == ["a", "b"])
        #expect(findings.clips.map(\.frames) == [3, 3] && findings.clips[0].size == "96x80")
        let low = findings.clips[1].lowResolution[0]
        #expect(low.folder == "BIx4" && low.frames == 3 && low.size == "24x20")
        #expect(low.made?.degradation == .bicubic && low.isConvincing)
        #expect(low.maximum == 0 && low.mean == 0 && low.compared == 3)
        let quick = try Self.findings(folder, ["--quick"], code: 0)
        #expect(quick.isQuick && quick.clips[0].lowResolution[0].compared == 2)
    }

    @Test func whatIsMissingOrTooMuchIsNamed() throws {
        let folder = try Self.set()
        let files = FileManager.default
        try files.removeItem(atPath: folder.path("BIx4/a/1.png"))
        try files.copyItem(atPath: folder.path("BIx4/b/2.png"), toPath: folder.path("BIx4/b/3.png"))
        try files.createDirectory(
            atPath: folder.path("GT/empty"), withIntermediateDirectories: false)
        try files.copyItem(atPath: folder.path("BIx4/b"), toPath: folder.path("BIx4/c"))
        let faults = try Self.findings(folder).faults
        func has(_ kind: DataSetFindings.Fault.Kind, _ place: String, _ text: String) -> Bool {
            faults.contains { $0.kind == kind && $0.place == place && $0.text.contains(text) }
        }
        #expect(has(.missing, "BIx4/a", "frames 1"))
        #expect(has(.extra, "BIx4/b", "frames without originals: 3"))
        #expect(has(.missing, "GT", "no pictures in empty"))
        #expect(has(.extra, "BIx4", "1 clip without originals: c"))
        #expect(faults.count == 4)
    }

    /// Numbers 0, 2, 3: two steps lie between the first two pictures, one between the others.
    @Test func gapsAreFoundByNumbers() throws {
        let folder = try Self.set()
        for kind in ["GT", "BIx4"] {
            try FileManager.default.moveItem(
                atPath: folder.path("\(kind)/a/1.png"), toPath: folder.path("\(kind)/a/3.png"))
        }
        let faults = try Self.findings(folder).faults
        #expect(faults.map(\.kind) == [.missing])
        #expect(faults[0].place == "a")
        #expect(faults[0].text == "1 picture missing between 0.png and 2.png")
    }

    @Test func septupletsAndREDSHaveTheNamesOfTheirFrames() throws {
        let folder = try TemporaryFolder()
        for index in [1, 2, 3, 4, 6, 7, 8] {
            try folder.write(
                SmallClips.picture(clip: 0, frame: index, size: Self.size),
                "sequences/00001/0001/im\(index).png")
        }
        let faults = try Self.findings(folder).faults
        #expect(faults.map(\.text) == ["1 of 7 frames missing: im5", "frames im8"])
        #expect(faults.map(\.kind) == [.missing, .extra])
        try Data("00001/0001\n00009/0007\n".utf8)
            .write(to: URL(fileURLWithPath: folder.path("list.txt")))
        let listed = try Self.findings(folder, ["--list", folder.path("list.txt")]).faults
        #expect(listed.contains { $0.text.contains("00009/0007, first in line 2") })
    }

    @Test func damageAndSizesAreNamed() throws {
        let folder = try Self.set()
        let path = folder.path("GT/a/1.png")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: path))
        try folder.write(
            SmallClips.picture(clip: 0, frame: 0, size: FrameSize(width: 64, height: 64)),
            "GT/b/2.png")
        let faults = try Self.findings(folder).faults
        #expect(
            faults.contains {
                $0.kind == .unreadable && $0.place == "a" && $0.text.hasPrefix("1.png: ")
            })
        #expect(
            faults.contains { $0.kind == .mixedSizes && $0.text.contains("64x64 from 2.png on") })
        #expect(
            faults.contains {
                $0.kind == .mismatch && $0.text.contains("24x20 of an original of 64x64")
            })
    }

    @Test func clipsThatAreTheSameAreNamed() throws {
        let folder = try Self.set()
        for kind in ["GT", "BIx4"] {
            try FileManager.default.copyItem(
                atPath: folder.path("\(kind)/a"), toPath: folder.path("\(kind)/z"))
        }
        let faults = try Self.findings(folder).faults
        #expect(faults.map(\.kind) == [.duplicate])
        #expect(faults[0].place == "z" && faults[0].text == "all frames equal those of a")
    }

    @Test func framesMadeOtherwiseThanTheirFolderSaysAreFound() throws {
        let blurred = try Self.findings(try Self.set(.blurred))
        #expect(
            blurred.faults.map(\.text)
                == Array(repeating: "named after BI but made by BD", count: 2))
        let uncentered = try Self.findings(try Self.set(.blurredUncentered))
        #expect(uncentered.clips[0].lowResolution[0].made?.degradation == .blurredUncentered)
        #expect(uncentered.clips[0].lowResolution[0].offset == [-1.5, -1.5])
    }

    @Test func shiftedFramesAreFound() throws {
        let findings = try Self.findings(try Self.set(shift: 2))
        #expect(findings.faults.count == 2)
        #expect(findings.faults[0].text.contains("shifted by 2 pixels to the right and 0 down"))
        #expect(findings.clips[0].lowResolution[0].offset == [2, 0])
    }

    @Test func framesOfAnotherClipAreFound() throws {
        let folder = try Self.set()
        let files = FileManager.default
        try files.removeItem(atPath: folder.path("BIx4/a"))
        try files.copyItem(atPath: folder.path("BIx4/b"), toPath: folder.path("BIx4/a"))
        let faults = try Self.findings(folder).faults
        #expect(faults.count == 1 && faults[0].kind == .mismatch && faults[0].place == "BIx4/a")
        #expect(faults[0].text.contains("not the frames of its originals"))
    }

    @Test func oneScreenSaysItAll() throws {
        let folder = try Self.set()
        try FileManager.default.removeItem(atPath: folder.path("BIx4/a/1.png"))
        let result = CommandLineHarness.run(["verify-data", folder.path])
        let lines = result.output.components(separatedBy: "\n")
        #expect(result.code == 1 && lines.count < 40 && lines.allSatisfy { $0.count <= 100 })
        #expect(lines.contains("missing: BIx4/a: frames 1"))
        #expect(lines.last == "1 fault found")
        let nothing = CommandLineHarness.run(["verify-data", folder.path("nowhere")])
        #expect(nothing.code == 1 && nothing.errors.count == 1)
    }
}
