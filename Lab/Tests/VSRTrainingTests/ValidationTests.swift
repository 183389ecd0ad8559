import Foundation
import Testing
import Torch
import VSRCore
import VSRData
import VSRModel

@testable import VSRTraining

@Suite struct ValidationTests {
    /// Sums of doubles depend on their order, so that a dictionary's would tell in the last bits.
    @Test func clipsAreAveragedInTheirOrder() throws {
        let sources = (0..<12).map { clip in
            ClipSource.rendered(
                name: "clip-\(clip)", size: FrameSize(width: 16, height: 16), count: 1
            ) { _ in
                var frame = Frame(size: FrameSize(width: 16, height: 16))
                var random = SeededGenerator(seed: UInt64(clip))
                for index in frame.samples.indices {
                    frame.samples[index] = Float(random.next() >> 40) * 0x1p-24
                }
                return frame
            }
        }
        let validation = try Validation(
            sources, frames: 1, degradation: .bicubic, scale: 2, isChannelsLast: false)
        let result = try TorchThread.run {
            try setThreadCount(1)
            return try validation.measure(
                .initialized(TinyRuns.blueprint(), seed: 1), environment: TinyRuns.environment())
        }
        let inOrder = try sources.map { try #require(result.clips[$0.name]) }
        #expect(Set(inOrder).count == 12)
        #expect(result.psnr == inOrder.reduce(0, +) / 12)
    }

    /// Two clips of one frame each: the mean squared error of both is that of their PSNRs.
    @Test func pooledPSNRIsThatOfTheMeanSquaredError() throws {
        // The second clip is flat, so that bicubic interpolation is exact up to 8 bits: no error.
        let sources = [true, false].map { isChecked in
            ClipSource.rendered(
                name: "checked-\(isChecked)", size: FrameSize(width: 16, height: 16), count: 1
            ) { _ in
                var frame = Frame(size: FrameSize(width: 16, height: 16))
                for index in frame.samples.indices {
                    frame.samples[index] = isChecked && index % 2 == 0 ? 0.8 : 0.4
                }
                return frame
            }
        }
        func measured(_ sources: [ClipSource]) throws -> Validation.Result {
            try TorchThread.run {
                try Validation(
                    sources, frames: 1, degradation: .bicubic, scale: 2, isChannelsLast: false
                ).measure(
                    .initialized(TinyRuns.blueprint(), seed: 1),
                    environment: TinyRuns.environment())
            }
        }
        let result = try measured(sources)
        let (first, second) = (
            try #require(result.clips["checked-true"]), try #require(result.clips["checked-false"])
        )
        let pooled = -10 * log10((pow(10, -first / 10) + pow(10, -second / 10)) / 2)
        #expect(abs(result.pooledPSNR - pooled) < 1e-9)
        #expect(result.psnr == (first + second) / 2)
        #expect(first != second)
        // Half of the error of the one clip that has some: 10 log₁₀ 2 above that clip's PSNR.
        #expect(result.bicubicPSNR == .infinity)
        let checked = try measured([sources[0]]).bicubicPSNR
        #expect(abs(result.bicubicPooledPSNR - (checked + 10 * log10(2))) < 1e-9)
    }

    @Test func clipsOfOneNameCountEach() throws {
        let frames = [Float(0), 1].map { value in
            ClipSource.rendered(name: "same", size: FrameSize(width: 8, height: 8), count: 1) { _ in
                var frame = Frame(size: FrameSize(width: 8, height: 8))
                for index in frame.samples.indices where index % 3 == 0 {
                    frame.samples[index] = value
                }
                return frame
            }
        }
        func psnr(_ sources: [ClipSource]) throws -> Double {
            let validation = try Validation(
                sources, frames: 1, degradation: .bicubic, scale: 2, isChannelsLast: false)
            return try TorchThread.run {
                try validation.measure(
                    .initialized(TinyRuns.blueprint(), seed: 1),
                    environment: TinyRuns.environment())
            }.psnr
        }
        let single = try frames.map { try psnr([$0]) }
        #expect(single[0] != single[1])
        #expect(try psnr(frames) == (single[0] + single[1]) / 2)
    }
}
