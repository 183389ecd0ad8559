import Foundation
import Testing
import VSRCore
import VSRData
import VSRImaging
import VSRModel
import VSRRuntime
import VSRTestSupport
import VSRTools

@Suite struct EvaluateTests {
    /// Figures by numpy, from the definitions: `scripts/reference/evaluate_bicubic.py`.
    private static func reference(_ key: String) throws -> [String: QualityFigures] {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/VSRTools/bicubic.json")
        let all = try JSONDecoder().decode(
            [String: [String: QualityFigures]].self, from: Data(contentsOf: path))
        return try #require(all[key])
    }

    private static func clips() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try SmallClips.writePictures(
            clip: 0, count: 3, size: FrameSize(width: 40, height: 32), to: folder.path("clip0"))
        try SmallClips.writePictures(
            clip: 1, count: 2, size: FrameSize(width: 24, height: 28), to: folder.path("clip1"))
        return folder
    }

    private func evaluated(_ folder: TemporaryFolder, _ options: [String]) throws
        -> Evaluation.Outcome
    {
        try evaluated(folder, "", options)
    }

    private func evaluated(_ folder: TemporaryFolder, _ name: String, _ options: [String]) throws
        -> Evaluation.Outcome
    {
        let result = CommandLineHarness.run(
            ["evaluate", "--data", folder.path(name), "--json", "-"] + options)
        #expect(result.code == 0, "\(result.remarks)")
        return try JSONDecoder().decode(Evaluation.Outcome.self, from: Data(result.output.utf8))
    }

    @Test(arguments: [
        ("BI Y", ["--degradation", "BI"]), ("BI RGB", ["--channels", "RGB"]),
        ("BD Y", ["--degradation", "BD"]),
    ])
    func bicubicGetsTheFiguresOfNumpy(key: String, options: [String]) throws {
        let outcome = try evaluated(
            try Self.clips(), ["--model", "bicubic", "--layout", "clips"] + options)
        let reference = try Self.reference(key)
        #expect(outcome.clips.map(\.name) == ["clip0", "clip1"])
        #expect(outcome.clips.map(\.frameCount) == [3, 2])
        for clip in outcome.clips {
            let expected = try #require(reference[clip.name])
            // The same 8-bit pictures are measured in double precision.
            #expect(abs(clip.figures.psnr - expected.psnr) < 1e-9)
            #expect(abs(clip.figures.ssim - expected.ssim) < 1e-9)
        }
        let mean = reference.values.reduce(0) { $0 + $1.psnr } / 2
        #expect(abs(outcome.mean.psnr - mean) < 1e-9)
    }

    @Test(arguments: ["uni", "bi"])
    func aModelOfZeroWeightsGivesTheFiguresOfItsBilinearBase(direction: String) throws {
        let folder = try TemporaryFolder()
        let size = FrameSize(width: 32, height: 24)
        try SmallClips.writePictures(
            clip: 0, count: 3, size: size, to: folder.path("data/clip"))
        var model = try SmallClips.model(direction == "uni" ? .unidirectional : .bidirectional)
        for (name, tensor) in model.tensors {
            model.tensors[name]?.values = Array(repeating: 0, count: tensor.values.count)
        }
        try folder.write(model, "zero.safetensors")
        let outcome = try JSONDecoder().decode(
            Evaluation.Outcome.self,
            from: Data(
                CommandLineHarness.run([
                    "evaluate", "--model", folder.path("zero.safetensors"), "--data",
                    folder.path("data"), "--json", "-",
                ]).output.utf8))
        var metrics = ClipMetrics()
        for frame in SmallClips.frames(clip: 0, count: 3, size: size) {
            let low = try Degradation.bicubic.degraded(frame, scale: 4)
            try metrics.accumulate(Self.bilinear(low, by: 4), reference: frame)
        }
        let clip = metrics.endClip(named: "clip")
        let expected = try #require(clip)
        #expect(abs(outcome.mean.psnr - expected.figures.psnr) < 1e-3)
        #expect(outcome.frameCount == 3)
    }

    @Test func clipsAreTakenWholeUnlessWindowsAreAskedFor() throws {
        let folder = try TemporaryFolder()
        let size = FrameSize(width: 32, height: 24)
        let count = 30  // More than a window of 16 frames with 8 ahead.
        try SmallClips.writePictures(
            clip: 0, count: count, size: size, to: folder.path("data/clip"))
        let model = try SmallClips.model(.bidirectional)
        try folder.write(model, "m.safetensors")
        func run(_ options: [String]) throws -> Evaluation.Outcome {
            try evaluated(folder, "data", ["--model", folder.path("m.safetensors")] + options)
        }
        let whole = try run([])
        let explicit = try run(["--window", "whole"])
        let windows = try run(["--window", "4", "--look-ahead", "1"])
        let covering = try run(["--window", "30"])
        #expect(whole.clipWindow == "whole" && explicit.clipWindow == "whole")
        #expect(whole.conventionsText.contains("clips: whole"))
        #expect(windows.conventionsText.contains("clips: windows of 4 frames with 1 more ahead"))
        #expect(covering.clipWindow == "windows of 30 frames with 8 more ahead")
        #expect(whole.clips == explicit.clips && whole.clips == covering.clips)
        #expect(whole.clips != windows.clips)
        // By plain loops over the whole clip.
        var options = UpscalerOptions()
        options.executor = .reference
        options.window = .whole
        let frames = SmallClips.frames(clip: 0, count: count, size: size)
        let upscaled = try Upscaler(model: model, options: options).upscale(
            clip: frames.map { try Degradation.bicubic.degraded($0, scale: 4) })
        var metrics = ClipMetrics()
        for (frame, reference) in zip(upscaled, frames) {
            try metrics.accumulate(frame, reference: reference)
        }
        let clip = metrics.endClip(named: "clip")
        let expected = try #require(clip)
        #expect(abs(whole.mean.psnr - expected.figures.psnr) < 1e-3)
    }

    @Test func oneVideoOrFolderOfPicturesIsAClip() throws {
        let folder = try Self.clips()
        let size = FrameSize(width: 40, height: 32)
        try SmallClips.writeVideo(count: 2, size: size, to: folder.path("a.mp4"))
        let video = try evaluated(folder, "a.mp4", ["--model", "bicubic"])
        #expect(video.clips.map(\.name) == ["a"] && video.frameCount == 2)
        let pictures = try evaluated(folder, "clip0", ["--model", "bicubic"])
        #expect(pictures.clips.map(\.name) == ["clip0"] && pictures.frameCount == 3)
    }

    /// Bilinear interpolation with pixel centers aligned, edges repeated.
    private static func bilinear(_ frame: Frame, by scale: Int) -> Frame {
        var result = Frame(size: frame.size.scaled(by: scale))
        func sources(_ index: Int, _ length: Int) -> (Int, Int, Float) {
            let position = max(0, (Float(index) + 0.5) / Float(scale) - 0.5)
            let low = min(Int(position), length - 1)
            return (low, min(low + 1, length - 1), position - Float(low))
        }
        for channel in 0..<Frame.channels {
            for y in 0..<result.height {
                let (top, bottom, v) = sources(y, frame.height)
                for x in 0..<result.width {
                    let (left, right, u) = sources(x, frame.width)
                    let upper =
                        (1 - u) * frame[channel, top, left] + u * frame[channel, top, right]
                    let lower =
                        (1 - u) * frame[channel, bottom, left] + u * frame[channel, bottom, right]
                    result[channel, y, x] = (1 - v) * upper + v * lower
                }
            }
        }
        return result
    }

    @Test func publishedFramesAreUsedAndAnotherDegradationIsNoticed() throws {
        let folder = try TemporaryFolder()
        let size = FrameSize(width: 96, height: 64)
        try SmallClips.writePictures(clip: 0, count: 2, size: size, to: folder.path("GT/a"))
        for index in 0..<2 {
            let frame = SmallClips.picture(clip: 0, frame: index, size: size)
            let low = try Degradation.blurredUncentered.degraded(frame, scale: 4)
            try folder.write(low, "BIx4/a/0000000\(index).png")
        }
        let made = try evaluated(folder, ["--model", "bicubic"])
        let published = try evaluated(folder, ["--model", "bicubic", "--published"])
        let uncentered = try evaluated(
            folder, ["--model", "bicubic", "--published", "--degradation", "BD-DUF"])
        let same = try evaluated(folder, ["--model", "bicubic", "--degradation", "BD-DUF"])
        #expect(made.lowResolution == "made" && published.lowResolution == "published")
        #expect(published.clips == uncentered.clips && uncentered.clips == same.clips)
        #expect(made.clips != published.clips)
        #expect(made.warnings.count == 1 && published.warnings.count == 1)
        #expect(published.warnings.first?.contains("made by BD-DUF, not BI") == true)
        #expect(uncentered.warnings.isEmpty)
    }

    /// A model says for which degradation it was trained: that is taken where none is named, and
    /// missed where another one is.
    @Test func theModelsOwnDegradationIsTheDefault() throws {
        let folder = try Self.clips()
        var model = try SmallClips.model()
        model.metadata[MetadataKey.degradation] = "BD"
        let path = folder.url.appendingPathComponent("bd.safetensors").path
        try ModelFile.write(model, to: path)
        let clips = ["--model", path, "--clips", "clip0", "--frames", "1"]
        let own = try evaluated(folder, clips)
        #expect(own.degradation == .blurred && own.warnings.isEmpty)
        #expect(own.conventionsText.contains("what the model was trained for"))
        let named = try evaluated(folder, clips + ["--degradation", "BD"])
        #expect(named.clips == own.clips && named.warnings.isEmpty)
        #expect(!named.conventionsText.contains("what the model was trained for"))
        let other = try evaluated(folder, clips + ["--degradation", "BI"])
        #expect(other.degradation == .bicubic && other.warnings.count == 1)
        #expect(other.warnings.first?.contains("was trained for BD, not BI") == true)
    }

    @Test(arguments: ["uni-small", "uni-small-slim"])
    func aBundledModelSaysWhatItWasTrainedForAndMissesIt(name: String) throws {
        let folder = try Self.clips()
        let clips = ["--model", name, "--clips", "clip0", "--frames", "1"]
        let own = try evaluated(folder, clips)
        #expect(own.degradation == .bicubic && own.warnings.isEmpty)
        #expect(own.conventionsText.contains("what the model was trained for"))
        #expect(own.conventionsText.contains("the first frame of each clip"))
        let blurred = try evaluated(folder, clips + ["--degradation", "BD"])
        #expect(blurred.warnings.first?.contains("was trained for BI, not BD") == true)
    }

    /// A flow network with kernels of 5×5, for which no tuned kernel is written.
    @Test func theReferenceExecutorRunsWhatTunedKernelsCannot() throws {
        let folder = try Self.clips()
        var blueprint = Blueprint(direction: .unidirectional, width: 2, blocks: 1)
        blueprint.flow = .init(widths: [2], levels: 1, kernelSizes: [5, 3])
        try folder.write(try Model.initialized(blueprint, seed: 1), "m.safetensors")
        let model = ["--model", folder.path("m.safetensors")]
        let evaluate = ["evaluate", "--data", folder.path("clip1")] + model
        let upscale = ["upscale", folder.path("clip1"), folder.path("big")] + model
        let bench = ["bench", model[1], "--size", "8x8", "--frames", "1", "--warm-up", "0"]
        for command in [evaluate, upscale, bench] {
            let refused = CommandLineHarness.run(command)
            #expect(refused.code == 1 && refused.remarks.count == 1, "\(command)")
            #expect(refused.remarks.first?.contains("--executor reference") == true)
            let run = CommandLineHarness.run(command + ["--executor", "reference"])
            #expect(run.code == 0, "\(command): \(run.remarks)")
        }
        let record = CommandLineHarness.run(
            evaluate + ["--record-precision", "--executor", "reference"])
        #expect(record.code == 2 && record.remarks.first?.contains("leave --executor out") == true)
    }

    @Test func anUpscalersOwnWindowIsNamedInTheOutcome() throws {
        let folder = try Self.clips()
        var options = UpscalerOptions()
        options.window = .frames(2, lookAhead: 1)
        let upscaler = try Upscaler(model: try SmallClips.model(.bidirectional), options: options)
        let clips = try ClipLayout.clips.clips(at: folder.path("clip0"), names: nil)
        let outcome = try Evaluation().run(on: clips, method: "m", upscaler: upscaler)
        #expect(outcome.clipWindow == "windows of 2 frames with 1 more ahead")
    }

    @Test func publishedFramesOfAnotherDegradationThanTheModelsAreNoticed() throws {
        let folder = try TemporaryFolder()
        let size = FrameSize(width: 96, height: 64)
        try SmallClips.writePictures(clip: 0, count: 1, size: size, to: folder.path("GT/a"))
        let frame = SmallClips.picture(clip: 0, frame: 0, size: size)
        try folder.write(
            try Degradation.blurredUncentered.degraded(frame, scale: 4), "BIx4/a/00000000.png")
        var model = try SmallClips.model()
        model.metadata[MetadataKey.degradation] = "BI"
        try folder.write(model, "m.safetensors")
        let name = ["--model", folder.path("m.safetensors")]
        // Frames are made as the model wants them: those of the data set do not matter.
        #expect(try evaluated(folder, name).warnings.isEmpty)
        for options in [["--published"], ["--published", "--degradation", "BD-DUF"]] {
            let warnings = try evaluated(folder, name + options).warnings
            #expect(warnings.contains { $0.contains("was trained for BI, not BD-DUF") })
        }
    }

    @Test func theTableSaysTheConventionsAndFitsAHundredColumns() throws {
        let folder = try Self.clips()
        let result = CommandLineHarness.run([
            "evaluate", "--model", "bicubic", "--data", folder.url.path, "--json",
            folder.path("out.json"),
        ])
        #expect(result.code == 0)
        let lines = result.output.components(separatedBy: "\n")
        #expect(lines.dropLast().allSatisfy { $0.count <= 100 })
        #expect(lines.contains { $0.hasPrefix("mean of clips") && $0.hasSuffix(" 0.5180") })
        #expect(result.output.contains("BI: MATLAB imresize"))
        #expect(result.output.contains("rounded to 8 bits (paper)"))
        #expect(folder.contents == ["clip0", "clip1", "out.json"])
    }

    @Test(arguments: [
        ["--model", "bicubic", "--data", "no-such-folder"],
        ["--model", "no-such-model", "--data", "."],
        ["--model", "bicubic", "--data", ".", "--degradation", "XY"],
        ["--model", "bicubic", "--data", ".", "--scale", "3"],
        ["--model", "bicubic"], ["--model", "bicubic", "--data", ".", "--window", "0"],
        ["--model", "bicubic", "--data", ".", "--window", "-3"],
        ["--model", "bicubic", "--data", ".", "--look-ahead", "2"],
        ["--model", "bicubic", "--data", ".", "--window", "1000001"],
        ["--model", "bicubic", "--data", ".", "--window", "8", "--look-ahead", "x"],
    ])
    func mistakesAreOneSentence(options: [String]) {
        let result = CommandLineHarness.run(["evaluate"] + options)
        #expect(result.isMistake && result.errors.count == 1 && result.output.isEmpty)
    }

    @Test func clipsThatCannotBeEvaluatedAreRefused() throws {
        let folder = try Self.clips()
        func remark(_ options: [String]) -> String {
            let result = CommandLineHarness.run(
                ["evaluate", "--model", "bicubic", "--data", folder.url.path] + options)
            #expect(result.code == 1)
            return result.remarks.joined()
        }
        #expect(remark(["--clips", "clip7"]).contains("has no clip clip7"))
        #expect(remark(["--published"]).contains("has no published low-resolution frames"))
        #expect(remark(["--layout", "vid4"]).contains("GT"))
        #expect(remark(["--instruction-sets", "sse9"]).contains("known ones"))
        #expect(remark(["--frames", "0"]).contains("at least 1"))
    }

    @Test func cancelingWritesNothing() throws {
        let folder = try Self.clips()
        let cancellation = Cancellation()
        cancellation.request()
        let result = CommandLineHarness.run(
            [
                "evaluate", "--model", "bicubic", "--data", folder.url.path, "--json",
                folder.path("out.json"),
            ], cancellation: cancellation)
        #expect(result.code == 130 && result.remarks == ["error: stopped on request"])
        #expect(folder.contents == ["clip0", "clip1"])
    }
}
