import Foundation
import Testing
import VSRCore
import VSRMedia
import VSRModel
import VSRRuntime
import VSRTestSupport
import VSRTools

@Suite struct UpscaleTests {
    private static let size = FrameSize(width: 32, height: 20)

    @Test(arguments: [Blueprint.Direction.unidirectional, .bidirectional], [2, 4])
    func picturesComeOutAsTheNetworkMakesThem(
        direction: Blueprint.Direction, scale: Int
    ) throws {
        let folder = try TemporaryFolder()
        try SmallClips.writePictures(clip: 0, count: 4, size: Self.size, to: folder.path("in"))
        let model = try SmallClips.model(direction, scale: scale)
        try folder.write(model, "m.safetensors")
        let result = CommandLineHarness.run([
            "upscale", folder.path("in"), folder.path("out"), "--model",
            folder.path("m.safetensors"), "--threads", "2",
        ])
        #expect(result.code == 0, "\(result.remarks)")
        var options = UpscalerOptions()
        options.executor = .reference
        let network = try Upscaler(model: model, options: options)
        let expected = try network.upscale(
            clip: SmallClips.frames(clip: 0, count: 4, size: Self.size))
        let written = try ImageSequenceReader(folder.path("out")).byteFrames()
        #expect(written.count == 4)
        for (frame, reference) in zip(written, expected) {
            // The tuned executor may round a sample near the middle of two levels the other way.
            let bytes = ByteFrame(rounding: reference)
            #expect(frame.size == Self.size.scaled(by: scale))
            #expect(zip(frame.samples, bytes.samples).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
        }
    }

