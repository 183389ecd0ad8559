import CLibAV
import Foundation
import Testing
import VSRCore
import VSRTestSupport

@testable import VSRMedia

@Suite struct VideoRoundTripTests {
    static let size = FrameSize(width: 64, height: 48)

    /// Writes a clip whose frame n is shown at `times[n]`.
    @discardableResult
    static func write(
        _ path: String, size: FrameSize = size, times: [Int64], like properties: VideoProperties,
        options: VideoWriterOptions? = nil
    ) throws -> VideoWriter {
        var fast = VideoWriterOptions()
        fast.preset = "ultrafast"
        fast.threads = 1
        let writer = try VideoWriter(path, size: size, like: properties, options: options ?? fast)
        for (index, time) in times.enumerated() {
            let last = index + 1 < times.count ? times[index + 1] - time : 0
            try writer.write(
                TimedFrame(
                    TestPictures.smooth(size, frame: index), timestamp: time, duration: last))
        }
        try writer.finish()
        return writer
    }

    static func properties(
        _ timeBase: Rational = Rational(1, 90000), color: ColorTags = ColorTags(),
        path: String? = nil
    ) -> VideoProperties {
        VideoProperties(
            size: size, timeBase: timeBase, frameRate: Rational(25, 1), color: color, path: path)
    }

    private static func frames(_ path: String) throws -> (VideoReader, [TimedFrame]) {
        let reader = try VideoReader(path)
        var frames: [TimedFrame] = []
        while let frame = try reader.next() { frames.append(frame) }
        return (reader, frames)
    }

    private static func difference(_ a: Frame, _ b: Frame) -> Float {
        zip(a.samples, b.samples).map { abs($0 - $1) }.max() ?? 0
    }

    @Test(arguments: ["mp4", "mov", "mkv", "m4v"])
    func irregularTimesComeBack(suffix: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.path("clip.\(suffix)")
        // Milliseconds, which all containers can express; variable rate, B-frames allowed.
        let times: [Int64] = [0, 40, 80, 81, 200, 205, 400, 433, 467, 500, 1000, 1001]
        var options = VideoWriterOptions()
        options.preset = "medium"
        try Self.write(
            path, times: times, like: Self.properties(Rational(1, 1000)), options: options)
        let (reader, frames) = try Self.frames(path)
        let base = reader.properties.timeBase
        let read = frames.map { Double($0.timestamp) * base.value * 1000 }
        #expect(read.map { $0.rounded() } == times.map(Double.init))
        #expect(read.allSatisfy { abs($0 - $0.rounded()) < 1e-6 })
        #expect(reader.properties.size == Self.size)
        #expect(reader.properties.codec == "h264")
        #expect(try folder.entries() == ["clip.\(suffix)"])
    }

    @Test func fractionalRatesKeepEveryTickInMP4() throws {
        let folder = try TemporaryFolder()
        let times = (0..<30).map { Int64($0) * 1001 }
        var properties = Self.properties(Rational(1, 30000))
        properties.frameRate = Rational(30000, 1001)
        try Self.write(folder.path("a.mp4"), times: times, like: properties)
        let (reader, frames) = try Self.frames(folder.path("a.mp4"))
        #expect(reader.properties.timeBase == Rational(1, 30000))
        #expect(reader.properties.frameRate == Rational(30000, 1001))
        #expect(reader.properties.frameCount == 30)
        #expect(frames.map(\.timestamp) == times)
        #expect(frames.allSatisfy { $0.duration == 1001 })
    }

    @Test func theLastFrameIsShownAsLongAsBefore() throws {
        // MP4 without B-frames, the case in which a container states it.
        let folder = try TemporaryFolder()
        var options = VideoWriterOptions()
        options.preset = "ultrafast"
        let writer = try VideoWriter(
            folder.path("a.mp4"), size: Self.size, like: Self.properties(Rational(1, 1000)),
            options: options)
        for (time, duration) in [(0, 40), (40, 40), (80, 700)] {
            try writer.write(
                TimedFrame(
                    TestPictures.smooth(Self.size, frame: 0), timestamp: Int64(time),
                    duration: Int64(duration)))
        }
        try writer.finish()
        let (reader, frames) = try Self.frames(folder.path("a.mp4"))
        let seconds = frames.map { Double($0.duration) * reader.properties.timeBase.value }
        #expect(abs((seconds.last ?? 0) - 0.7) < 1e-6)
        #expect(abs((reader.properties.duration ?? 0) - 0.78) < 1e-6)
    }

