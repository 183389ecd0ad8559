import CLibAV
import Foundation
import Testing
import VSRCore
import VSRTestSupport

@testable import VSRMedia

/// What is left of damaged files, and what is said of it.
@Suite struct DamageTests {
    /// A file of 48 frames in four groups, with sound; its bytes and where its packets lie.
    private static func clip(_ folder: TemporaryFolder, _ format: String, _ suffix: String) throws
        -> (data: Data, frames: Int)
    {
        let video = try grouped(folder)
        let sound = try TestClips.sound(
            folder.path, format == "flv" ? "libmp3lame" : "mp2", rate: 44100)
        let path = folder.path("good.\(suffix)")
        let muxer = try TestMuxer(path, format: format)
        let tracks = [try muxer.add(like: video), try muxer.add(like: sound)]
        try muxer.start(format == "mp4" ? ["movflags": "faststart"] : [:])
        // In step, as files are written.
        var next = 0
        for packet in video.packets {
            let time = Double(packet.dts ?? 0) * video.base.value
            while next < sound.packets.count,
                Double(sound.packets[next].dts ?? 0) * sound.base.value <= time
            {
                try muxer.write(
                    sound.packets[next].data, stream: tracks[1], pts: sound.packets[next].pts,
                    base: sound.base)
                next += 1
            }
            try muxer.write(
                packet.data, stream: tracks[0], pts: packet.pts,
                dts: packet.dts, duration: packet.duration, base: video.base, isKey: packet.isKey)
        }
        try muxer.finish()
        return (try Data(contentsOf: URL(fileURLWithPath: path)), video.packets.count)
    }

    /// The same; AVI wants H.264 in another form, which our own writer makes.
    private static func file(_ folder: TemporaryFolder, _ format: String, _ suffix: String) throws
        -> (data: Data, frames: Int)
    {
        guard format == "avi" else { return try clip(folder, format, suffix) }
        let (_, frames) = try clip(folder, "matroska", "mkv")
        let path = folder.path("good.avi")
        try TestClips.copy(folder.path("good.mkv"), to: path)
        return (try Data(contentsOf: URL(fileURLWithPath: path)), frames)
    }

    /// 48 frames of H.264 at 25 per second, a key frame every 12.
    private static func grouped(_ folder: TemporaryFolder) throws -> TestProbe.Stream {
        var options = VideoWriterOptions()
        options.preset = "ultrafast"
        options.threads = 1
        // Better ones hold noise as plain samples, in which damage cannot be told.
        options.quality = 35
        for part in 0..<4 {
            let writer = try VideoWriter(
                folder.path("part\(part).mkv"), size: TestClips.size,
                like: VideoRoundTripTests.properties(Rational(1, 1000)), options: options)
            for index in part * 12..<part * 12 + 12 {
                // Noise: frames of thousands of bytes, none like another.
                let frame = TestPictures.noise(TestClips.size, seed: UInt64(index)).frame
                try writer.write(TimedFrame(frame, timestamp: Int64(index) * 40, duration: 40))
            }
            try writer.finish()
        }
        var whole = try TestClips.read(folder.path("part0.mkv"))
        for part in 1..<4 {
            whole.packets += try TestClips.read(folder.path("part\(part).mkv")).packets
        }
        return whole
    }

    private static func write(_ data: Data, _ path: String) throws {
        try data.write(to: URL(fileURLWithPath: path))
    }

