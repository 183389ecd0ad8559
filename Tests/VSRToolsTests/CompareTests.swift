import Foundation
import FoundationXML
import Testing
import VSRCore
import VSRImaging
import VSRMedia
import VSRTestSupport

@testable import VSRTools

/// `slimvsr compare` of small pictures and videos.
@Suite struct CompareTests {
    private static let size = FrameSize(width: 40, height: 32)

    private static func compared(_ options: [String]) throws -> VideoComparison.Outcome {
        let result = CommandLineHarness.run(["compare", "--json", "-"] + options)
        #expect(result.code == 0, "\(result.remarks)")
        return try JSONText.decode(
            from: Data(result.output.utf8), in: "output", as: "a comparison")
    }

    /// Writes pictures `0.png` and so on.
    private static func write(_ frames: [ByteFrame], _ folder: TemporaryFolder, _ name: String)
        throws
    {
        for (index, frame) in frames.enumerated() {
            try folder.write(frame, "\(name)/\(index).png")
        }
    }

    private static func clip(_ count: Int) -> [ByteFrame] {
        (0..<count).map { SmallClips.picture(clip: 0, frame: $0, size: size) }
    }

    /// With every sample of one frame moved by `steps` levels.
    private static func changed(_ frames: [ByteFrame], _ index: Int, by steps: Int) -> [ByteFrame] {
        var frames = frames
        frames[index].samples = frames[index].samples.map {
            UInt8(min(max(Int($0) + steps, 0), 255))
        }
        return frames
    }

    /// Figures by numpy, from the definitions: `scripts/reference/evaluate_bicubic.py`.
    @Test func figuresOfPicturesAreThoseOfNumpy() throws {
        let folder = try TemporaryFolder()
        let originals = Self.clip(3)
        let upscaled = try originals.map {
            try Degradation.bicubic.degraded($0, scale: 4).resized(by: 4)
        }
        try Self.write(originals, folder, "reference")
        try Self.write(upscaled, folder, "a")
        let outcome = try Self.compared([folder.path("a"), folder.path("reference")])
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/VSRTools/bicubic.json")
        let fixtures = try JSONDecoder().decode(
            [String: [String: QualityFigures]].self, from: Data(contentsOf: path))
        let pair = try #require(outcome.pairs.first)
        let luma = try #require(fixtures["BI Y"]?["clip0"])
        let rgb = try #require(fixtures["BI RGB"]?["clip0"])
        // The fixture is rounded to ten digits.
        #expect(abs(try #require(pair.psnr).mean - luma.psnr) < 1e-8)
        #expect(abs(try #require(pair.ssim).mean - luma.ssim) < 1e-8)
        #expect(abs(try #require(pair.psnrRGB).mean - rgb.psnr) < 1e-8)
        #expect(outcome.matching == .order && outcome.frameCount == 3)
    }

