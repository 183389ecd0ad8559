import CLibAV
import Foundation
import Testing
import VSRCore
import VSRTestSupport

@testable import VSRMedia

/// Where times begin and how they go on.
@Suite struct SteadyClockTests {
    /// A file of 25 frames and a second of sound that begins at `start` seconds.
    private static func write(
        _ folder: TemporaryFolder, _ name: String, format: String, start: Double
    ) throws {
        let video = try TestClips.video(folder.path)
        let sound = try TestClips.sound(folder.path, "mp2")
        let muxer = try TestMuxer(folder.path(name), format: format)
        muxer.context.pointee.avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED
        let tracks = [try muxer.add(like: video), try muxer.add(like: sound)]
        try muxer.addChapter("One", from: Int64(start * 1000) + 200, to: Int64(start * 1000) + 900)
        try muxer.start()
        try muxer.write(video, as: tracks[0], shift: start)
        try muxer.write(sound, as: tracks[1], shift: start + 0.1)
        try muxer.finish()
    }

    private static func milliseconds(_ stream: TestProbe.Stream) -> [Int] {
        stream.milliseconds.sorted()
    }

    @Test(arguments: [("mpegts", "ts", 3601.0), ("matroska", "mkv", 3601), ("mpegts", "ts", 1.4)])
    func clocksThatBeginAnywhereBeginAtZero(format: String, suffix: String, start: Double) throws {
        let folder = try TemporaryFolder()
        try Self.write(folder, "in.\(suffix)", format: format, start: start)
        for output in ["mp4", "mkv"] {
            let plan = try TestClips.copy(
                folder.path("in.\(suffix)"), to: folder.path("out.\(output)")
            ).plan
            #expect(abs((plan?.removedStart ?? 0) - start) < 0.1)
            #expect(plan?.warnings.contains { $0.code == .startRemoved } == true)
            let after = try TestProbe(folder.path("out.\(output)"))
            let times = Self.milliseconds(after.videos[0])
            #expect(times.map { $0 - times[0] } == (0..<25).map { $0 * 40 })
            #expect(times[0] >= 0 && times[0] <= 100)
            // The sound comes 0.1 s after the picture, as before.
            let sound = Self.milliseconds(after.streams(AVMEDIA_TYPE_AUDIO)[0])
            #expect(abs(sound[0] - times[0] - 100) <= 1)
            // MP4's chapters have no gaps: the first one begins with the video.
            if format == "matroska", output == "mkv" {
                #expect(abs(after.chapters[0].start - times[0] - 200) <= 1)
            }
        }
        // One clock into another stays as it is.
        let same = try TestClips.copy(folder.path("in.\(suffix)"), to: folder.path("same.ts")).plan
        #expect(same?.removedStart == nil)
        let times = Self.milliseconds(try TestProbe(folder.path("same.ts")).videos[0])
        let before = Self.milliseconds(try TestProbe(folder.path("in.\(suffix)")).videos[0])
        #expect(times == before)
    }

    @Test func aShortDelayIsKept() throws {
        let folder = try TemporaryFolder()
        try Self.write(folder, "in.mkv", format: "matroska", start: 0.9)
        let plan = try TestClips.copy(folder.path("in.mkv"), to: folder.path("out.mkv")).plan
        #expect(plan?.removedStart == nil)
        let after = try TestProbe(folder.path("out.mkv"))
        #expect(Self.milliseconds(after.videos[0])[0] == 900)
        #expect(after.chapters[0].start == 1100)
    }

    @Test func joinedRecordingsGoOn() throws {
        let folder = try TemporaryFolder()
        try Self.write(folder, "a.ts", format: "mpegts", start: 100)
        try Self.write(folder, "b.ts", format: "mpegts", start: 7)
        let joined = try ["a.ts", "b.ts"].map {
            try Data(contentsOf: URL(fileURLWithPath: folder.path($0)))
        }
        try joined.reduce(Data(), +).write(to: URL(fileURLWithPath: folder.path("ab.ts")))
        let (plan, reading, frames) = try TestClips.copy(
            folder.path("ab.ts"), to: folder.path("out.mkv"))
        #expect(frames == 50)
        #expect(reading.counts[.clockJump] == 1, "\(reading)")
        #expect(plan?.removedStart != nil)
        let after = try TestProbe(folder.path("out.mkv"))
        let times = Self.milliseconds(after.videos[0])
        let steps = zip(times.dropFirst(), times).map { $0 - $1 }
        #expect(steps.filter { $0 != 40 }.count <= 1 && steps.allSatisfy { $0 > 0 && $0 < 250 })
        let sound = after.streams(AVMEDIA_TYPE_AUDIO)[0]
        let source = try TestClips.sound(folder.path, "mp2")
        #expect(sound.packets.count == 2 * source.packets.count)
        // Picture and sound of the second part begin 0.1 s apart, as in the first.
        let second = Self.milliseconds(sound)[source.packets.count]
        #expect(abs(second - times[25] - 100) <= 25)
    }
}