    @Test(arguments: [
        ("matroska", "mkv"), ("mp4", "mp4"), ("mov", "mov"), ("avi", "avi"), ("mpegts", "ts"),
        ("flv", "flv"),
    ])
    func cutFilesAreKeptUpToTheCutAndSaid(format: String, suffix: String) throws {
        let folder = try TemporaryFolder()
        let (data, frames) = try Self.file(folder, format, suffix)
        #expect(!CutFile.isCut(folder.path("good.\(suffix)")))
        let whole = try TestClips.copy(
            folder.path("good.\(suffix)"), to: folder.path("whole.mkv"))
        #expect(whole.frames == frames && !whole.reading.isDamaged, "\(whole.reading)")
        // MOV has its index at its end: without it there is nothing to read.
        for percent in format == "mov" ? [] : [60, 83] {
            let path = folder.path("cut\(percent).\(suffix)")
            // Inside of a packet: between two packets of a transport stream nothing tells.
            let length = data.count * percent / 100 / 188 * 188 + 100
            try Self.write(data.prefix(length), path)
            #expect(CutFile.isCut(path))
            let output = folder.path("out\(percent).mkv")
            let (_, reading, count) = try TestClips.copy(path, to: output)
            #expect(reading.counts[.cutOff] == 1, "\(reading)")
            #expect(reading.isDamaged)
            #expect(count > frames * (percent - 25) / 100 && count < frames)
            let after = try TestProbe(output)
            #expect(after.videos[0].packets.count == count)
            #expect(after.streams(AVMEDIA_TYPE_AUDIO)[0].packets.count > 10)
            #expect(throws: VSRError.self) { try VideoReader(path).frames() }
        }
    }

    @Test func filesWhoseEndIsOpenAreNotCut() throws {
        let folder = try TemporaryFolder()
        let video = try TestClips.video(folder.path)
        for (format, options) in [
            ("matroska", ["live": "1"]), ("mp4", ["movflags": "frag_keyframe+empty_moov"]),
        ] {
            let muxer = try TestMuxer(folder.path("a"), format: format)
            let track = try muxer.add(like: video)
            try muxer.start(options)
            try muxer.write(video, as: track)
            try muxer.finish()
            #expect(!CutFile.isCut(folder.path("a")))
            #expect(try TestClips.copy(folder.path("a"), to: folder.path("b.mkv")).frames == 25)
        }
        try Self.write(Data("short".utf8), folder.path("text"))
        #expect(!CutFile.isCut(folder.path("text")))
        #expect(!CutFile.isCut(folder.path("none")))
    }

    /// Damage inside of a frame in the middle: in the second group's third frame.
    private static func damaged(_ folder: TemporaryFolder, _ format: String, _ suffix: String)
        throws -> String
    {
        var (data, _) = try file(folder, format, suffix)
        let packet = try TestProbe(folder.path("good.\(suffix)")).videos[0].packets[14].data
        let place = try #require(data.range(of: packet))
        var generator = SeededGenerator(seed: 1)
        // The slice's header stays: what comes after it makes no sense.
        for index in place.dropFirst(40) {
            data[index] = UInt8(truncatingIfNeeded: generator.next())
        }
        let path = folder.path("damaged.\(suffix)")
        try write(data, path)
        return path
    }

    @Test(arguments: [("matroska", "mkv"), ("mp4", "mp4"), ("avi", "avi")])
    func damageInTheMiddleCostsNoMoreThanItsFrames(format: String, suffix: String) throws {
        let folder = try TemporaryFolder()
        let path = try Self.damaged(folder, format, suffix)
        let (_, reading, count) = try TestClips.copy(path, to: folder.path("out.mkv"))
        #expect(reading.isDamaged)
        let damaged = (reading.counts[.repaired] ?? 0) + (reading.counts[.undecodable] ?? 0)
        #expect(damaged >= 1 && damaged <= 12)
        #expect(count == 48 - (reading.counts[.undecodable] ?? 0))
        // Frames of other groups, before and after, are those of the whole file.
        let good = try VideoReader(folder.path("good.\(suffix)")).byteFrames()
        var options = VideoReaderOptions()
        options.damage = .skip
        let bad = try VideoReader(path, options: options).byteFrames()
        #expect(Array(bad.prefix(12)) == Array(good.prefix(12)))
        #expect(Array(bad.suffix(24)) == Array(good.suffix(24)))
        for event in reading.events where event.kind == .repaired {
            #expect((12..<24).contains(try #require(event.frame)))
        }
    }

