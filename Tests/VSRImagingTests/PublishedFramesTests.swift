import Foundation
import Testing
import VSRCore
import VSRImaging
import VSRMedia

/// Facts about the published frames of Vid4, which lie outside this repository: the folder that
/// `SLIMVSR_DATA` names holds `vid4/GT` and `vid4/BIx4`.
@Suite(
    .serialized,
    .enabled(
        if: Vid4.root != nil, "set SLIMVSR_DATA to the folder that holds vid4/GT and vid4/BIx4"))
struct PublishedFramesTests {
    @Test func bicubicDegradationEqualsAllPublishedFramesBitForBit() throws {
        var equal = 0
        for clip in Vid4.clips {
            let frames = zip(try Vid4.frames("GT", clip), try Vid4.frames("BIx4", clip))
            try forEachInParallel(Array(frames)) { original, published in
                try Degradation.bicubic.degraded(original, scale: 4) == published ? 1 : 0
            }
            .forEach { equal += $0 }
        }
        #expect(equal == 171)
    }

    /// Frame-averaged figures per clip, clips averaged equally; published with the data.
    @Test func bicubicUpscalingHasThePublishedFigures() throws {
        let expected = [
            "calendar": (20.39, 0.5720), "city": (25.16, 0.6028), "foliage": (23.47, 0.5666),
            "walk": (26.10, 0.7974),
        ]
        let metrics = try measured { _, published in published }
        for clip in metrics.clips {
            let (psnr, ssim) = try #require(expected[clip.name])
            #expect(abs(clip.figures.psnr - psnr) <= 0.005, "\(clip)")
            #expect(abs(clip.figures.ssim - ssim) <= 0.00005, "\(clip)")
        }
        let mean = try #require(metrics.measure())
        #expect(abs(mean.psnr - 23.784) <= 0.0005)
        #expect(abs(mean.ssim - 0.6347) <= 0.00005)
    }

    /// Every fourth frame; expected from `scripts/reference/imaging_vid4.py FOLDER 4`.
    @Test(arguments: [
        (Degradation.bicubic, 23.798977, 0.635459), (.blurred, 23.459218, 0.617865),
        (.blurredUncentered, 21.804891, 0.543457),
    ])
    func bicubicUpscalingOfOurDegradationsEqualsNumPy(
        degradation: Degradation, psnr: Double, ssim: Double
    ) throws {
        let metrics = try measured(every: 4) { original, _ in
            try degradation.degraded(original, scale: 4)
        }
        let mean = try #require(metrics.measure())
        // The reference prints six decimals.
        #expect(abs(mean.psnr - psnr) <= 1e-6, "\(mean)")
        #expect(abs(mean.ssim - ssim) <= 1e-6, "\(mean)")
    }

    @Test func publishedFramesAreRecognizedAsBicubic() throws {
        let match = try DegradationMatch(
            lowResolution: try Vid4.frames("BIx4", "walk", every: 24),
            highResolution: try Vid4.frames("GT", "walk", every: 24), scale: 4)
        #expect(match.best.degradation == .bicubic)
        #expect(match.best.psnr == .infinity)
        #expect(match.isConvincing)
    }

    private func measured(
        every step: Int = 1,
        _ lowResolution:
            @Sendable (_ original: ByteFrame, _ published: ByteFrame) throws
            -> ByteFrame
    ) throws -> ClipMetrics {
        var metrics = ClipMetrics()
        for clip in Vid4.clips {
            let pairs = zip(
                try Vid4.frames("GT", clip, every: step),
                try Vid4.frames("BIx4", clip, every: step))
            for (original, published) in pairs {
                let low = try lowResolution(original, published)
                try metrics.accumulate(
                    try low.resized(by: 4).frame, reference: original.frame)
            }
            metrics.endClip(named: clip)
        }
        return metrics
    }
}

private enum Vid4 {
    static let root: String? = {
        guard let data = ProcessInfo.processInfo.environment["SLIMVSR_DATA"] else { return nil }
        let root = data + "/vid4"
        return FileManager.default.fileExists(atPath: root + "/GT") ? root : nil
    }()

    static let clips = ["calendar", "city", "foliage", "walk"]

    static func frames(
        _ kind: String, _ clip: String, every step: Int = 1
    ) throws -> [ByteFrame] {
        let paths = try ImageSequenceReader.pictures(in: "\(root ?? "")/\(kind)/\(clip)")
        let chosen = stride(from: 0, to: paths.count, by: step).map { paths[$0] }
        return try forEachInParallel(chosen) { try ImageFile.readBytes($0) }
    }
}
