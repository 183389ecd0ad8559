import Foundation
import Testing
import VSRCore
import VSRData
import VSRImaging
import VSRMedia
import VSRModel
import VSRRuntime
import VSRTestSupport
import VSRTools

/// Test sets measured as papers do.
@Suite struct BenchmarkPresetTests {
    private static let size = FrameSize(width: 48, height: 32)

    private static func septuplets() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (clip, name) in ["00001/0001", "00001/0002"].enumerated() {
            for frame in 0..<7 {
                try folder.write(
                    SmallClips.picture(clip: clip, frame: frame, size: size),
                    "sequences/\(name)/im\(frame + 1).png")
            }
        }
        try Data("00001/0002\n".utf8)
            .write(to: URL(fileURLWithPath: folder.path("sep_testlist.txt")))
        return folder
    }

    private static func run(_ options: [String]) -> ProgramResult {
        CommandLineHarness.run(["evaluate"] + options)
    }

    private static func outcome(_ options: [String]) throws -> Evaluation.Outcome {
        let result = run(options + ["--json", "-"])
        #expect(result.code == 0, "\(result.remarks)")
        return try JSONDecoder().decode(Evaluation.Outcome.self, from: Data(result.output.utf8))
    }

    /// mmagic's `MirrorSequence` and BasicVSR: outputs 3 and 10 of 14 are averaged.
    @Test(arguments: [Blueprint.Direction.bidirectional, .unidirectional])
    func septupletsAreMirroredAndMeasuredInTheMiddle(direction: Blueprint.Direction) throws {
        let folder = try Self.septuplets()
        var model = try SmallClips.model(direction)
        model.metadata[MetadataKey.degradation] = "BI"
        try folder.write(model, "m.safetensors")
        let outcome = try Self.outcome([
            "--model", folder.path("m.safetensors"), "--benchmark", "vimeo90k-t", "--data",
            folder.path, "--executor", "reference",
        ])
        let originals = (0..<7).map { SmallClips.picture(clip: 1, frame: $0, size: Self.size) }
        let low = try originals.map { try Degradation.bicubic.degraded($0, scale: 4).frame }
        var options = UpscalerOptions()
        options.executor = .reference
        options.window = .whole
        let all = try Upscaler(model: model, options: options)
            .upscale(clip: low + low.reversed())
        let mean = Frame(
            size: all[3].size, samples: zip(all[3].samples, all[10].samples).map { ($0 + $1) / 2 })
        let expected = try QualityFigures.measure(mean, originals[3].frame)
        #expect(outcome.clips.map(\.name) == ["00001/0002"])
        #expect(outcome.clips.map(\.frameCount) == [1])
        #expect(outcome.mean == expected)
        // One output alone is something else.
        #expect(try outcome.mean != QualityFigures.measure(all[3], originals[3].frame))
        #expect(outcome.conventionsText.contains("followed by its reversal"))
        // The published set has 7,824 septuplets.
        #expect(outcome.warnings.count == 1 && outcome.warnings[0].contains("7824"))
    }

    @Test func mirroredClipsOfAllFramesAreMeasured() throws {
        let folder = try Self.septuplets()
        let model = try SmallClips.model(.unidirectional)
        try folder.write(model, "m.safetensors")
        let outcome = try Self.outcome([
            "--model", folder.path("m.safetensors"), "--mirror", "--data",
            folder.path("sequences/00001"), "--clips", "0001", "--frames", "3", "--executor",
            "reference",
        ])
        let originals = (0..<3).map { SmallClips.picture(clip: 0, frame: $0, size: Self.size) }
        let low = try originals.map { try Degradation.bicubic.degraded($0, scale: 4).frame }
        var options = UpscalerOptions()
        options.executor = .reference
        let all = try Upscaler(model: model, options: options)
            .upscale(clip: low + low.reversed())
        let figures = try (0..<3).map { index in
            let mean = zip(all[index].samples, all[5 - index].samples).map { ($0 + $1) / 2 }
            return try QualityFigures.measure(
                Frame(size: all[0].size, samples: mean), originals[index].frame)
        }
        #expect(outcome.frameCount == 3)
        let expected = try #require(QualityFigures(meanOf: figures))
        // Sums of three doubles in another order.
        #expect(abs(outcome.mean.psnr - expected.psnr) < 1e-12)
        #expect(abs(outcome.mean.ssim - expected.ssim) < 1e-12)
    }

    @Test func redsIsMeasuredOnRGBAndOtherClipsAreLeftOut() throws {
        let folder = try TemporaryFolder()
        for clip in ["000", "001", "011", "015", "020"] {
            try SmallClips.writePictures(
                clip: 0, count: 1, size: Self.size, to: folder.path("train_sharp/\(clip)"))
        }
        let reds = ["--model", "bicubic", "--data", folder.path]
        let outcome = try Self.outcome(reds + ["--benchmark", "reds4"])
        #expect(outcome.clips.map(\.name) == ["000", "011", "015", "020"])
        let plain = try Self.outcome(reds + ["--channels", "RGB", "--clips", "000"])
        #expect(outcome.mean.psnr == plain.mean.psnr)
        #expect(outcome.benchmark == .reds4)
        #expect(
            outcome.warnings.contains { $0.contains("has 100 frames as published, but 1 here") })
        let text = Self.run(reds + ["--benchmark", "reds4"]).output
        #expect(text.contains("benchmark       REDS4"))
        #expect(text.contains("bicubic         26.14 / 0.7292, published"))
        #expect(
            text.components(separatedBy: "\n").filter { !$0.contains(folder.path) }
                .allSatisfy { $0.count <= 100 })
    }

    @Test(arguments: [
        (["reds4", "--degradation", "BD"], "frames made by BI"),
        (["reds4", "--channels", "Y"], "on RGB"), (["vid4", "--channels", "RGB"], "on Y"),
        (["udm10", "--degradation", "BI"], "frames made by BD or BD-DUF"),
        (["vid4", "--protocol", "mmagic"], "8 bits"), (["vid4", "--frames", "3"], "all frames"),
        (["vid4", "--middle"], "all frames"), (["vid4", "--mirror"], "as they are"),
        (["vid4", "--clips", "walk"], "of its own"), (["reds4", "--list", "x"], "of its own"),
        (["vid4", "--scale", "2"], "at scale 4"),
    ])
    func whatContradictsABenchmarkIsRefused(options: [String], reason: String) throws {
        let result = Self.run(
            ["--model", "bicubic", "--data", ".", "--benchmark"] + options)
        #expect(result.code == 2 && result.errors.count == 1)
        #expect(result.errors[0].contains(reason) && result.errors[0].contains("leave "))
    }

    @Test func whatABenchmarkDoesNotContradictIsTaken() throws {
        let folder = try TemporaryFolder()
        for clip in ["calendar", "city", "foliage", "walk"] {
            try SmallClips.writePictures(
                clip: 0, count: 1, size: Self.size, to: folder.path("GT/\(clip)"))
        }
        let outcome = try Self.outcome([
            "--model", "bicubic", "--data", folder.path, "--benchmark", "vid4", "--channels", "Y",
            "--degradation", "BD", "--layout", "vid4",
        ])
        #expect(outcome.degradation == .blurred && outcome.clips.count == 4)
        try FileManager.default.removeItem(atPath: folder.path("GT/city"))
        let result = Self.run([
            "--model", "bicubic", "--data", folder.path, "--benchmark", "vid4",
        ])
        #expect(result.code == 1 && result.errors[0].contains("has no clip city"))
    }
}
