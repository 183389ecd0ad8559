import CLibAV
import Foundation
import Testing
import VSRCore
import VSRTestSupport

@testable import VSRMedia

/// What becomes of everything besides the pictures, read back through libav's demuxers alone.
@Suite struct StreamTakeoverTests {
    private static func texts(_ stream: TestProbe.Stream) -> [String] {
        stream.packets.map { String(decoding: $0.data, as: UTF8.self) }
    }

    @Test func matroskaKeepsEverythingBitForBit() throws {
        let folder = try TemporaryFolder()
        let path = try TestClips.everything(folder.path, sounds: ["aac", "flac"])
        let (plan, _, frames) = try TestClips.copy(path, to: folder.path("out.mkv"))
        #expect(frames == 25)
        #expect(plan?.keepsEverything == true)
        #expect(
            plan?.streams.map(\.action) == [.upscale, .copy, .copy, .copy, .copy, .copy, .copy])
        let (before, after) = (try TestProbe(path), try TestProbe(folder.path("out.mkv")))
        #expect(after.streams.map(\.codec) == before.streams.map(\.codec))
        for (a, b) in zip(after.streams, before.streams).dropFirst() {
            #expect(a.payload == b.payload)
            #expect(a.packets.map(\.pts) == b.packets.map(\.pts))
            #expect(a.header == b.header || a.kind == AVMEDIA_TYPE_SUBTITLE)
        }
        for (a, b) in zip(after.streams, before.streams) {
            for key in ["language", "title", "filename", "mimetype"] {
                #expect(a.tag(key) == b.tag(key))
            }
            #expect(a.disposition == b.disposition)
        }
        #expect(after.chapters.map(\.title) == ["One", "Two"])
        #expect(after.chapters.map(\.start) == [0, 400])
        #expect(after.chapters.map(\.end) == [400, 1000])
        #expect(after.tag("title") == "The whole")
        let font = try #require(after.streams(AVMEDIA_TYPE_ATTACHMENT).first)
        #expect(font.header == Data("no font".utf8))
        #expect(after.covers.first?.payload == [try TestClips.cover()])
    }

    @Test(arguments: ["mp4", "mov"])
    func whatMP4CannotHoldIsConvertedOrSaid(suffix: String) throws {
        let folder = try TemporaryFolder()
        let path = try TestClips.everything(folder.path)
        let output = folder.path("out.\(suffix)")
        let plan = try #require(try TestClips.copy(path, to: output).plan)
        let isMP4 = suffix == "mp4"
        #expect(
            plan.streams.map(\.action) == [
                .upscale, .copy, isMP4 ? .copy : .omit, .convert, .convert, .omit,
                isMP4 ? .copy : .omit,
            ])
        #expect(plan.streams[5].holders == [.matroska])
        #expect(plan.streams[2].holders == (isMP4 ? [] : [.matroska, .mp4]))
        #expect(!plan.keepsEverything)
        #expect(plan.warnings.filter { $0.code == .streamOmitted }.count == (isMP4 ? 1 : 3))
        let (before, after) = (try TestProbe(path), try TestProbe(output))
        let sounds = after.streams(AVMEDIA_TYPE_AUDIO)
        #expect(sounds.map(\.codec) == (isMP4 ? ["aac", "flac"] : ["aac"]))
        for (a, b) in zip(sounds, before.streams(AVMEDIA_TYPE_AUDIO)) {
            #expect(a.payload == b.payload)
            #expect(a.tag("language") == b.tag("language"))
            // Where players look, and libav.
            #expect(a.tag("handler_name") == b.tag("title"))
        }
        #expect(after.chapters.map(\.title) == ["One", "Two"])
        #expect(after.chapters.map(\.start) == [0, 400])
        let texts = after.streams(AVMEDIA_TYPE_SUBTITLE)
        #expect(texts.map(\.codec) == ["mov_text", "mov_text"])
        #expect(texts.map { $0.tag("language") } == ["fra", "ita"])
        for text in texts {
            // 3GPP's samples begin with the text's length; empty ones are pauses.
            let shown = zip(text.packets, text.milliseconds).filter { $0.0.data.count > 2 }
            #expect(shown.map(\.1) == [100, 600])
            let lines = shown.map { packet, _ in
                let length = Int(packet.data[0]) << 8 | Int(packet.data[1])
                return String(decoding: packet.data.dropFirst(2).prefix(length), as: UTF8.self)
            }
            #expect(lines == ["one\ntwo", "three"])
        }
        #expect(after.covers.map(\.payload) == (isMP4 ? [[try TestClips.cover()]] : []))
    }

    @Test(arguments: [
        ("flac", ["mkv", "mp4"]), ("libopus", ["mkv", "mp4", "webm", "ts"]),
        ("libvorbis", ["mkv", "mp4", "webm"]), ("alac", ["mkv", "mp4", "mov"]),
        ("pcm_s16le", ["mkv", "mov", "avi"]), ("ac3", ["mkv", "mp4", "mov", "avi", "ts"]),
        ("libmp3lame", ["mkv", "mp4", "mov", "avi", "ts"]), ("mp2", ["mkv", "mp4", "avi", "ts"]),
        ("eac3", ["mkv", "mp4", "mov", "ts"]),
    ])
    func soundIsCopiedWhereverItCanBe(encoder: String, holders: [String]) throws {
        let folder = try TemporaryFolder()
        let path = try TestClips.everything(folder.path, sounds: [encoder])
        let source = try TestProbe(path).streams(AVMEDIA_TYPE_AUDIO)[0]
        #expect(source.packets.count > 10)
        for suffix in ["mkv", "mp4", "mov", "webm", "avi", "ts"] {
            let output = folder.path("out.\(suffix)")
            let plan = try #require(try TestClips.copy(path, to: output).plan)
            let copies = try TestProbe(output).streams(AVMEDIA_TYPE_AUDIO)
            let entry = plan.streams[1]
            if holders.contains(suffix) {
                #expect(entry.action == .copy, "\(suffix)")
                // AVI's demuxer hands out raw samples in pieces of its own.
                #expect(
                    copies.first?.payload.reduce(Data(), +) == source.payload.reduce(Data(), +),
                    "\(suffix)")
                #expect(
                    encoder.hasPrefix("pcm") || copies.first?.packets.count == source.packets.count,
                    "\(suffix)")
            } else if entry.action == .omit {
                #expect(copies.isEmpty, "\(suffix)")
                #expect(entry.holders.map { $0.extensions[0] }.contains("mkv"))
            }
        }
    }

    @Test func rawSubtitlesOfMP4BecomeTextOfMatroska() throws {
        let folder = try TemporaryFolder()
        let path = try TestClips.everything(folder.path)
        try TestClips.copy(path, to: folder.path("a.mp4"))
        let plan = try #require(
            try TestClips.copy(folder.path("a.mp4"), to: folder.path("b.mkv")).plan)
        #expect(
            plan.streams.filter { $0.source.kind == .subtitle }.map(\.codec) == [
                "subrip", "subrip",
            ])
        #expect(plan.streams.contains { $0.source.kind == .chapterTitles && $0.action == .absorb })
        let after = try TestProbe(folder.path("b.mkv"))
        for text in after.streams(AVMEDIA_TYPE_SUBTITLE) {
            #expect(
                Self.texts(text).map { $0.replacingOccurrences(of: "\r", with: "") } == [
                    "one\ntwo", "three",
                ])
            #expect(text.milliseconds == [100, 600])
            #expect(text.durations == [200, 200])
        }
        #expect(after.chapters.map(\.title) == ["One", "Two"])
        #expect(after.covers.first?.payload == [try TestClips.cover()])
        #expect(after.covers.first?.tag("mimetype") == "image/png")
        // From MP4 to MP4 the subtitles are copied as they are.
        try TestClips.copy(folder.path("a.mp4"), to: folder.path("c.mp4"))
        let first = try TestProbe(folder.path("a.mp4")).streams(AVMEDIA_TYPE_SUBTITLE)
        let second = try TestProbe(folder.path("c.mp4")).streams(AVMEDIA_TYPE_SUBTITLE)
        #expect(second.map(\.payload) == first.map(\.payload))
        #expect(second.map(\.milliseconds) == first.map(\.milliseconds))
    }

    @Test func aSecondVideoAndDefaultsAreKept() throws {
        let folder = try TemporaryFolder()
        let video = try TestClips.video(folder.path)
        let muxer = try TestMuxer(folder.path("two.mkv"), format: "matroska")
        let tracks = [
            try muxer.add(like: video, tags: ["title": "A"], disposition: AV_DISPOSITION_DEFAULT),
            try muxer.add(
                like: video, tags: ["title": "B", "language": "spa"],
                disposition: AV_DISPOSITION_VISUAL_IMPAIRED),
        ]
        try muxer.start(["default_mode": "passthrough"])
        for track in tracks { try muxer.write(video, as: track) }
        try muxer.finish()
        for suffix in ["mkv", "mp4", "ts"] {
            let plan = try #require(
                try TestClips.copy(folder.path("two.mkv"), to: folder.path("out.\(suffix)")).plan)
            let after = try TestProbe(folder.path("out.\(suffix)"))
            #expect(after.videos.count == 2)
            #expect(after.videos[1].packets.count == 25)
            if suffix != "ts" { #expect(after.videos[1].payload == video.payload) }
            #expect(after.videos[1].tag("language") == (suffix == "ts" ? nil : "spa"))
            #expect(plan.streams[1].losses.contains(.language) == (suffix == "ts"))
            if suffix == "mkv" {
                #expect(after.videos.map { $0.tag("title") } == ["A", "B"])
                #expect(
                    after.videos.map(\.disposition) == [
                        AV_DISPOSITION_DEFAULT, AV_DISPOSITION_VISUAL_IMPAIRED,
                    ])
            }
        }
        // An input that cannot say what players choose, and no input at all.
        try TestClips.copy(folder.path("out.ts"), to: folder.path("chosen.mkv"))
        let chosen = try TestProbe(folder.path("chosen.mkv"))
        #expect(chosen.videos[0].disposition & AV_DISPOSITION_DEFAULT != 0)
        #expect(try TestClips.video(folder.path).disposition & AV_DISPOSITION_DEFAULT != 0)
    }

    @Test func whatIsRequiredIsRefusedBeforehand() throws {
        let folder = try TemporaryFolder()
        let path = try TestClips.everything(folder.path)
        var options = VideoWriterOptions()
        options.refusesLosses = true
        let before = try folder.entries()
        for suffix in ["mp4", "webm", "avi", "ts"] {
            let error = #expect(throws: VSRError.self) {
                try TestClips.copy(path, to: folder.path("out.\(suffix)"), options: options)
            }
            #expect(error?.code == .unsupported)
            #expect(error?.message.contains("stream 5 (attachment ttf, Sans.ttf)") == true)
            #expect(try folder.entries() == before)
        }
        try TestClips.copy(path, to: folder.path("out.mkv"), options: options)
    }

    @Test func unwantedStreamsAreNoLoss() throws {
        let folder = try TemporaryFolder()
        let path = try TestClips.everything(folder.path)
        var options = VideoWriterOptions()
        options.copiesOtherStreams = false
        options.refusesLosses = true
        let plan = try #require(
            try TestClips.copy(path, to: folder.path("out.mp4"), options: options).plan)
        #expect(plan.lost.isEmpty)
        #expect(plan.streams.filter { $0.reason == .unwanted }.count == 5)
        let after = try TestProbe(folder.path("out.mp4"))
        #expect(after.streams(AVMEDIA_TYPE_AUDIO).isEmpty)
        #expect(after.chapters.count == 2 && after.covers.count == 1)
    }

    @Test func timecodesOfTracksAreKept() throws {
        let folder = try TemporaryFolder()
        let video = try TestClips.video(folder.path)
        let muxer = try TestMuxer(folder.path("tc.mov"), format: "mov")
        let track = try muxer.add(like: video, tags: ["timecode": "01:02:03:04"])
        try muxer.start()
        try muxer.write(video, as: track)
        try muxer.finish()
        #expect(try TestProbe(folder.path("tc.mov")).streams.count == 2)
        for suffix in ["mov", "mp4", "mkv"] {
            let plan = try #require(
                try TestClips.copy(folder.path("tc.mov"), to: folder.path("out.\(suffix)")).plan)
            #expect(plan.streams.map(\.source.kind) == [.video, .timecode])
            #expect(plan.streams.map(\.action) == [.upscale, .absorb])
            let after = try TestProbe(folder.path("out.\(suffix)"))
            let found = after.videos[0].tag("timecode") ?? after.tag("timecode")
            #expect(found == "01:02:03:04")
        }
        let lost = try TestClips.copy(folder.path("tc.mov"), to: folder.path("out.ts")).plan
        #expect(lost?.lost.map(\.source.kind) == [.timecode])
    }

    @Test(arguments: ["webm", "avi", "ts", "m2ts", "mts"])
    func otherContainersHoldTheSamePictures(suffix: String) throws {
        let folder = try TemporaryFolder()
        let path = try TestClips.everything(folder.path, sounds: ["libmp3lame"])
        let output = folder.path("out.\(suffix)")
        let (plan, _, frames) = try TestClips.copy(path, to: output)
        #expect(frames == 25)
        #expect(plan?.container == Container(named: output))
        let after = try TestProbe(output)
        #expect(after.videos.map(\.codec) == [suffix == "webm" ? "vp9" : "h264"])
        let decoded = try VideoReader(output)
        let times = try times(of: decoded)
        #expect(times.map { $0 - times[0] } == (0..<25).map { $0 * 40 })
        let reread = try VideoReader(output)
        let frame = try #require(try reread.next())
        let original = try #require(try VideoReader(path).next())
        let error = zip(frame.frame.samples, original.frame.samples).map { abs($0 - $1) }
        #expect(error.reduce(0, +) / Float(error.count) < 0.03)
    }

    @Test(arguments: ["mkv", "webm", "avi", "ts"])
    func rotatedVideosStandUpright(suffix: String) throws {
        let folder = try TemporaryFolder()
        var properties = VideoRoundTripTests.properties()
        properties.sampleAspectRatio = Rational(4, 3)
        properties.displayMatrix = [0, 65536, 0, -65536, 0, 0, 48 << 16, 0, 1 << 30]
        try VideoRoundTripTests.write(
            folder.path("phone.mp4"), times: [0, 3600, 7200], like: properties)
        let output = folder.path("out.\(suffix)")
        let plan = try #require(try TestClips.copy(folder.path("phone.mp4"), to: output).plan)
        #expect(plan.turned == 90)
        #expect(plan.warnings.contains { $0.code == .pixelsTurned })
        let reader = try VideoReader(output)
        #expect(reader.properties.size == FrameSize(width: 48, height: 64))
        #expect(reader.properties.rotation == 0)
        if suffix != "avi" { #expect(reader.properties.sampleAspectRatio == Rational(3, 4)) }
        let stored = try VideoReader(folder.path("phone.mp4")).frames()
        let turned = try reader.frames()
        try #require(turned.count == 3)
        for (a, b) in zip(turned, stored) {
            var error: Float = 0
            for y in 0..<64 {
                for x in 0..<48 {
                    // A quarter turn clockwise: the left column becomes the top row.
                    for channel in 0..<3 { error += abs(a[channel, y, x] - b[channel, 47 - x, y]) }
                }
            }
            #expect(error / Float(3 * 48 * 64) < 0.03)
        }
    }

    @Test(.timeLimit(.minutes(10))) func ofAPipeOnlyTheVideoIsTaken() throws {
        let folder = try TemporaryFolder()
        let path = try TestClips.everything(folder.path)
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let pipe = folder.path("pipe.mkv")
        #expect(mkfifo(pipe, 0o600) == 0)
        let thread = Thread {
            try? FileHandle(forWritingAtPath: pipe)?.write(contentsOf: data)
        }
        thread.start()
        let (plan, _, frames) = try TestClips.copy(pipe, to: folder.path("out.mkv"))
        #expect(frames == 25)
        #expect(plan?.warnings.map(\.code) == [.inputReadOnce])
        #expect(try TestProbe(folder.path("out.mkv")).streams.count == 1)
    }

    /// Times of all frames in whole milliseconds.
    private func times(of reader: VideoReader) throws -> [Int] {
        var times: [Int] = []
        let scale = reader.properties.timeBase.value * 1000
        while let next = try reader.next() {
            times.append(Int((Double(next.timestamp) * scale).rounded()))
        }
        return times
    }
}