    @Test func aLateStartIsKept() throws {
        let folder = try TemporaryFolder()
        let times: [Int64] = [900, 940, 980]
        try Self.write(
            folder.path("a.mp4"), times: times, like: Self.properties(Rational(1, 1000)))
        let (reader, frames) = try Self.frames(folder.path("a.mp4"))
        let base = reader.properties.timeBase.value
        #expect(frames.map { (Double($0.timestamp) * base * 1000).rounded() } == [900, 940, 980])
    }

    @Test(arguments: [
        ColorTags(matrix: 1, primaries: 1, transfer: 1, isFullRange: false, chromaLocation: 1),
        ColorTags(matrix: 6, primaries: 6, transfer: 6, isFullRange: false, chromaLocation: 1),
        ColorTags(matrix: 5, primaries: 5, transfer: 6, isFullRange: true, chromaLocation: 2),
        ColorTags(matrix: 9, primaries: 9, transfer: 16, isFullRange: false, chromaLocation: 3),
    ])
    func tagsComeBackAndColorsAgreeWithThem(tags: ColorTags) throws {
        let folder = try TemporaryFolder()
        for suffix in ["mp4", "mkv"] {
            let path = folder.path("a.\(suffix)")
            var options = VideoWriterOptions()
            options.quality = 1
            try Self.write(
                path, times: [0, 3600], like: Self.properties(color: tags), options: options)
            let (reader, frames) = try Self.frames(path)
            #expect(reader.properties.color == tags)
            for (index, frame) in frames.enumerated() {
                let original = TestPictures.smooth(Self.size, frame: index)
                // Luma and color differences are within 2 levels at this quality.
                #expect(Self.difference(frame.frame, original) < 5 * 2 / 255.0)
            }
        }
    }

    @Test func untaggedSourcesAreTaggedAsTheyWereRead() throws {
        let folder = try TemporaryFolder()
        let large = FrameSize(width: 1280, height: 720)
        try Self.write(folder.path("a.mp4"), size: large, times: [0], like: Self.properties())
        let color = try VideoReader(folder.path("a.mp4")).properties.color
        #expect(color.matrix == 6)
        #expect(color.isFullRange == false)
        try Self.write(
            folder.path("b.mp4"), times: [0],
            like: Self.properties(color: ColorTags(matrix: 0, isFullRange: true)))
        let rgb = try VideoReader(folder.path("b.mp4")).properties.color
        #expect(rgb.matrix == 1 && rgb.primaries == 1 && rgb.isFullRange == false)
    }

    @Test func tenBitsAreKept() throws {
        let folder = try TemporaryFolder()
        var properties = Self.properties(color: ColorTags(matrix: 9, isFullRange: false))
        properties.depth = 10
        try Self.write(folder.path("a.mkv"), times: [0, 3600, 7200], like: properties)
        let read = try VideoReader(folder.path("a.mkv")).properties
        #expect(read.pixelFormat == "yuv420p10le")
        #expect(read.depth == 10)
    }

    @Test(arguments: [FrameSize(width: 33, height: 17), FrameSize(width: 1, height: 1)])
    func oddSizesAreWrittenWhole(size: FrameSize) throws {
        let folder = try TemporaryFolder()
        try Self.write(folder.path("a.mp4"), size: size, times: [0, 3600], like: Self.properties())
        let (reader, frames) = try Self.frames(folder.path("a.mp4"))
        #expect(reader.properties.size == size)
        #expect(reader.properties.pixelFormat == "yuv444p")
        #expect(frames.count == 2)
    }

    @Test func aspectAndRotationAreKept() throws {
        let folder = try TemporaryFolder()
        var properties = Self.properties()
        properties.sampleAspectRatio = Rational(4, 3)
        // A quarter turn clockwise with the shift that phones write: 48 pixels of 16.16.
        properties.displayMatrix = [0, 65536, 0, -65536, 0, 0, 48 << 16, 0, 1 << 30]
        try Self.write(folder.path("a.mp4"), times: [0, 3600], like: properties)
        let read = try VideoReader(folder.path("a.mp4")).properties
        #expect(read.sampleAspectRatio == Rational(4, 3))
        #expect(read.rotation == 90)
        #expect(read.displayMatrix == properties.displayMatrix)
    }

