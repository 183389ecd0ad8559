import Testing
import VSRCore
import VSRImaging

@Suite struct MetricsTests {
    /// One case of `scripts/reference/imaging_metrics.py`.
    struct Case: Decodable, Sendable {
        let seed: UInt64
        let width, height: Int
        let measurement: MeasurementProtocol
        let channels: MetricChannels
        let border: Int
        let psnr, ssim: Double

        var conventions: MetricConventions {
            MetricConventions(measurement: measurement, channels: channels, border: border)
        }
    }

    @Test(arguments: try Fixture.load("metrics.json", as: [Case].self))
    func equalNumPyAndScikitImage(_ example: Case) throws {
        let frames = Self.frames(
            seed: example.seed, size: FrameSize(width: example.width, height: example.height))
        let figures = try QualityFigures.measure(
            frames.result, frames.reference, conventions: example.conventions)
        // Double precision throughout: only the order of sums differs.
        #expect(abs(figures.psnr - example.psnr) <= 1e-9)
        #expect(abs(figures.ssim - example.ssim) <= 1e-11)
        #expect(
            try PSNR.measure(
                frames.result, frames.reference, conventions: example.conventions)
                == figures.psnr)
    }

    /// 20 · log10(255), by hand.
    @Test func oneGrayLevelEverywhereIs48Decibels() throws {
        let size = FrameSize(width: 11, height: 12)
        let reference = Frame(size: size, filledWith: 100.0 / 255)
        let result = Frame(size: size, filledWith: 101.0 / 255)
        for measurement in MeasurementProtocol.allCases {
            let rgb = MetricConventions(measurement: measurement, channels: .rgb)
            let psnr = try PSNR.measure(result, reference, conventions: rgb)
            #expect(abs(psnr - 48.1308) <= 1e-4)
            // Y spans 219 levels where RGB spans 255: 20 · log10(255² / 219).
            let luma = MetricConventions(measurement: measurement, channels: .luma)
            let lumaPSNR = try PSNR.measure(result, reference, conventions: luma)
            #expect(abs(lumaPSNR - 49.4527) <= 1e-4)
        }
    }

    @Test func protocolsDifferByRoundingOnly() throws {
        let size = FrameSize(width: 11, height: 11)
        let reference = Frame(size: size, filledWith: 100.0 / 255)
        let result = Frame(size: size, filledWith: 100.4 / 255)
        let paper = MetricConventions(measurement: .paper, channels: .rgb)
        let mmagic = MetricConventions(measurement: .mmagic, channels: .rgb)
        #expect(try PSNR.measure(result, reference, conventions: paper) == .infinity)
        // 20 · log10(255 / 0.4), by hand.
        let psnr = try PSNR.measure(result, reference, conventions: mmagic)
        #expect(abs(psnr - 56.0896) <= 1e-3)
    }

    @Test func equalFramesAreInfinitelyGoodAndAlike() throws {
        let frame = Self.frames(seed: 5, size: FrameSize(width: 15, height: 13)).result
        for channels in MetricChannels.allCases {
            let figures = try QualityFigures.measure(
                frame, frame, conventions: MetricConventions(channels: channels))
            #expect(figures.psnr == .infinity)
            #expect(abs(figures.ssim - 1) <= 1e-12)
        }
    }

    /// Flat frames have no variance: the similarity is the luminance term
    /// (2·100·200 + C1) / (100² + 200² + C1) with C1 = 6.5025.
    @Test func similarityOfFlatFramesIsTheLuminanceTerm() throws {
        let size = FrameSize(width: 20, height: 11)
        let ssim = try SSIM.measure(
            Frame(size: size, filledWith: 100.0 / 255), Frame(size: size, filledWith: 200.0 / 255),
            conventions: MetricConventions(channels: .rgb))
        #expect(abs(ssim - 40_006.5025 / 50_006.5025) <= 1e-9)
    }

    @Test func valuesBeyondTheRangeCountAsItsEnds() throws {
        let size = FrameSize(width: 11, height: 11)
        let ends = Frame(size: size, samples: (0..<363).map { $0 % 2 == 0 ? 0 : 1 })
        let beyond = Frame(
            size: size,
            samples: (0..<363).map {
                $0 % 2 == 0 ? ($0 % 4 == 0 ? -.infinity : .nan) : ($0 % 3 == 0 ? 1.5 : .infinity)
            })
        for measurement in MeasurementProtocol.allCases {
            let conventions = MetricConventions(measurement: measurement, channels: .rgb)
            #expect(try PSNR.measure(beyond, ends, conventions: conventions) == .infinity)
        }
    }

    @Test func theBorderIsLeftOut() throws {
        let size = FrameSize(width: 17, height: 15)
        let reference = Frame(size: size, filledWith: 0.5)
        var result = reference
        for channel in 0..<3 {
            for x in 0..<17 { result[channel, 1, x] = 0 }
            for y in 0..<15 { result[channel, y, 15] = 1 }
        }
        func figures(_ border: Int) throws -> QualityFigures {
            try .measure(
                result, reference, conventions: MetricConventions(border: border))
        }
        #expect(try figures(1).psnr < 30)
        #expect(try figures(2).psnr == .infinity)
    }

    @Test func framesAreAveragedWithinClipsAndClipsEqually() throws {
        let size = FrameSize(width: 11, height: 11)
        let reference = Frame(size: size, filledWith: 0)
        var metrics = ClipMetrics(conventions: MetricConventions(channels: .rgb))
        #expect(metrics.measure() == nil)
        #expect(metrics.endClip(named: "none") == nil)
        // Errors of 1 and 5 levels in the first clip, 25 in the second.
        for level in [1, 5] {
            try metrics.accumulate(
                Frame(size: size, filledWith: Float(level) / 255), reference: reference)
        }
        metrics.endClip(named: "a")
        try metrics.accumulate(Frame(size: size, filledWith: 25.0 / 255), reference: reference)
        metrics.endClip(named: "b")
        // 20·log10(255/e): 48.1308, 34.1514, 20.1720; (41.1411 + 20.1720) / 2, by hand.
        #expect(metrics.clips.map(\.name) == ["a", "b"])
        #expect(metrics.clips.map(\.frameCount) == [2, 1])
        #expect(abs(metrics.clips[0].figures.psnr - 41.1411) <= 1e-4)
        #expect(abs(try #require(metrics.measure()).psnr - 30.6566) <= 1e-4)
        metrics.reset()
        #expect(metrics.measure() == nil)
    }

    @Test func unequalSizesAndFramesWithoutRoomAreRefused() {
        let frame = Frame(size: FrameSize(width: 11, height: 11))
        let wide = Frame(size: FrameSize(width: 12, height: 11))
        let low = Frame(size: FrameSize(width: 20, height: 10))
        #expect { try PSNR.measure(frame, wide) } throws: {
            ($0 as? VSRError)?.code == .shapeMismatch
        }
        #expect { try SSIM.measure(low, low) } throws: {
            ($0 as? VSRError)?.code == .invalidArgument
        }
        for border in [6, -1, .max, .min] {
            #expect(throws: VSRError.self) {
                try PSNR.measure(frame, frame, conventions: MetricConventions(border: border))
            }
        }
    }

    /// The frames that `imaging_metrics.py` draws: a ramp with noise, and one beyond 0...1.
    static func frames(seed: UInt64, size: FrameSize) -> (result: Frame, reference: Frame) {
        var generator = SeededGenerator(seed: seed)
        func frame(_ value: (_ ramp: Double, _ noise: Double) -> Double) -> Frame {
            var frame = Frame(size: size)
            for channel in 0..<3 {
                for y in 0..<size.height {
                    for x in 0..<size.width {
                        let ramp =
                            (Double(x) / Double(max(size.width - 1, 1))
                                + Double(y) / Double(max(size.height - 1, 1))) / 2
                        frame[channel, y, x] = Float(value(ramp, Double(generator.uniform())))
                    }
                }
            }
            return frame
        }
        let reference = frame { 0.8 * $0 + 0.2 * $1 }
        let result = frame { 1.4 * $0 - 0.2 + 0.3 * $1 }
        return (result, reference)
    }
}
