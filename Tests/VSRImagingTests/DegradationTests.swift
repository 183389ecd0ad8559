import Foundation
import Testing
import VSRCore
import VSRImaging

@Suite struct DegradationTests {
    /// A horizontal ramp keeps its slope under any symmetric blur, so that away from borders the
    /// values tell where samples lie: 8-bit level = HR position.
    @Test(arguments: [
        (Degradation.bicubic, 4, 1.5), (.blurred, 4, 1.5), (.blurredUncentered, 4, 0),
        (.bicubic, 2, 0.5), (.blurred, 2, 0.5), (.blurredUncentered, 2, 0),
    ])
    func samplesLieWhereTheConventionSays(
        degradation: Degradation, scale: Int, first: Double
    ) throws {
        let size = FrameSize(width: 80, height: 16)
        // Twice the position, so that half positions are whole levels.
        let ramp = ByteFrame(size: size, samples: (0..<3 * size.area).map { UInt8(2 * ($0 % 80)) })
        let low = try degradation.degraded(ramp, scale: scale)
        #expect(low.size == FrameSize(width: 80 / scale, height: 16 / scale))
        for x in 16 / scale..<64 / scale {
            #expect(Double(low[1, 1, x]) == 2 * (first + Double(scale * x)))
        }
    }

    /// The response to one bright pixel shows the window: the product of two normalized Gaussians
    /// at the distances between the pixel and the samples' positions.
    @Test(arguments: [
        (Degradation.blurred, 4, 1.5, 12, 1.6), (.blurredUncentered, 4, 0, 13, 1.6),
        (.blurred, 2, 0.5, 8, 0.8), (.blurredUncentered, 2, 0, 7, 0.8),
    ])
    func theBlurIsTheGaussianOfTheConvention(
        degradation: Degradation, scale: Int, first: Double, count: Int, sigma: Double
    ) throws {
        let size = FrameSize(width: 48, height: 48)
        var frame = ByteFrame(size: size, samples: Array(repeating: 0, count: 3 * size.area))
        frame[0, 25, 22] = 255
        let low = try degradation.degraded(frame, scale: scale)
        let half = Double(count - 1) / 2
        let total = (0..<count).reduce(0.0) {
            $0 + exp(-pow(Double($1) - half, 2) / (2 * sigma * sigma))
        }
        func weight(_ sample: Int, _ position: Int) -> Double {
            let distance = first + Double(scale * sample) - Double(position)
            return abs(distance) > half
                ? 0 : exp(-distance * distance / (2 * sigma * sigma)) / total
        }
        var lit = 0
        for y in 0..<low.height {
            for x in 0..<low.width {
                let expected = 255 * weight(y, 25) * weight(x, 22)
                #expect(low[0, y, x] == UInt8((expected + 0.5).rounded(.down)))
                lit += low[0, y, x] > 0 ? 1 : 0
            }
        }
        #expect(lit >= 3)
    }

    /// A column at the edge weighs its own tap and the taps that the border repeats.
    @Test func bordersRepeatOrReflectTheEdge() throws {
        let size = FrameSize(width: 16, height: 16)
        var samples = [UInt8](repeating: 0, count: 3 * size.area)
        for row in 0..<48 { samples[row * 16] = 255 }
        let frame = ByteFrame(size: size, samples: samples)
        func gaussian(_ distance: Double) -> Double { exp(-distance * distance / 5.12) }
        // Sample 0 of BD lies at 1.5 and repeats column 0 for −4 … −1: distances 1.5 … 5.5.
        let even = stride(from: 0.5, through: 5.5, by: 1).reduce(0) { $0 + 2 * gaussian($1) }
        let repeated = stride(from: 1.5, through: 5.5, by: 1).reduce(0) { $0 + gaussian($1) }
        let blurred = try Degradation.blurred.degraded(frame, scale: 4)
        #expect(blurred[0, 1, 0] == UInt8((255 * repeated / even + 0.5).rounded(.down)))
        // Sample 0 of BD-DUF lies on column 0, which no reflection repeats.
        let odd = 1 + (1...6).reduce(0) { $0 + 2 * gaussian(Double($1)) }
        let uncentered = try Degradation.blurredUncentered.degraded(frame, scale: 4)
        #expect(uncentered[0, 1, 0] == UInt8((255 / odd + 0.5).rounded(.down)))
    }

    @Test func framesAreCroppedToMultiplesOfTheScale() throws {
        for degradation in Degradation.allCases {
            let frame = ByteFrame(seed: 3, size: FrameSize(width: 23, height: 18))
            let cropped = try frame.cropped(to: FrameSize(width: 20, height: 16))
            #expect(
                try degradation.degraded(frame, scale: 4)
                    == degradation.degraded(cropped, scale: 4))
            #expect(
                try degradation.degraded(frame.frame, scale: 4)
                    == degradation.degraded(frame, scale: 4).frame)
        }
    }

    @Test func smallAndOddSizesNeverFail() throws {
        for degradation in Degradation.allCases {
            for scale in Degradation.scales {
                for width in [scale, scale + 1, 2 * scale, 13, 31] {
                    for height in [scale, 3 * scale - 1, 29] {
                        let size = FrameSize(width: width, height: height)
                        let low = try degradation.degraded(
                            ByteFrame(seed: 1, size: size), scale: scale)
                        #expect(
                            low.size
                                == FrameSize(width: width / scale, height: height / scale))
                    }
                }
            }
        }
    }

    @Test func impossibleScalesAndFramesAreRefused() {
        let frame = ByteFrame(seed: 1, size: FrameSize(width: 3, height: 8))
        for degradation in Degradation.allCases {
            for scale in [4, 0, -2, 3, 1] {
                #expect { try degradation.degraded(frame, scale: scale) } throws: {
                    ($0 as? VSRError)?.code == .invalidArgument
                }
            }
        }
    }

    @Test(arguments: Degradation.allCases)
    func eachDegradationIsRecognized(_ degradation: Degradation) throws {
        let size = FrameSize(width: 64, height: 48)
        let high = try (0..<2).map { seed in
            try ByteFrame(seed: UInt64(seed), size: FrameSize(width: 16, height: 12))
                .resized(to: size)
        }
        let low = try high.map { try degradation.degraded($0, scale: 4) }
        let match = try DegradationMatch(lowResolution: low, highResolution: high, scale: 4)
        #expect(match.best.degradation == degradation)
        #expect(match.best.psnr == .infinity)
        #expect(match.isConvincing)
        #expect(Set(match.candidates.map(\.degradation)) == Set(Degradation.allCases))
    }

    @Test func framesThatDoNotBelongTogetherAreRefused() {
        let low = ByteFrame(seed: 1, size: FrameSize(width: 4, height: 4))
        let high = ByteFrame(seed: 1, size: FrameSize(width: 16, height: 12))
        #expect {
            try DegradationMatch(lowResolution: [low], highResolution: [high], scale: 4)
        } throws: { ($0 as? VSRError)?.code == .shapeMismatch }
        #expect { try DegradationMatch(lowResolution: [], highResolution: [], scale: 4) } throws: {
            ($0 as? VSRError)?.code == .invalidArgument
        }
    }
}
