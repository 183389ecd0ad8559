import Foundation
import Testing
import VSRCore
import VSRMedia
import VSRModel
import VSRRuntime
import VSRTestSupport
import VSRTools

/// What `slimvsr upscale` says and returns for damaged files and for what does not fit.
@Suite struct UpscaleDamageTests {
    private static let size = FrameSize(width: 32, height: 20)

    private static func run(_ folder: TemporaryFolder, _ words: [String]) -> ProgramResult {
        CommandLineHarness.run(
            ["upscale"] + words.prefix(2).map(folder.path) + ["--model", "bicubic"]
                + words.dropFirst(2))
    }

    /// A clip in the first `share` of its bytes.
    private static func writeCut(_ folder: TemporaryFolder, _ name: String, share: Double) throws {
        try SmallClips.writeVideo(count: 30, size: size, to: folder.path(name))
        let url = URL(fileURLWithPath: folder.path(name))
        let data = try Data(contentsOf: url)
        try data.prefix(Int(Double(data.count) * share)).write(to: url)
    }

    @Test(arguments: ["mkv", "mp4", "ts"])
    func aCutVideoIsDoneWithDamage(suffix: String) throws {
        let folder = try TemporaryFolder()
        try Self.writeCut(folder, "in.\(suffix)", share: 0.7)
        let result = Self.run(folder, ["in.\(suffix)", "out.mkv"])
        #expect(result.code == 3)
        #expect(result.output.contains("the input is damaged: "))
        #expect(result.output.contains("cut off"))
        #expect(result.remarks.contains { $0.hasPrefix("warning: ") && $0.contains("cut off") })
        let frames = try VideoReader(folder.path("out.mkv")).frames()
        #expect(frames.count > 5 && frames.count < 30)
        #expect(result.output.hasPrefix("\(frames.count) frames"))
        let stopped = Self.run(folder, ["in.\(suffix)", "stopped.mkv", "--damage", "stop"])
        #expect(stopped.code == 3)
        #expect(try !VideoReader(folder.path("stopped.mkv")).frames().isEmpty)
        let before = folder.contents
        let refused = Self.run(folder, ["in.\(suffix)", "refused.mkv", "--damage", "refuse"])
        #expect(refused.code == 1 && refused.errors.last?.hasPrefix("error: ") == true)
        #expect(folder.contents == before)
        // The output itself is whole.
        #expect(Self.run(folder, ["out.mkv", "again.mkv"]).code == 0)
    }

    @Test func anotherSizeStartsTheNetworkAnew() throws {
        let folder = try TemporaryFolder()
        try SmallClips.writeVideo(count: 4, size: Self.size, to: folder.path("a.ts"))
        try SmallClips.writeVideo(
            count: 4, size: FrameSize(width: 48, height: 32), to: folder.path("b.ts"))
        let joined = try ["a.ts", "b.ts"].map {
            try Data(contentsOf: URL(fileURLWithPath: folder.path($0)))
        }
        try joined.reduce(Data(), +).write(to: URL(fileURLWithPath: folder.path("ab.ts")))
        let model = try SmallClips.model(.bidirectional)
        try folder.write(model, "m.safetensors")
        let result = CommandLineHarness.run([
            "upscale", folder.path("ab.ts"), folder.path("out"), "--model",
            folder.path("m.safetensors"), "--threads", "1",
        ])
        #expect(result.code == 0, "\(result.remarks)")
        #expect(
            result.remarks.contains {
                $0.hasPrefix("note: ") && $0.contains("frame 4")
                    && $0.contains("48x32 and scaled to 32x20")
            })
        var reading = VideoReaderOptions()
        reading.scalesChangedSizes = true
        reading.damage = .skip
        let frames = try VideoReader(folder.path("ab.ts"), options: reading).frames()
        #expect(frames.count == 8)
        var options = UpscalerOptions()
        options.threads = 1
        let parts = try [frames.prefix(4), frames.suffix(4)].flatMap {
            try Upscaler(model: model, options: options).upscale(clip: Array($0))
        }
        let written = try ImageSequenceReader(folder.path("out")).byteFrames()
        try #require(written.count == 8)
        for (frame, part) in zip(written, parts) {
            // Planes go into the network unrounded, RGB frames too: a level at most.
            let bytes = ByteFrame(rounding: part)
            #expect(zip(frame.samples, bytes.samples).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
        }
    }

    @Test func aPlainVideoNeedsNoWords() throws {
        let folder = try TemporaryFolder()
        try SmallClips.writeVideo(count: 3, size: Self.size, to: folder.path("in.mp4"))
        for suffix in ["mp4", "mkv", "webm", "ts"] {
            let result = Self.run(folder, ["in.mp4", "out.\(suffix)", "--streams", "strict"])
            #expect(result.code == 0)
            #expect(result.remarks.isEmpty, "\(result.remarks)")
        }
        let rounded = Self.run(folder, ["in.mp4", "out.avi"])
        #expect(rounded.remarks.count == 1 && rounded.remarks[0].contains("25 frames per second"))
    }
}
