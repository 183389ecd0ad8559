import Foundation
import Testing
import VSRCore
import VSRMedia
import VSRModel
import VSRRuntime
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

    @Test func cancellingLeavesNothingBehind() throws {
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
            ["in.mp4", "in.mp4"], ["in.mp4", "out.avi"], ["none.mp4", "out.mp4"],
            ["text.mp4", "out.mp4"], ["empty", "out"], ["in.mp4", "out.mp4", "--frames", "0"],
            ["in.mp4", "out.mp4", "--quality", "99"], ["in.mp4", "out.mp4", "--preset", "never"],
            ["in.mp4", "out.mp4", "--instruction-sets", "sse9"],
            ["in.mp4", "out.mp4", "--scale", "3"], ["in.mp4", "."],
        ]
        for arguments in mistakes {
            let paths = arguments.prefix(2).map { $0 == "." ? folder.url.path : folder.path($0) }
            let result = CommandLineHarness.run(
                ["upscale"] + paths + ["--model", "bicubic"] + arguments.dropFirst(2))
            #expect(result.code == 1, "\(arguments)")
            #expect(result.remarks.count == 1, "\(arguments): \(result.remarks)")
            #expect(folder.contents == before, "\(arguments)")
        }
    }
}