    @Test func stoppingKeepsWhatCameBefore() throws {
        let folder = try TemporaryFolder()
        let path = try Self.damaged(folder, "matroska", "mkv")
        var options = VideoReaderOptions()
        options.damage = .stop
        options.threads = 1
        let (_, reading, count) = try TestClips.copy(
            path, to: folder.path("out.mkv"), reading: options)
        #expect(reading.hasStopped && reading.isDamaged)
        #expect(count >= 12 && count < 24)
        let good = try VideoReader(folder.path("good.mkv")).byteFrames()
        let kept = try VideoReader(path, options: options).byteFrames()
        #expect(kept == Array(good.prefix(count)))
        // Sound ends where the pictures end.
        let sound = try TestProbe(folder.path("out.mkv")).streams(AVMEDIA_TYPE_AUDIO)[0]
        #expect(try #require(sound.milliseconds.last) <= count * 40)
        #expect(try #require(sound.milliseconds.last) > count * 40 - 60)
        let error = #expect(throws: VSRError.self) { try VideoReader(path).frames() }
        #expect(error?.message.contains("is damaged at frame 1") == true)
    }

    @Test func aMissingTransportPacketIsNoEnd() throws {
        let folder = try TemporaryFolder()
        var (data, _) = try Self.clip(folder, "mpegts", "ts")
        // The first packet of 188 bytes beyond the middle that goes on with a picture: PID 256,
        // no start of a unit.
        let packets = stride(from: 0, to: data.count, by: 188)
        let place = try #require(
            packets.first {
                $0 > data.count / 2 && data[$0 + 1] == 0x01 && data[$0 + 2] == 0
                    && data[$0 + 3] & 0x20 == 0
            })
        data.removeSubrange(place..<place + 188)
        try Self.write(data, folder.path("gap.ts"))
        let (_, reading, count) = try TestClips.copy(
            folder.path("gap.ts"), to: folder.path("out.mkv"))
        #expect(count >= 47)
        #expect(reading.isDamaged)
        #expect(reading.counts[.cutOff] == nil)
    }

    @Test func recordingsThatBeginInTheMiddleAreNotDamaged() throws {
        let folder = try TemporaryFolder()
        let video = try Self.grouped(folder)
        let muxer = try TestMuxer(folder.path("late.mkv"), format: "matroska")
        let track = try muxer.add(like: video)
        try muxer.start()
        for packet in video.packets.dropFirst(7) {
            try muxer.write(
                packet.data, stream: track, pts: packet.pts, dts: packet.dts,
                base: video.base, isKey: packet.isKey)
        }
        try muxer.finish()
        let (_, reading, count) = try TestClips.copy(
            folder.path("late.mkv"), to: folder.path("out.mkv"))
        #expect(count >= 36 && count <= 41)
        #expect(!reading.isDamaged, "\(reading)")
    }

    @Test func changedSizesAreScaledAndSaid() throws {
        let folder = try TemporaryFolder()
        let sizes = [(64, 48), (96, 64), (64, 48)].map { FrameSize(width: $0.0, height: $0.1) }
        let data = try sizes.map {
            try VideoReaderTests.elementaryStream($0, frames: 3)
        }
        try Self.write(data.reduce(Data(), +), folder.path("three.h264"))
        var options = VideoReaderOptions()
        options.damage = .skip
        options.scalesChangedSizes = true
        let reader = try VideoReader(folder.path("three.h264"), options: options)
        var pictures: [TimedPicture] = []
        while let next = try reader.nextPicture() { pictures.append(next) }
        #expect(pictures.count == 9)
        #expect(
            pictures.map(\.startsAnew) == [0, 1, 2, 3, 4, 5, 6, 7, 8].map { $0 == 3 || $0 == 6 })
        #expect(pictures.allSatisfy { $0.picture.size == sizes[0] })
        let report = try #require(reader.log?.report)
        #expect(!report.isDamaged)
        #expect(report.events.map(\.frame) == [3, 6])
        #expect(report.events[0].text.contains("96x64 and scaled to 64x48"))
        // A picture that was scaled down again looks as the same picture of the first size.
        let difference = zip(pictures[4].picture.frame.samples, pictures[1].picture.frame.samples)
            .map { abs($0 - $1) }
        #expect(difference.reduce(0, +) / Float(difference.count) < 0.05)
    }
}