    @Test func aVideoKeepsItsFramesAndTimes() throws {
        let folder = try TemporaryFolder()
        try SmallClips.writeVideo(count: 7, size: Self.size, to: folder.path("in.mp4"))
        let result = CommandLineHarness.run([
            "upscale", folder.path("in.mp4"), folder.path("out.mp4"), "--model", "bicubic",
        ])
        #expect(result.code == 0, "\(result.remarks)")
        #expect(result.output.contains("7 frames 32x20 → 128x80"))
        let input = try VideoReader(folder.path("in.mp4"))
        let output = try VideoReader(folder.path("out.mp4"))
        #expect(output.properties.size == Self.size.scaled(by: 4))
        while let frame = try input.next() {
            let upscaled = try #require(try output.next())
            let seconds = Double(frame.timestamp) * input.properties.timeBase.value
            #expect(
                abs(Double(upscaled.timestamp) * output.properties.timeBase.value - seconds) < 1e-6)
        }
        #expect(try output.next() == nil)
        #expect(folder.contents == ["in.mp4", "out.mp4"])
    }

    /// Frames go in and out of the network as RGB here, as planes of the codecs in the program.
    @Test(arguments: [Blueprint.Direction.unidirectional, .bidirectional])
    func planesGiveTheVideoThatFramesGive(direction: Blueprint.Direction) throws {
        let folder = try TemporaryFolder()
        try SmallClips.writeVideo(count: 6, size: Self.size, to: folder.path("in.mp4"))
        let model = try SmallClips.model(direction)
        try folder.write(model, "m.safetensors")
        let result = CommandLineHarness.run([
            "upscale", folder.path("in.mp4"), folder.path("out.mp4"), "--model",
            folder.path("m.safetensors"), "--threads", "1",
        ])
        #expect(result.code == 0, "\(result.remarks)")
        var options = UpscalerOptions()
        options.threads = 1
        let upscaler = try Upscaler(model: model, options: options)
        let reader = try VideoReader(folder.path("in.mp4"))
        let writer = try VideoWriter(
            folder.path("expected.mp4"), size: Self.size.scaled(by: 4), like: reader.properties)
        var frames: [Frame] = []
        var times: [TimedFrame] = []
        while let next = try reader.next() {
            times.append(next)
            frames += try upscaler.push(next.frame)
        }
        frames += try upscaler.finish()
        for (frame, time) in zip(frames, times) {
            try writer.write(
                TimedFrame(frame, timestamp: time.timestamp, duration: time.duration))
        }
        try writer.finish()
        let expected = try VideoReader(folder.path("expected.mp4")).frames()
        #expect(expected.count == 6)
        #expect(try VideoReader(folder.path("out.mp4")).frames() == expected)
    }

    @Test func aPictureBecomesAPicture() throws {
        let folder = try TemporaryFolder()
        let picture = SmallClips.picture(clip: 0, frame: 0, size: Self.size)
        try folder.write(picture, "in.png")
        let expected = try picture.resized(by: 4)
        for name in ["out.png", "out.jpg", "out"] {
            let result = CommandLineHarness.run([
                "upscale", folder.path("in.png"), folder.path(name), "--model", "bicubic",
            ])
            #expect(result.code == 0, "\(result.remarks)")
            #expect(result.output.hasPrefix("1 frame 32x20 → 128x80"))
        }
        #expect(folder.contents == ["in.png", "out", "out.jpg", "out.png"])
        #expect(try ImageFile.readBytes(folder.path("out.png")) == expected)
        #expect(try MediaPath.open(folder.path("out")).byteFrames() == [expected])
        #expect(try ImageFile.read(folder.path("out.jpg")).size == expected.size)
        // JPEG in, by a network.
        try folder.write(try SmallClips.model(.bidirectional, scale: 2), "m.safetensors")
        let result = CommandLineHarness.run([
            "upscale", folder.path("out.jpg"), folder.path("twice.png"), "--model",
            folder.path("m.safetensors"),
        ])
        #expect(result.code == 0, "\(result.remarks)")
        #expect(!result.output.contains("clip:"))
        #expect(
            try ImageFile.read(folder.path("twice.png")).size == FrameSize(width: 256, height: 160))
    }

    @Test func theWindowIsSaidAndCanBeChosen() throws {
        let folder = try TemporaryFolder()
        try SmallClips.writePictures(clip: 0, count: 3, size: Self.size, to: folder.path("in"))
        try folder.write(try SmallClips.model(.bidirectional), "bi.safetensors")
        try folder.write(try SmallClips.model(.unidirectional), "uni.safetensors")
        func run(_ model: String, _ name: String, _ options: [String]) -> ProgramResult {
            CommandLineHarness.run(
                ["upscale", folder.path("in"), folder.path(name), "--model", folder.path(model)]
                    + options)
        }
        // One window held all three frames, with its look-ahead or without.
        #expect(!run("bi.safetensors", "a", []).output.contains("clip:"))
        let covered = run("bi.safetensors", "e", ["--window", "2", "--look-ahead", "1"])
        #expect(covered.code == 0 && !covered.output.contains("clip:"))
        let seam = run("bi.safetensors", "f", ["--window", "2", "--look-ahead", "0"])
        #expect(seam.output.contains("clip: windows of 2 frames with 0 more ahead"))
        let short = run("bi.safetensors", "b", ["--window", "1", "--look-ahead", "0"])
        #expect(short.output.contains("clip: windows of 1 frame with 0 more ahead"))
        #expect(run("bi.safetensors", "c", ["--window", "whole"]).output.contains("clip: whole"))
        let needless = run("uni.safetensors", "d", ["--window", "2"])
        #expect(needless.code == 0 && needless.remarks.count == 1)
        #expect(!needless.output.contains("clip:"))
        func frames(_ name: String) throws -> [ByteFrame] {
            try ImageSequenceReader(folder.path(name)).byteFrames()
        }
        #expect(try frames("a") == frames("c"))
        #expect(try frames("e") == frames("c"))
        #expect(try frames("a") != frames("b"))
        #expect(try frames("f") != frames("c"))
    }

    @Test func cancelingLeavesNothingBehind() throws {
        let folder = try TemporaryFolder()
        try SmallClips.writeVideo(count: 7, size: Self.size, to: folder.path("in.mp4"))
        try Data("before".utf8).write(to: folder.url.appendingPathComponent("out.mp4"))
        let cancellation = Cancellation()
        let job = UpscaleJob(input: folder.path("in.mp4"), output: folder.path("out.mp4"))
        #expect(throws: VSRError.self) {
            try job.run(
                with: try UpscalingMethod("bicubic").upscaler(),
                progress: { if $0.completed == 3 { cancellation.request() } },
                cancellation: cancellation)
        }
        #expect(folder.contents == ["in.mp4", "out.mp4"])
        let kept = FileManager.default.contents(atPath: folder.path("out.mp4"))
        #expect(kept == Data("before".utf8))
    }

    @Test func mistakesAreOneSentenceAndLeaveNothing() throws {
        let folder = try TemporaryFolder()
        try SmallClips.writeVideo(count: 2, size: Self.size, to: folder.path("in.mp4"))
        try Data("no video".utf8).write(to: folder.url.appendingPathComponent("text.mp4"))
        try FileManager.default.createDirectory(
            at: folder.url.appendingPathComponent("empty"), withIntermediateDirectories: true)
        let before = folder.contents
        let mistakes = [
            ["in.mp4", "in.mp4"], ["in.mp4", "out.wmv"], ["none.mp4", "out.mp4"],
            ["text.mp4", "out.mp4"], ["empty", "out"], ["in.mp4", "out.mp4", "--frames", "0"],
            ["in.mp4", "out.mp4", "--quality", "99"], ["in.mp4", "out.mp4", "--preset", "never"],
            ["in.mp4", "out.mp4", "--instruction-sets", "sse9"],
            ["in.mp4", "out.mp4", "--scale", "3"], ["in.mp4", "."], ["in.mp4", "out.png"],
            ["in.mp4", "out.mp4", "--window", "0"], ["in.mp4", "out.mp4", "--window", "none"],
            ["in.mp4", "out.mp4", "--look-ahead", "-1"],
            ["in.mp4", "out.mp4", "--window", "whole", "--look-ahead", "8"],
            ["in.mp4", "out.mp4", "--damage", "none"], ["in.mp4", "out.mp4", "--streams", "all"],
        ]
        for arguments in mistakes {
            let paths = arguments.prefix(2).map { $0 == "." ? folder.url.path : folder.path($0) }
            let result = CommandLineHarness.run(
                ["upscale"] + paths + ["--model", "bicubic"] + arguments.dropFirst(2))
            // What cannot be parsed has a code of its own.
            let isUsage =
                ["0", "none", "all", "-1"].contains(arguments.last) && arguments[2] != "--frames"
            #expect(result.code == (isUsage ? 2 : 1), "\(arguments)")
            #expect(result.remarks.count == 1, "\(arguments): \(result.remarks)")
            #expect(folder.contents == before, "\(arguments)")
        }
    }
}
