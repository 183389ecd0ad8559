import Foundation
import Testing
import VSRCore
import VSRData
import VSRImaging
import VSRMedia
import VSRTestSupport
import VSRTools

/// Vimeo-90K's protocol: septuplets from a list, of which the middle frame is measured.
@Suite struct MiddleFrameTests {
    private static let size = FrameSize(width: 40, height: 32)

    /// Nested septuplets `im1.png` to `im7.png`, and a list of two of the three.
    private static func septuplets() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (clip, name) in ["00001/0001", "00001/0002", "00002/0001"].enumerated() {
            for frame in 0..<7 {
                try ImageFile.write(
                    SmallClips.picture(clip: clip, frame: frame, size: size).frame,
                    to: folder.path("sequences/\(name)/im\(frame + 1).png"))
            }
        }
        try Data("00001/0002\n00002/0001\n".utf8)
            .write(to: URL(fileURLWithPath: folder.path("sep_testlist.txt")))
        return folder
    }

    private static func evaluated(
        _ folder: TemporaryFolder, _ options: [String]
    ) throws -> Evaluation.Outcome {
        let result = CommandLineHarness.run(
            [
                "evaluate", "--model", "bicubic", "--data", folder.path("sequences"), "--json",
                "-",
            ] + options)
        #expect(result.code == 0, "\(result.remarks)")
        return try JSONDecoder().decode(Evaluation.Outcome.self, from: Data(result.output.utf8))
    }

    /// Bicubic's figures of one frame, without `Evaluation`.
    private static func figures(clip: Int, frame: Int) throws -> QualityFigures {
        let original = SmallClips.picture(clip: clip, frame: frame, size: size)
        let low = try Degradation.bicubic.degraded(original, scale: 4).frame
        let result = try BicubicUpscaler(scale: 4).upscale(clip: [low])
        return try QualityFigures.measure(result[0], original.frame)
    }

    @Test func onlyTheMiddleFrameOfListedClipsIsMeasured() throws {
        let folder = try Self.septuplets()
        let outcome = try Self.evaluated(
            folder, ["--list", folder.path("sep_testlist.txt"), "--middle"])
        #expect(outcome.clips.map(\.name) == ["00001/0002", "00002/0001"])
        #expect(outcome.clips.map(\.frameCount) == [1, 1])
        #expect(outcome.frameCount == 2)
        #expect(
            try outcome.clips.map(\.figures) == [
                Self.figures(clip: 1, frame: 3), Self.figures(clip: 2, frame: 3),
            ])
        #expect(
            outcome.conventionsText.contains("the middle frame of each clip alone is measured"))
    }

    @Test func theMiddleIsThatOfTheFramesTaken() throws {
        let folder = try Self.septuplets()
        let outcome = try Self.evaluated(
            folder, ["--clips", "00002/0001", "--frames", "4", "--middle"])
        #expect(try outcome.clips.map(\.figures) == [Self.figures(clip: 2, frame: 2)])
    }

    @Test func theMiddleOfAVideoIsFound() throws {
        let folder = try TemporaryFolder()
        try SmallClips.writeVideo(count: 9, size: Self.size, to: folder.path("sequences/a.mp4"))
        let all = try ClipLayout.clips.clips(at: folder.path("sequences"))[0].groundTruth.open()
            .frames()
        let low = try Degradation.bicubic.degraded(all[4], scale: 4)
        let result = try BicubicUpscaler(scale: 4).upscale(clip: [low])
        let outcome = try Self.evaluated(folder, ["--middle"])
        #expect(try outcome.clips.map(\.figures) == [QualityFigures.measure(result[0], all[4])])
    }

    @Test func aMissingClipOfTheListIsNamed() throws {
        let folder = try Self.septuplets()
        try Data("00001/0002\n00009/0001\n".utf8)
            .write(to: URL(fileURLWithPath: folder.path("sep_testlist.txt")))
        let result = CommandLineHarness.run([
            "evaluate", "--model", "bicubic", "--data", folder.path("sequences"), "--list",
            folder.path("sep_testlist.txt"),
        ])
        #expect(result.code == 1)
        #expect(
            result.errors.count { $0.contains("names the clip 00009/0001 in line 2, but ") } == 1)
    }
}