    @Test(arguments: ["mp4", "mkv"])
    func audioIsCopiedByteByByteAndInStep(suffix: String) throws {
        let folder = try TemporaryFolder()
        try TestStreams.writeAudio(folder.path("tone.mka.mkv"), encoder: "aac", seconds: 1.1)
        let writer = try Self.write(
            folder.path("a.\(suffix)"), times: (0..<25).map { Int64($0) * 3600 },
            like: Self.properties(path: folder.path("tone.mka.mkv")))
        #expect(writer.droppedStreams.isEmpty)
        let source = try TestStreams.packets(
            of: folder.path("tone.mka.mkv"), kind: AVMEDIA_TYPE_AUDIO)
        let copy = try TestStreams.packets(
            of: folder.path("a.\(suffix)"), kind: AVMEDIA_TYPE_AUDIO)
        #expect(source.packets.count > 40)
        #expect(copy.packets.map(\.data) == source.packets.map(\.data))
        #expect(copy.languages == ["fra"])
        for (a, b) in zip(copy.packets, source.packets) {
            // Containers round to their own ticks, Matroska to milliseconds.
            #expect(abs(a.seconds - b.seconds) <= 0.0011)
        }
        // The video beside it is complete, and a second generation keeps the sound as well.
        let (reader, frames) = try Self.frames(folder.path("a.\(suffix)"))
        #expect(frames.count == 25)
        try Self.write(
            folder.path("b.\(suffix)"), times: frames.map(\.timestamp), like: reader.properties)
        let again = try TestStreams.packets(
            of: folder.path("b.\(suffix)"), kind: AVMEDIA_TYPE_AUDIO)
        #expect(again.packets.map(\.data) == source.packets.map(\.data))
    }

    @Test func subtitlesAreCopied() throws {
        let folder = try TemporaryFolder()
        let lines: [(Int64, String)] = [(0, "un"), (400, "deux"), (2500, "trois")]
        try TestStreams.writeSubtitles(folder.path("text.mkv"), lines)
        let writer = try Self.write(
            folder.path("a.mkv"), times: (0..<25).map { Int64($0) * 3600 },
            like: Self.properties(path: folder.path("text.mkv")))
        #expect(writer.droppedStreams.isEmpty)
        let copy = try TestStreams.packets(
            of: folder.path("a.mkv"), kind: AVMEDIA_TYPE_SUBTITLE)
        #expect(copy.packets.map { String(decoding: $0.data, as: UTF8.self) } == lines.map(\.1))
        #expect(copy.packets.map { ($0.seconds * 1000).rounded() } == [0, 400, 2500])
        #expect(copy.languages == ["fra"])
        let mp4 = try Self.write(
            folder.path("a.mp4"), times: [0, 3600],
            like: Self.properties(path: folder.path("text.mkv")))
        #expect(mp4.droppedStreams.isEmpty)
        #expect(mp4.plan?.streams.map(\.codec) == ["mov_text"])
    }

    @Test func streamsThatTheContainerCannotHoldAreNamed() throws {
        let folder = try TemporaryFolder()
        try TestStreams.writeAudio(folder.path("tone.mkv"), encoder: "pcm_s16le", seconds: 0.2)
        let writer = try Self.write(
            folder.path("a.mp4"), times: [0, 3600],
            like: Self.properties(path: folder.path("tone.mkv")))
        #expect(writer.droppedStreams == ["stream 0 (pcm_s16le)"])
        #expect(try VideoReader(folder.path("a.mp4")).frames().count == 2)
    }

    @Test func anAbandonedOutputLeavesNothing() throws {
        let folder = try TemporaryFolder()
        do {
            let writer = try VideoWriter(
                folder.path("a.mp4"), size: Self.size, like: Self.properties())
            try writer.write(TimedFrame(Frame(size: Self.size), timestamp: 0))
            #expect(try folder.entries().count == 1)
        }
        #expect(try folder.entries().isEmpty)
        let writer = try VideoWriter(
            folder.path("a.mp4"), size: Self.size, like: Self.properties())
        writer.cancel()
        #expect(throws: VSRError.self) {
            try writer.write(TimedFrame(Frame(size: Self.size), timestamp: 0))
        }
        #expect(try folder.entries().isEmpty)
    }

    @Test func framesOfOtherSizesAndFallingTimesAreRefused() throws {
        let folder = try TemporaryFolder()
        let writer = try VideoWriter(
            folder.path("a.mp4"), size: Self.size, like: Self.properties())
        try writer.write(TimedFrame(Frame(size: Self.size), timestamp: 10))
        let size = #expect(throws: VSRError.self) {
            try writer.write(
                TimedFrame(Frame(size: FrameSize(width: 64, height: 50)), timestamp: 20))
        }
        #expect(size?.code == .shapeMismatch)
        let time = #expect(throws: VSRError.self) {
            try writer.write(TimedFrame(Frame(size: Self.size), timestamp: 10))
        }
        #expect(time?.code == .invalidArgument)
        #expect(throws: VSRError.self) {
            try VideoWriter(folder.path("a.wmv"), size: Self.size, like: Self.properties())
        }
        var options = VideoWriterOptions()
        options.preset = "fastest"
        #expect(throws: VSRError.self) {
            try VideoWriter(
                folder.path("a.mp4"), size: Self.size, like: Self.properties(), options: options)
        }
    }
}
