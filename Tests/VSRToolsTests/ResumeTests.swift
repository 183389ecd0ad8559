import Foundation
import Synchronization
import Testing
import VSRCore
import VSRImaging
import VSRMedia
import VSRModel
import VSRRuntime
import VSRTestSupport
import VSRTools

/// Upscaling that is stopped and goes on.
@Suite struct ResumeTests {
    private static let size = FrameSize(width: 32, height: 20)
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try SmallClips.writeVideo(count: 40, size: Self.size, to: folder.path("in.mp4"))
    }

    private func job(_ output: String) -> UpscaleJob {
        var job = UpscaleJob(input: folder.path("in.mp4"), output: folder.path(output))
        job.partLength = 6
        return job
    }

    private static func upscaler(_ kind: String) throws -> any PictureUpscaling {
        if kind == "bicubic" { return try BicubicUpscaler(scale: 4) }
        var options = UpscalerOptions()
        options.threads = 1
        options.window = .frames(5, lookAhead: 2)
        return try Upscaler(
            model: try SmallClips.model(kind == "online" ? .unidirectional : .bidirectional),
            options: options)
    }

    /// Runs until so many frames are upscaled, and is then stopped.
    private func stop(
        _ job: UpscaleJob, _ kind: String, after count: Int
    ) throws -> [String] {
        let cancellation = Cancellation()
        let warnings = Mutex<[String]>([])
        expectError(.cancelled) {
            _ = try job.run(
                with: try Self.upscaler(kind),
                progress: {
                    if $0.label == "upscale", $0.completed >= count { cancellation.request() }
                }, cancellation: cancellation,
                notify: {
                    if case .warning(let text) = $0 { warnings.withLock { $0.append(text) } }
                })
        }
        return warnings.withLock { $0 }
    }

    private func pictures(_ name: String) throws -> [TimedFrame] {
        let reader = try VideoReader(folder.path(name))
        var frames: [TimedFrame] = []
        while let frame = try reader.next() { frames.append(frame) }
        return frames
    }

    private func expectEqual(_ name: String, _ other: String) throws {
        let (first, second) = (try pictures(name), try pictures(other))
        #expect(first.count == 40 && second.count == 40)
        for (a, b) in zip(first, second) {
            #expect(a.timestamp == b.timestamp && a.duration == b.duration)
            #expect(a.frame == b.frame)
        }
    }

    @Test(
        arguments: ["bicubic", "online", "bidirectional"],
        ["mp4", "mkv", "ts", "avi", "mov", "webm"])
    func whatIsStoppedTwiceEqualsWhatIsNot(kind: String, suffix: String) throws {
        let whole = try job("whole.\(suffix)").run(with: try Self.upscaler(kind))
        #expect(whole.resumedFrames == 0)
        var job = job("out.\(suffix)")
        let warnings = try stop(job, kind, after: 18)
        #expect(warnings.last?.contains("--resume goes on") == true)
        let unfinished = "out.\(suffix).unfinished"
        #expect(folder.contents == ["in.mp4", unfinished, "whole.\(suffix)"])
        // What is finished plays.
        let part = try VideoReader(folder.path("\(unfinished)/part-0001.mkv")).frames()
        #expect(part.count >= 6 && part.count < 18)
        job.beginning = .resuming
        _ = try stop(job, kind, after: 34)
        let outcome = try job.run(with: try Self.upscaler(kind))
        #expect(outcome.frames == 40 && outcome.resumedFrames >= 18 - 11)
        #expect(folder.contents == ["in.mp4", "out.\(suffix)", "whole.\(suffix)"])
        try expectEqual("out.\(suffix)", "whole.\(suffix)")
    }

    @Test func partsHaveTheTimesAndFramesOfAVideoInOnePiece() throws {
        // Without loss, so that where the encoder begins anew does not matter.
        var job = job("parts.mkv")
        job.encoding.codec = .ffv1
        _ = try job.run(with: try Self.upscaler("online"))
        job.output = folder.path("one.mkv")
        job.partLength = 1000
        _ = try job.run(with: try Self.upscaler("online"))
        try expectEqual("parts.mkv", "one.mkv")
        // A network that is given frames one after another knows nothing of parts.
        let network = try Self.upscaler("online")
        let direct = try network.upscale(clip: VideoReader(folder.path("in.mp4")).frames())
        let read = try pictures("one.mkv")
        for (frame, expected) in zip(read, direct) {
            #expect(frame.frame.size == expected.size)
        }
    }

    @Test func afterTheLastFrameOnlyTheFileIsMade() throws {
        let whole = try job("whole.mp4").run(with: try Self.upscaler("online"))
        // A folder where the file is to be: the parts cannot become one file.
        try FileManager.default.createDirectory(
            atPath: folder.path("out.mp4"), withIntermediateDirectories: false)
        try Data("x".utf8).write(to: URL(fileURLWithPath: folder.path("out.mp4/x")))
        var job = job("out.mp4")
        expectError(.io) { _ = try job.run(with: try Self.upscaler("online")) }
        try FileManager.default.removeItem(atPath: folder.path("out.mp4"))
        job.beginning = .resuming
        let outcome = try job.run(with: try Self.upscaler("online"))
        #expect(outcome.resumedFrames == 40 && outcome.frames == whole.frames)
        try expectEqual("out.mp4", "whole.mp4")
    }

    @Test func leftoversAreNeitherUsedNorLostUnasked() throws {
        var job = job("out.mp4")
        _ = try stop(job, "online", after: 20)
        let before = folder.contents
        let error = expectError(.invalidArgument) {
            _ = try job.run(with: try Self.upscaler("online"))
        }
        #expect(error?.message.contains("--resume goes on from there") == true)
        #expect(folder.contents == before)
        job.beginning = .replacing
        #expect(try job.run(with: try Self.upscaler("online")).resumedFrames == 0)
        #expect(folder.contents == ["in.mp4", "out.mp4"])
    }

    @Test func anotherInputNetworkOrOptionIsRefused() throws {
        var job = job("out.mp4")
        job.methodSettings = ["--model": "1"]
        _ = try stop(job, "online", after: 20)
        job.beginning = .resuming
        func refused(_ name: String, _ change: (inout UpscaleJob) -> Void) {
            var changed = job
            change(&changed)
            let error = expectError(.invalidArgument) {
                _ = try changed.run(with: try Self.upscaler("online"))
            }
            #expect(error?.message.contains("begun with another \(name)") == true)
        }
        refused("--model") { $0.methodSettings = ["--model": "2"] }
        refused("--scale") { $0.size = .scale(2) }
        refused("encoding") { $0.encoding.quality = 20 }
        refused("part length") { $0.partLength = 7 }
        refused("--frames") { $0.frameLimit = 30 }
        var bytes = try Data(contentsOf: URL(fileURLWithPath: job.input))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: job.input))
        refused("input") { _ in }
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: job.input))
        #expect(try job.run(with: try Self.upscaler("online")).frames == 40)
    }

    @Test func damagedLeftoversAreRefused() throws {
        var job = job("out.mp4")
        _ = try stop(job, "online", after: 20)
        job.beginning = .resuming
        let unfinished = folder.path("out.mp4.unfinished")
        let names = try FileManager.default.contentsOfDirectory(atPath: unfinished)
        for name in names where name != "lock" {
            let url = URL(fileURLWithPath: "\(unfinished)/\(name)")
            let data = try Data(contentsOf: url)
            try data.prefix(data.count / 2).write(to: url)
            let error = expectError(.corruptData) {
                _ = try job.run(with: try Self.upscaler("online"))
            }
            #expect(error?.message.contains("begin") == true, "\(name)")
            try data.write(to: url)
        }
        #expect(try job.run(with: try Self.upscaler("online")).frames == 40)
    }

    @Test func framesThatWereNotAskedForMayBeDamaged() throws {
        let url = URL(fileURLWithPath: folder.path("in.mp4"))
        try SmallClips.writeVideo(count: 40, size: Self.size, to: folder.path("cut.ts"))
        let data = try Data(contentsOf: URL(fileURLWithPath: folder.path("cut.ts")))
        try data.prefix(data.count * 7 / 10).write(
            to: URL(fileURLWithPath: folder.path("cut.ts")))
        try FileManager.default.removeItem(at: url)
        var job = UpscaleJob(input: folder.path("cut.ts"), output: folder.path("out.mp4"))
        job.frameLimit = 3
        job.damage = .refuse
        let outcome = try job.run(with: try Self.upscaler("bicubic"))
        #expect(outcome.frames == 3 && !outcome.reading.isDamaged)
    }

    @Test func whatHasNoPartsCannotGoOn() throws {
        var job = job("out.y4m")
        job.beginning = .resuming
        expectError(.invalidArgument) { _ = try job.run(with: try Self.upscaler("bicubic")) }
        // Where nothing was stopped, a run to be resumed begins.
        job.output = folder.path("out.mp4")
        #expect(try job.run(with: try Self.upscaler("bicubic")).frames == 40)
    }
}
