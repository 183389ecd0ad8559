import Testing
import VSRCore
import VSRImaging

@Suite struct SyntheticSceneTests {
    private let size = FrameSize(width: 48, height: 40)

    @Test func theSeedDeterminesEveryFrame() throws {
        let scene = try SyntheticScene(seed: 7, size: size, frameCount: 6)
        let backwards = [5, 3, 0].map { scene.frame($0) }
        let again = try SyntheticScene(seed: 7, size: size, frameCount: 6)
        #expect([0, 3, 5].map { again.frame($0) } == backwards.reversed())
        let other = try SyntheticScene(seed: 8, size: size, frameCount: 6)
        #expect(other.frame(0) != again.frame(0))
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func framesMoveAndKeepTheirRange(seed: UInt64) throws {
        let scene = try SyntheticScene(seed: seed, size: size, frameCount: 3)
        let frames = (0..<3).map { scene.frame($0) }
        #expect(frames[0] != frames[1] && frames[1] != frames[2])
        for frame in frames {
            #expect(frame.size == size)
            // Sums of four samples in 0...1, each within a rounding of its blend.
            #expect(frame.samples.allSatisfy { $0 >= 0 && $0 <= 1.000_001 })
        }
        // A scene moves by some pixels, it does not jump: neighbors resemble each other more
        // than frames of another scene do.
        let other = try SyntheticScene(seed: seed + 100, size: size, frameCount: 1).frame(0)
        let rgb = MetricConventions(channels: .rgb)
        let near = try PSNR.measure(frames[0], frames[1], conventions: rgb)
        let far = try PSNR.measure(frames[0], other, conventions: rgb)
        #expect(near > far)
    }

    @Test func withoutLivelinessNothingMoves() throws {
        for seed in 0..<4 as Range<UInt64> {
            let scene = try SyntheticScene(
                seed: seed, size: size, frameCount: 30, liveliness: 0)
            #expect(scene.frame(0) == scene.frame(29))
        }
    }

    /// Natural footage gives bicubic 20 to 36 dB at ×4; scenes that gave it much more would teach
    /// nothing, and noise gives it 14 dB or less.
    @Test func bicubicLosesDetailAsInNaturalFootage() throws {
        let size = FrameSize(width: 128, height: 128)
        let figures = try (0..<12 as Range<UInt64>).map { seed in
            let frame = try SyntheticScene(seed: seed, size: size, frameCount: 1).frame(0)
            let low = try Degradation.bicubic.degraded(frame, scale: 4)
            return try PSNR.measure(BicubicUpscaler.upscaled(low, scale: 4), frame)
        }
        #expect(figures.allSatisfy { $0 > 18 && $0 < 42 }, "\(figures)")
        let mean = figures.reduce(0, +) / Double(figures.count)
        #expect(mean > 24 && mean < 34)
    }

    @Test func anySizeCanBeRendered() throws {
        for size in [(1, 1), (1, 9), (7, 1), (33, 2), (300, 5)] {
            let frameSize = FrameSize(width: size.0, height: size.1)
            for seed in 0..<8 as Range<UInt64> {
                let scene = try SyntheticScene(
                    seed: seed, size: frameSize, frameCount: 1_000_000, liveliness: 10)
                #expect(scene.frame(0).samples.allSatisfy { $0.isFinite })
                #expect(scene.frame(999_999).samples.allSatisfy { $0.isFinite })
            }
        }
    }

    @Test func impossibleScenesAreRefused() {
        for (width, height, frames, liveliness) in [
            (0, 4, 1, 1.0), (4, -1, 1, 1), (4, .max, 1, 1), (4, 4, 0, 1), (4, 4, 1, -1),
            (4, 4, 1, .nan), (4, 4, .max, 1),
        ] {
            #expect {
                try SyntheticScene(
                    seed: 0, size: FrameSize(width: width, height: height), frameCount: frames,
                    liveliness: liveliness)
            } throws: {
                ($0 as? VSRError)?.code == .invalidArgument
            }
        }
    }
}
