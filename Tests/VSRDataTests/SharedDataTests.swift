import Foundation
import Testing
import VSRCore
import VSRData
import VSRImaging

/// Real footage, where `SLIMVSR_DATA` names its folder; the figures printed are those of
/// `docs/performance-log.md`.
@Suite(.serialized) struct SharedDataTests {
    private static func folder(_ name: String) -> String? {
        guard let root = ProcessInfo.processInfo.environment["SLIMVSR_DATA"] else {
            print("skipped: SLIMVSR_DATA names no folder with \(name)")
            return nil
        }
        return root + "/" + name
    }

    /// Of the whole process, which runs nothing else if only this suite is chosen.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    @Test func vid4IsLaidOutAsPublished() throws {
        guard let folder = Self.folder("vid4") else { return }
        let clips = try ClipLayout.vid4.clips(at: folder)
        #expect(clips.map(\.name) == ["calendar", "city", "foliage", "walk"])
        let counts = try clips.map { try $0.groundTruth.open().properties.frameCount }
        #expect(counts == [41, 34, 49, 47])
        for clip in clips {
            let high = try clip.groundTruth.open().properties.size
            let low = try #require(clip.lowResolution).open().properties.size
            #expect(low == FrameSize(width: high.width / 4, height: high.height / 4))
        }
    }

    @Test func validationClipsLoadAndDegrade() throws {
        guard let folder = Self.folder("val") else { return }
        let sources = try ClipLayout.clips.clips(at: folder).map(\.groundTruth)
        let clips = try TrainingClips(sources, scale: 4, degradation: .bicubic)
        #expect(clips.count == 6)
        for clip in 0..<clips.count {
            let (low, high) = clips.frames(clip: clip, frame: 3)
            #expect(try low == Degradation.bicubic.degraded(high, scale: 4))
        }
    }

    /// Prints what loading and sampling cost; asserts only that everything is there.
    @Test func trainingClipsLoadAndPrefetch() throws {
        guard let folder = Self.folder("train") else { return }
        let sources = try ClipLayout.clips.clips(at: folder).map(\.groundTruth)
        let begin = (Date(), Self.processorSeconds())
        let clips = try TrainingClips(sources, scale: 4, degradation: .bicubic)
        let seconds = Date().timeIntervalSince(begin.0)
        let busy = Self.processorSeconds() - begin.1
        #expect(clips.count == sources.count)
        let pixels = (0..<clips.count).reduce(0) {
            $0 + clips.shape(clip: $1).frames * clips.shape(clip: $1).size.area
        }
        print(
            String(
                format: "load: %d clips, %d frames, %d MiB in %.1f s (%.1f s of processor time, "
                    + "%.1f ms per frame, %.1f Mpixel/s per core)",
                clips.count, clips.frameCount, clips.bytes >> 20, seconds, busy,
                busy / Double(clips.frameCount) * 1000, Double(pixels) / busy / 1e6))
        var options = SamplingOptions()
        options.batchSize = 4
        options.frames = 10
        let sampler = try BatchSampler(clips, options: options)
        let start = Self.processorSeconds()
        for index in 0..<20 { _ = sampler.batch(index) }
        let each = (Self.processorSeconds() - start) / 20 * 1000
        print(String(format: "batch of 4 x 10 x 64x64: %.1f ms", each))
        let prefetcher = BatchPrefetcher(sampler)
        _ = try prefetcher.next()
        let before = prefetcher.waited
        for _ in 0..<20 {
            usleep(200_000)
            _ = try prefetcher.next()
        }
        let waited = (prefetcher.waited - before) / 20 * 1e6
        print(String(format: "waited per step of 200 ms: %.0f µs", waited))
    }
}
