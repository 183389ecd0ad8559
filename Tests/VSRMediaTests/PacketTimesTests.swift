import CLibAV
import Foundation
import Testing
import VSRCore
import VSRTestSupport

@testable import VSRMedia

/// No packet is lost for its time's sake.
@Suite struct PacketTimesTests {
    /// A stream of its own, with the parameters that times depend on.
    private final class SourceStream {
        let context: UnsafeMutablePointer<AVFormatContext>
        let stream: UnsafeMutablePointer<AVStream>

        init(_ kind: AVMediaType, base: Rational, rate: Int32 = 0, frame: Int32 = 0) throws {
            context = try LibAV.allocated(avformat_alloc_context())
            stream = try LibAV.allocated(avformat_new_stream(context, nil))
            stream.pointee.codecpar.pointee.codec_type = kind
            stream.pointee.codecpar.pointee.sample_rate = rate
            stream.pointee.codecpar.pointee.frame_size = frame
            stream.pointee.time_base = base.av
        }

        deinit { avformat_free_context(context) }

        func placed(
            _ packets: [(pts: Int64?, dts: Int64?)], into target: Rational, isStrict: Bool,
            duration: Int64 = 0, start: Int64 = 0
        ) throws -> [[Int64]] {
            var times = PacketTimes(stream, into: target, isStrict: isStrict, start: start)
            return try packets.map { packet in
                let box = try AVPacketBox()
                av_new_packet(box.pointer, 8)
                box.pointer.pointee.pts = packet.pts ?? LibAV.noTimestamp
                box.pointer.pointee.dts = packet.dts ?? LibAV.noTimestamp
                box.pointer.pointee.duration = duration
                times.place(box.pointer)
                return [box.pointer.pointee.pts, box.pointer.pointee.dts]
            }
        }
    }

    private static let thousandths = Rational(1, 1000)

    @Test func repeatedTimesStayWhereMuxersTakeThem() throws {
        let text = try SourceStream(AVMEDIA_TYPE_SUBTITLE, base: Self.thousandths)
        let packets: [(Int64?, Int64?)] = [(10, 10), (10, 10), (30, 30)]
        #expect(
            try text.placed(packets, into: Self.thousandths, isStrict: false) == [
                [10, 10], [10, 10], [30, 30],
            ])
        #expect(
            try text.placed(packets, into: Self.thousandths, isStrict: true) == [
                [10, 10], [11, 11], [30, 30],
            ])
    }

    @Test func missingTimesFollowFromDurations() throws {
        let text = try SourceStream(AVMEDIA_TYPE_DATA, base: Self.thousandths)
        #expect(
            try text.placed(
                [(10, 10), (nil, nil), (nil, nil), (100, nil), (nil, 120)], into: Self.thousandths,
                isStrict: true, duration: 20) == [
                    [10, 10], [30, 30], [50, 50], [100, 100], [120, 120],
                ])
        // 4096 samples of 44.1 kHz are 92.9 ms.
        let sound = try SourceStream(
            AVMEDIA_TYPE_AUDIO, base: Self.thousandths, rate: 44100, frame: 4096)
        let times = try sound.placed(
            [(0, 0), (nil, nil), (nil, nil)], into: Self.thousandths, isStrict: true)
        #expect(times == [[0, 0], [93, 93], [186, 186]])
    }

    @Test func roundedTimesOfSoundAreExactAgain() throws {
        // 40 samples of 48 kHz, as TrueHD has them, are 0.8333 ms: Matroska repeats times.
        let sound = try SourceStream(
            AVMEDIA_TYPE_AUDIO, base: Self.thousandths, rate: 48000, frame: 40)
        let packets: [(Int64?, Int64?)] = (0..<12).map { index in
            let time = Int64((Double(index) * 40 / 48).rounded())
            return (time, time)
        }
        let times = try sound.placed(packets, into: Rational(1, 48000), isStrict: true)
        #expect(times.map { $0[1] } == (0..<12).map { Int64($0) * 40 })
    }

    @Test func theStartIsTakenOffAndShowingFollowsDecoding() throws {
        let video = try SourceStream(AVMEDIA_TYPE_VIDEO, base: Rational(1, 90000))
        #expect(
            try video.placed(
                [(90_003_600, 90_000_000), (90_010_800, 90_003_600)], into: Self.thousandths,
                isStrict: true, start: 90_000_000) == [[40, 0], [120, 40]])
        #expect(
            try video.placed(
                [(5, 100), (Int64.max - 1, 200)], into: Rational(1, 90000), isStrict: true) == [
                    [100, 100], [200, 200],
                ])
    }

    @Test(arguments: ["mkv", "mp4"])
    func everyPacketOfAFileArrives(suffix: String) throws {
        let folder = try TemporaryFolder()
        let video = try TestClips.video(folder.path)
        let alac = try TestClips.sound(folder.path, "alac")
        let muxer = try TestMuxer(folder.path("in.mkv"), format: "matroska")
        let main = try muxer.add(like: video)
        let sound = try muxer.add(like: alac)
        let text = try muxer.add(AVMEDIA_TYPE_SUBTITLE, AV_CODEC_ID_SUBRIP)
        try muxer.start()
        try muxer.write(video, as: main)
        // Three packets a time, as laced blocks come.
        for (index, packet) in alac.packets.enumerated() {
            let lace = alac.packets[index / 3 * 3].pts
            try muxer.write(packet.data, stream: sound, pts: lace, base: alac.base)
        }
        for index in 0..<10 {
            try muxer.write(
                Data("line \(index)".utf8), stream: text, pts: Int64(index / 5) * 400 + 10,
                duration: 300, base: Self.thousandths)
        }
        try muxer.finish()
        try TestClips.copy(folder.path("in.mkv"), to: folder.path("out.\(suffix)"))
        let (before, after) = (
            try TestProbe(folder.path("in.mkv")), try TestProbe(folder.path("out.\(suffix)"))
        )
        #expect(before.streams[1].packets.count == alac.packets.count)
        #expect(after.streams[1].payload == alac.payload)
        if suffix == "mkv" {
            #expect(after.streams[2].payload == before.streams[2].payload)
            #expect(after.streams[2].milliseconds == before.streams[2].milliseconds)
        }
    }
}
