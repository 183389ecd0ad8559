import Foundation
import Testing
import VSRCore
import VSRData
import VSRImaging
import VSRMedia
import VSRTestSupport

@Suite(.timeLimit(.minutes(10))) struct StreamedClipsTests {
    /// Folders of pictures, one of them shorter than a sample, a video, and rendered frames.
    private static func sources(_ folder: TemporaryFolder) throws -> [ClipSource] {
        try RenderedClips.writePictures(
            0, FrameSize(width: 26, height: 18), frames: 7, to: folder.path("set/a"))
        try RenderedClips.writePictures(
            1, FrameSize(width: 33, height: 21), frames: 3, to: folder.path("set/b"))
        let size = FrameSize(width: 32, height: 24)
        let properties = VideoProperties(
            size: size, timeBase: Rational(1, 25), frameRate: Rational(25, 1))
        let writer = try VideoWriter(folder.path("set/c.mp4"), size: size, like: properties)
        for frame in 0..<9 {
            let picture = RenderedClips.frame(2, size, frame)
            try writer.write(TimedFrame(picture, timestamp: Int64(frame)))
        }
        try writer.finish()
        return try ClipLayout.clips.clips(at: folder.path("set")).map(\.groundTruth)
            + [RenderedClips.source(3, FrameSize(width: 20, height: 32), frames: 5)]
    }

    private static func options() -> SamplingOptions {
        var options = SamplingOptions()
        options.seed = 11
        options.batchSize = 3
        options.frames = 4
        options.patch = FrameSize(width: 6, height: 5)
        options.timeReversal = true
        options.mirrorsShortClips = true
        return options
    }

    /// A frame of 32x24 takes 3 · (768 + 192) = 2,880 bytes.
    @Test(arguments: [0, 2880, 9000, 1 << 20], [1, 3])
    func batchesAreThoseOfClipsInMemory(limit: Int, threads: Int) throws {
        let folder = try TemporaryFolder()
        let sources = try Self.sources(folder)
        let kept = try BatchSampler(try RenderedClips.load(sources), options: Self.options())
        let clips = try RenderedClips.stream(sources, limit: limit, threads: threads)
        let streamed = try StreamedSampler(clips, options: Self.options())
        #expect(clips.names == ["a", "b", "c", "clip3"])
        #expect(clips.bytes == kept.clips.bytes)
        for index in (0..<10).reversed() {
            #expect(try streamed.batch(index) == kept.batch(index))
        }
        let ahead = streamed.prefetcher(start: 10)
        for index in 10..<40 { #expect(try ahead.next() == kept.batch(index)) }
        #expect(clips.peakBytes <= limit)
        // Frames in memory are not decoded again: 7 and 3 pictures at most, with room for all.
        if limit == 1 << 20 { #expect(clips.decodedFrames <= 10) }
    }

    @Test func aSetTenTimesTheLimitNeverTakesMore() throws {
        let folder = try TemporaryFolder()
        let size = FrameSize(width: 128, height: 96)
        // 46,080 bytes each: 20.7 MB in all.
        for clip in 0..<15 {
            try RenderedClips.writePictures(
                clip, size, frames: 30, to: folder.path("set/\(clip / 4)/\(clip % 4)"))
        }
        let limit = 2_000_000
        let sources = try ClipLayout.clips.clips(at: folder.path("set")).map(\.groundTruth)
        let clips = try RenderedClips.stream(sources, limit: limit, threads: 3)
        #expect(clips.names.prefix(5) == ["0/0", "0/1", "0/2", "0/3", "1/0"])
        #expect(clips.bytes == 15 * 30 * 46_080)
        #expect(clips.bytes > 10 * limit)
        var options = Self.options()
        options.batchSize = 4
        options.frames = 7
        options.patch = FrameSize(width: 24, height: 20)
        let kept = try BatchSampler(try RenderedClips.load(sources), options: options)
        let streamed = try StreamedSampler(clips, options: options)
        let ahead = streamed.prefetcher()
        for index in 0..<60 {
            let batch = try ahead.next()
            #expect(batch == kept.batch(index))
            #expect(Self.firstPixels(batch) == Self.expectedFirstPixels(batch))
            #expect(clips.peakBytes <= limit)
        }
        ahead.stop()
        #expect(clips.peakBytes > limit - 2 * 46_080)
    }

    /// The red level in the first row and column of every frame of a batch.
    private static func firstPixels(_ batch: TrainingBatch) -> [Float] {
        let frame = 3 * batch.size.scaled(by: 2).area
        return stride(from: 0, to: batch.highResolution.count, by: frame)
            .map { batch.highResolution[$0] }
    }

    /// The same by the definition of the clips: the crop's corner, after turning.
    private static func expectedFirstPixels(_ batch: TrainingBatch) -> [Float] {
        batch.samples.flatMap { sample in
            let column = sample.isFlippedX ? 2 * batch.size.width - 1 : 0
            let row = sample.isFlippedY ? 2 * batch.size.height - 1 : 0
            return sample.frames.map { frame in
                let level = RenderedClips.level(
                    clip: sample.clip, frame: frame, channel: 0,
                    y: 2 * sample.y + (sample.isTransposed ? column : row),
                    x: 2 * sample.x + (sample.isTransposed ? row : column))
                return Float(level) / 255
            }
        }
    }

    /// The batches before the first that needs the picture, then the error.
    private func error(
        after change: (_ path: String) throws -> Void, expecting code: VSRError.Code
    ) throws -> String {
        let folder = try TemporaryFolder()
        let size = FrameSize(width: 26, height: 18)
        for clip in 0..<3 {
            try RenderedClips.writePictures(
                clip, size, frames: 12, to: folder.path("set/\(clip)"))
        }
        let sources = try ClipLayout.clips.clips(at: folder.path("set")).map(\.groundTruth)
        let kept = try BatchSampler(try RenderedClips.load(sources), options: Self.options())
        let first = try #require(
            (0..<100).first { index in
                kept.samples(index).contains { $0.clip == 1 && $0.frames.contains(6) }
            })
        try change(folder.path("set/1/6.png"))
        let clips = try RenderedClips.stream(sources, limit: 4000, threads: 2)
        let ahead = try StreamedSampler(clips, options: Self.options()).prefetcher()
        for index in 0..<first { #expect(try ahead.next() == kept.batch(index)) }
        let error = #expect(throws: VSRError.self) { try ahead.next() }
        #expect(error?.code == code)
        #expect(throws: VSRError.self) { try ahead.next() }
        return (error?.message ?? "").replacingOccurrences(of: folder.path, with: "")
    }

    @Test func aTruncatedPictureEndsTheRunByName() throws {
        let message = try error(
            after: { path in
                let whole = try Data(contentsOf: URL(fileURLWithPath: path))
                try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
            }, expecting: .corruptData)
        #expect(
            message
                == "/set/1/6.png is damaged: Invalid data found when processing input; "
                + "replace the picture or leave out the clip 1")
    }

    @Test func aMissingPictureEndsTheRunByName() throws {
        // Listed, and gone when it is wanted.
        let message = try error(
            after: { path in
                try FileManager.default.removeItem(atPath: path)
                try FileManager.default.createSymbolicLink(
                    atPath: path, withDestinationPath: "nowhere")
            }, expecting: .notFound)
        #expect(
            message
                == "there is no picture /set/1/6.png; replace the picture or leave out the clip 1")
    }

    @Test func aPictureOfAnotherSizeEndsTheRunByName() throws {
        let message = try error(
            after: { path in
                try ImageFile.write(Frame(size: FrameSize(width: 28, height: 18)), to: path)
            }, expecting: .shapeMismatch)
        #expect(
            message == "/set/1/6.png is 28x18 but the first picture of its folder is 26x18: "
                + "all must have one size")
    }

    @Test func aClipThatHasShrunkIsNoticed() throws {
        let size = FrameSize(width: 26, height: 18)
        let opened = OpenCount()
        let source = ClipSource(name: "shrinking", location: "/set/shrinking.mp4") {
            let count = opened.next() == 1 ? 8 : 2
            return try RenderedClips.source(0, size, frames: count).open()
        }
        let clips = try RenderedClips.stream([source], limit: 0, threads: 1)
        #expect(clips.frameCount == 8)
        var options = Self.options()
        options.frames = 8
        let error = #expect(throws: VSRError.self) {
            try StreamedSampler(clips, options: options).batch(0)
        }
        #expect(
            error?.message.hasPrefix(
                "/set/shrinking.mp4 had 8 frames and now ends after 2: ") == true)
    }

    @Test func whatClipsWillTakeIsKnownBeforehand() throws {
        let folder = try TemporaryFolder()
        let sources = try Self.sources(folder)
        // 26x18, 32x20 (of 33x21) and 32x24 with their quarter; the rendered clip counts nothing.
        let expected = (7 * 26 * 18 + 3 * 32 * 20 + 9 * 32 * 24) * 3 * 5 / 4
        #expect(try StreamedClips.expectedBytes(of: sources, scale: 2) == expected)
    }

    @Test func lookingThroughHeedsCancellation() throws {
        let folder = try TemporaryFolder()
        let sources = try Self.sources(folder)
        var options = LoadingOptions()
        let cancellation = Cancellation()
        cancellation.request()
        options.cancellation = cancellation
        let error = #expect(throws: VSRError.self) {
            try StreamedClips(sources, scale: 2, degradation: .bicubic, options: options)
        }
        #expect(error?.code == .cancelled)
    }
}

private final class OpenCount: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0
    func next() -> Int {
        lock.withLock {
            count += 1
            return count
        }
    }
}
