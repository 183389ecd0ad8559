import Foundation
import Testing
import VSRCore
import VSRData
import VSRImaging
import VSRModel
import VSRRuntime
import VSRTestSupport

@testable import VSRTools

@Suite struct StabilityTests {
    private func outcome(_ arguments: [String]) throws -> Stability.Outcome {
        let result = CommandLineHarness.run(["stability"] + arguments + ["--json", "-"])
        #expect(result.code == 0, "\(result.remarks)")
        return try JSONDecoder().decode(Stability.Outcome.self, from: Data(result.output.utf8))
    }

    @Test func everyFrameOfEveryClipIsMeasured() throws {
        let names = StabilityClip.allCases.map(\.rawValue)
        let outcome = try outcome(
            ["uni-small-slim", "--frames", "20", "--size", "32x24", "--threads", "1", "--clips"]
                + names)
        #expect(outcome.clips.map(\.clip) == StabilityClip.allCases)
        #expect(outcome.isGuarded && outcome.degradation == .bicubic && outcome.clipWindow == nil)
        for clip in outcome.clips {
            #expect(clip.psnr.count == 20 && clip.stateNorm.count == 20 && clip.change.count == 20)
            #expect(clip.psnr.allSatisfy { (10...60).contains($0) })
            #expect(clip.stateNorm.allSatisfy { $0 > 0 })
            #expect(clip.change[0] == 0 && clip.change[1...].allSatisfy { $0 > 0 })
        }
    }

    @Test func framesOfWindowsAreComparedWithTheirOwnTruth() throws {
        let folder = try TemporaryFolder()
        try folder.write(try SmallClips.model(.bidirectional), "m.safetensors")
        let clip = ["--frames", "9", "--size", "24x16", "--clips", "long", "--threads", "1"]
        let whole = try outcome([folder.path("m.safetensors"), "--window", "whole"] + clip)
        let windows = try outcome(
            [folder.path("m.safetensors"), "--window", "2", "--look-ahead", "7"] + clip)
        #expect(whole.clipWindow == "whole")
        // A look-ahead to the clip's end or nearly: frames are almost the same, in the same order.
        for (first, second) in zip(whole.clips[0].psnr, windows.clips[0].psnr) {
            #expect(abs(first - second) < 0.05)
        }
    }

    /// A picture that is still lasts for ever: 0.2 dB below the first frame at most.
    @Test(arguments: ["uni-small", "uni-small-slim"])
    func bundledModelsStayAsGoodAsTheirFirstFrame(model: String) throws {
        let outcome = try outcome([
            model, "--frames", "200", "--size", "32x32", "--clips", "still", "--threads", "1",
        ])
        #expect(outcome.clips[0].loss <= 0.2)
    }

    @Test func theStillClipIsOneFrameWithFreshNoise() throws {
        let frames = try StabilityClip.Frames(
            .still, size: FrameSize(width: 64, height: 64), scale: 4, frames: 10, noise: 1.5,
            degradation: .bicubic, seed: 7)
        let first = try frames.frame(0)
        let last = try frames.frame(9)
        #expect(first.truth == last.truth && first.input.size.scaled(by: 4) == first.truth.size)
        let clean = try Degradation.bicubic.degraded(first.truth, scale: 4)
        // Levels within reach of the noise only, which is cut at black and white.
        let differences = zip(zip(first.input.samples, last.input.samples), clean.samples)
            .filter { (0.1...0.9).contains($0.1) }.map { Double($0.0.0 - $0.0.1) * 255 }
        let variance =
            differences.reduce(0) { $0 + $1 * $1 } / Double(differences.count)
        // Twice σ², and what rounding to levels adds: 1/12 each.
        #expect(abs(variance - (2 * 1.5 * 1.5 + 2.0 / 12)) < 0.25)
    }

    @Test func theSlowPanMovesByAnEighthOfAPixel() throws {
        let frames = try StabilityClip.Frames(
            .pan, size: FrameSize(width: 32, height: 24), scale: 4, frames: 40, noise: 1.5,
            degradation: .bicubic, seed: 7)
        // Eight steps are one low-resolution pixel: four of the truth.
        let first = try frames.frame(0).truth
        let later = try frames.frame(8).truth
        for x in 0..<(first.width - 4) { #expect(later[0, 10, x] == first[0, 10, x + 4]) }
    }

    @Test func figuresAreShownAndPagesWritten() throws {
        let folder = try TemporaryFolder()
        let result = CommandLineHarness.run([
            "stability", "uni-small-slim", "--frames", "3", "--size", "16x16", "--clips", "still",
            "--threads", "1", "--stability-guard", "off", "--report", folder.path("page.html"),
            "--json", folder.path("record.json"),
        ])
        #expect(result.code == 0, "\(result.remarks)")
        #expect(result.output.contains("stability guard off"))
        #expect(result.output.contains("frame 3"))
        let page = try String(contentsOfFile: folder.path("page.html"), encoding: .utf8)
        #expect(page.contains("Size of the hidden states"))
        #expect(FileManager.default.fileExists(atPath: folder.path("record.json")))
    }

    /// Real footage: nothing stands still, forwards and backwards, so that no network's frames change
    /// by a bit.
    @Test func vid4StaysAsItIs() throws {
        guard let root = ProcessInfo.processInfo.environment["SLIMVSR_DATA"] else {
            print("skipped: SLIMVSR_DATA names no folder with vid4")
            return
        }
        let model = try SmallClips.model(.bidirectional)
        for clip in try ClipLayout.vid4.clips(at: root + "/vid4", names: nil) {
            let source = try #require(clip.lowResolution).open()
            var frames: [Frame] = []
            while let frame = try source.next()?.frame { frames.append(frame) }
            let results = try [true, false].map { isGuarded in
                var options = UpscalerOptions()
                options.window = .whole
                options.guardsStability = isGuarded
                return try Upscaler(model: model, options: options).upscale(clip: frames)
            }
            #expect(frames.count > 30 && results[0] == results[1], "\(clip.name)")
        }
    }

    @Test(arguments: [
        (["bicubic"], "has no hidden states"),
        (["uni-small", "--frames", "1"], "give at least 2 frames"),
        (["uni-small", "--noise", "65"], "noise from 0 to 64"),
    ])
    func mistakesAreNamed(arguments: [String], text: String) {
        let result = CommandLineHarness.run(["stability"] + arguments)
        #expect(result.isMistake)
        #expect(result.remarks.joined().contains(text), "\(result.remarks)")
    }
}
