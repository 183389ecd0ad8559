import Foundation
import Testing
import VSRCore
import VSRTestSupport

@testable import VSRMedia

@Suite struct StreamPlanTests {
    private static let plan = StreamPlan(
        container: .mp4,
        streams: [
            .init(
                MediaStream(index: 0, kind: .video, codec: "hevc", form: "64x48"), .upscale,
                codec: "h264"),
            .init(
                MediaStream(index: 1, kind: .subtitle, codec: "hdmv_pgs_subtitle", language: "deu"),
                .omit, reason: .container, holders: [.matroska, .mpegts]),
            .init(
                MediaStream(index: 2, kind: .attachment, codec: "ttf", fileName: "a.ttf"), .omit,
                reason: .container, holders: [.matroska]),
            .init(MediaStream(index: 3, kind: .data, codec: "none"), .omit, reason: .unknown),
            .init(MediaStream(index: 4, kind: .data, codec: "epg"), .omit, reason: .container),
            .init(MediaStream(index: 5, kind: .audio, codec: "aac"), .omit, reason: .unwanted),
        ])

    @Test func warningsSayWhoHoldsWhatIsLeftOut() {
        #expect(
            Self.plan.warnings.map(\.text) == [
                "stream 1 (subtitle hdmv_pgs_subtitle, deu) is left out: .mp4 does not hold it, "
                    + ".mkv and .ts do",
                "stream 2 (attachment ttf, a.ttf) is left out: .mp4 does not hold it, .mkv does",
                "stream 3 (data) is left out: libav does not know what it is",
                "stream 4 (data epg) is left out: no format that is written here holds it",
            ])
        #expect(Self.plan.lost.map(\.source.index) == [1, 2, 3, 4])
        #expect(!Self.plan.keepsEverything)
    }

    @Test func otherLossesAreSaidToo() {
        var plan = StreamPlan(
            container: .mpegts, streams: [], chapters: .init(count: 1, action: .omit),
            removedStart: 3601.25, turned: 90, constantRate: Rational(30000, 1001))
        plan.streams = [
            .init(
                MediaStream(index: 3, kind: .audio, codec: "aac", title: "A"), .copy, codec: "aac",
                losses: [.title])
        ]
        #expect(
            plan.warnings.map(\.code) == [
                .chaptersOmitted, .descriptionLost, .startRemoved, .pixelsTurned, .rateConstant,
            ])
        #expect(
            plan.warnings[0].text
                == "1 chapter is left out: .ts holds none, .mkv, .mp4, .mov and .webm do")
        #expect(plan.warnings[2].text.contains("starts at 3601.25 s"))
        #expect(plan.warnings[4].text.contains("29.97 frames per second"))
        #expect(!plan.keepsEverything)
        #expect(StreamPlan(container: .mp4, streams: []).warnings.isEmpty)
    }

    @Test func aPlanIsAValueOfJSON() throws {
        let data = try JSONEncoder().encode(Self.plan)
        #expect(try JSONDecoder().decode(StreamPlan.self, from: data) == Self.plan)
        let text = String(decoding: data, as: UTF8.self)
        #expect(text.contains("\"action\":\"upscale\"") && text.contains("\"kind\":\"subtitle\""))
    }

    @Test func secondsAreShort() {
        #expect(
            [0, 1, 1.5, -0.04, 3601.2504, 12].map(StreamPlan.seconds) == [
                "0", "1", "1.5", "-0.04", "3601.25", "12",
            ])
    }

    @Test func plansNeedNoOutput() throws {
        let folder = try TemporaryFolder()
        let path = try TestClips.everything(folder.path)
        let before = try folder.entries()
        let plan = try StreamPlan(of: path, into: .webm)
        #expect(
            plan.streams.map(\.action) == [
                .upscale, .omit, .omit, .convert, .convert, .omit, .omit,
            ])
        #expect(plan.streams[0].codec == "vp9" && plan.streams[3].codec == "webvtt")
        #expect(plan.streams[0].source.title == "Main picture")
        #expect(plan.streams[0].source.language == "jpn")
        #expect(plan.streams[2].source.dispositions == ["default", "hearing_impaired"])
        #expect(plan.streams[5].source.fileName == "Sans.ttf")
        #expect(plan.chapters == .init(count: 2, action: .copy))
        #expect(try folder.entries() == before)
        #expect(throws: VSRError.self) { try StreamPlan(of: folder.path("none"), into: .mp4) }
    }
}