    /// The filter `psnr` measures planes of RGB as stored, with one mean over them.
    @Test(.enabled(if: ShellResult.finds("ffmpeg"), "needs the program ffmpeg"))
    func psnrOfDecodedVideosIsThatOfFFmpeg() throws {
        let folder = try TemporaryFolder()
        let made = try ShellResult(
            """
            set -e
            ffmpeg -v error -f lavfi -i testsrc2=s=64x48:r=25:d=0.4 -pix_fmt bgr0 -c:v ffv1 a.mkv
            ffmpeg -v error -i a.mkv -vf noise=alls=20:all_seed=1,format=bgr0 -c:v ffv1 b.mkv
            ffmpeg -v error -i a.mkv -i b.mkv -lavfi \
            "[0:v]format=gbrp[a];[1:v]format=gbrp[b];[a][b]psnr=stats_file=psnr.log" -f null -
            """, in: folder.path)
        try #require(made.status == 0, "\(made.errors)")
        let log = try String(contentsOfFile: folder.path("psnr.log"), encoding: .utf8)
        let expected = log.split(separator: "\n").compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("psnr_avg:") }
                .flatMap { Double($0.dropFirst(9)) }
        }
        let outcome = try Self.compared([folder.path("a.mkv"), folder.path("b.mkv")])
        let measured = outcome.pairs[0].frames.map(\.psnrRGB)
        try #require(expected.count == 10 && measured.count == 10)
        // The log has two decimals.
        #expect(zip(measured, expected).allSatisfy { abs($0 - $1) <= 0.0051 })
        #expect(outcome.matching == .time)
        #expect(abs(outcome.times[9] - 0.36) < 1e-9)
    }

    @Test func percentilesAreByNearestRank() {
        let statistics = FigureStatistics((1...200).map(Double.init).shuffled())
        #expect(statistics.mean == 100.5 && statistics.minimum == 1)
        #expect(statistics.percentile1 == 2 && statistics.percentile5 == 10)
        #expect(statistics.median == 100 && statistics.percentile95 == 190)
        let one = FigureStatistics([7])
        #expect(one.percentile1 == 7 && one.percentile95 == 7)
    }

    @Test func bothAreMeasuredAgainstTheReference() throws {
        let folder = try TemporaryFolder()
        let originals = Self.clip(4).map { frame -> ByteFrame in
            var frame = frame
            // Room for both changes.
            frame.samples = frame.samples.map { 50 + $0 / 2 }
            return frame
        }
        try Self.write(originals, folder, "reference")
        try Self.write(Self.changed(originals, 2, by: 1), folder, "a")
        try Self.write(Self.changed(originals, 1, by: 4), folder, "b")
        let outcome = try Self.compared([
            folder.path("a"), folder.path("b"), "--reference", folder.path("reference"),
        ])
        #expect(outcome.pairs.map(\.name) == ["A against reference", "B against reference"])
        // 20 log10(255), and 20 log10(255 / 4); all four frames together a quarter of the error.
        let one = 20 * log10(255.0)
        #expect(abs(outcome.pairs[0].frames[2].psnrRGB - one) < 1e-9)
        #expect(abs(outcome.pairs[1].frames[1].psnrRGB - (one - 20 * log10(4))) < 1e-9)
        #expect(abs(try #require(outcome.pairs[0].pooledPSNRRGB) - (one + 10 * log10(4))) < 1e-9)
        #expect(outcome.pairs.map(\.equalFrames) == [3, 3])
        #expect(outcome.pairs[0].psnr?.mean == .infinity)
    }

    @Test func framesOfVideosAreMatchedByTheirTimes() throws {
        let folder = try TemporaryFolder()
        try SmallClips.writeVideo(count: 6, size: Self.size, to: folder.path("a.mp4"))
        // The same at half the rate: frames 0, 2 and 4.
        let frames = SmallClips.frames(clip: 0, count: 6, size: Self.size)
        let like = VideoProperties(
            size: Self.size, timeBase: Rational(1, 25), frameRate: Rational(25, 2))
        let writer = try VideoWriter(folder.path("b.mkv"), size: Self.size, like: like)
        for index in [0, 2, 4] {
            try writer.write(TimedFrame(frames[index], timestamp: Int64(index), duration: 2))
        }
        try writer.finish()
        let outcome = try Self.compared([folder.path("a.mp4"), folder.path("b.mkv")])
        #expect(outcome.numbers == [[0, 0], [2, 1], [4, 2]])
        #expect(outcome.sources.map(\.dropped) == [3, 0])
        #expect(outcome.notes.contains { $0.contains("frame rates differ (A 25.000, B 12.500)") })
        #expect(outcome.notes.contains { $0.hasPrefix("3 frames of A left out") })
        // Two encodings of one clip are alike only where the right frames meet.
        #expect(outcome.pairs[0].frames.allSatisfy { $0.psnr > 30 })
        let ordered = try Self.compared([
            folder.path("a.mp4"), folder.path("b.mkv"), "--match", "order",
        ])
        #expect(ordered.numbers == [[0, 0], [1, 1], [2, 2]])
        #expect(ordered.pairs[0].frames[2].psnr < 30)
    }

    @Test func sizesAreEnlargedOrRefused() throws {
        let folder = try TemporaryFolder()
        let originals = Self.clip(2)
        let small = try originals.map { try Degradation.bicubic.degraded($0, scale: 4) }
        try Self.write(originals, folder, "a")
        try Self.write(small, folder, "small")
        try Self.write(try small.map { try $0.resized(by: 4) }, folder, "big")
        let outcome = try Self.compared([folder.path("a"), folder.path("small")])
        #expect(outcome.pairs == (try Self.compared([folder.path("a"), folder.path("big")])).pairs)
        #expect(outcome.notes[0] == "B is 10x8 and was enlarged ×4 by bicubic interpolation")
        try Self.write(
            [SmallClips.picture(clip: 0, frame: 0, size: FrameSize(width: 39, height: 32))],
            folder, "odd")
        let refused = CommandLineHarness.run(["compare", folder.path("a"), folder.path("odd")])
        #expect(refused.code == 1 && refused.errors.count == 1)
        #expect(refused.errors[0].contains("39x32") && refused.errors[0].contains("40x32"))
        let missing = CommandLineHarness.run(["compare", folder.path("a"), folder.path("none")])
        #expect(missing.code == 1 && missing.errors.count == 1)
    }

    @Test func thePageShowsTheWorstFrames() throws {
        let folder = try TemporaryFolder()
        let originals = Self.clip(30)
        try Self.write(originals, folder, "reference")
        try Self.write(Self.changed(originals, 21, by: 9), folder, "a")
        try Self.write(Self.changed(originals, 7, by: -5), folder, "b")
        let page = folder.path("page.html")
        let result = CommandLineHarness.run([
            "compare", folder.path("a"), folder.path("b"), "--reference",
            folder.path("reference"), "-o", page,
        ])
        #expect(result.code == 0, "\(result.remarks)")
        #expect(result.output.hasSuffix("wrote \(page)"))
        #expect(
            result.output.components(separatedBy: "\n").dropLast()
                .filter { !$0.contains(folder.path) }.allSatisfy { $0.count <= 100 })
        let html = try String(contentsOfFile: page, encoding: .utf8)
        #expect(html.contains("Frame 21: low PSNR of A against reference"))
        #expect(html.contains("Frame 7: low PSNR of B against reference"))
        for name in ["A − B, ×8", "A − reference, ×8", "PSNR over time", "SSIM over time"] {
            #expect(html.contains(name))
        }
        #expect(!html.contains("http://") || html.contains("http://www.w3.org"))
        #expect(throws: Never.self) { try XMLDocument(data: Data(html.utf8)) }
    }

    @Test func shownPartsAreWhereFramesDiffer() throws {
        let size = FrameSize(width: 1024, height: 600)
        var frame = Frame(size: size)
        frame[1, 500, 900] = 1
        let part = ComparisonPictures.part([Frame(size: size), frame])
        #expect(part.size == ComparisonPictures.largest)
        #expect((part.x..<part.x + part.size.width).contains(900))
        #expect((part.y..<part.y + part.size.height).contains(500))
        #expect(part.x + part.size.width <= 1024 && part.y + part.size.height <= 600)
    }

    /// A stand-in for ffmpeg, which gives scores 90, 91 and so on.
    @Test func vmafComesFromFFmpegWhereItHasIt() throws {
        let folder = try TemporaryFolder()
        try SmallClips.writeVideo(count: 3, size: Self.size, to: folder.path("a.mp4"))
        let program = folder.path("ffmpeg")
        let script = """
            #!/bin/sh
            if [ "$2" = -filters ]; then echo " ... libvmaf           VV->V      Calculate"; exit; fi
            echo '{"frames": [{"frameNum": 0, "metrics": {"vmaf": 90}}, {"metrics": {"vmaf": 91}},
            {"metrics": {"vmaf": 95}}]}' > vmaf.json
            """
        try Data(script.utf8).write(to: URL(fileURLWithPath: program))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        var comparison = VideoComparison(folder.path("a.mp4"), folder.path("a.mp4"))
        comparison.ffmpeg = program
        let outcome = try comparison.run()
        #expect(outcome.pairs[0].vmafFrames == [90, 91, 95])
        #expect(outcome.pairs[0].vmaf?.mean == 92 && outcome.text.contains("VMAF"))
        comparison.ffmpeg = folder.path("none")
        let without = try comparison.run()
        #expect(without.pairs[0].vmaf == nil)
        #expect(
            without.notes.filter { $0.hasPrefix("VMAF is not measured: there is no") }.count == 1)
    }

    @Test func cancelingWritesNothing() throws {
        let folder = try TemporaryFolder()
        try Self.write(Self.clip(2), folder, "a")
        let cancellation = Cancellation()
        cancellation.request()
        let result = CommandLineHarness.run(
            ["compare", folder.path("a"), folder.path("a"), "-o", folder.path("page.html")],
            cancellation: cancellation)
        #expect(result.code == 130 && folder.contents == ["a"])
    }
}
