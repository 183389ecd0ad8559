import Testing
import VSRCore
import VSRImaging

@Suite struct ResizeTests {
    /// One case of `scripts/reference/imaging_imresize.py`; samples are unrounded levels.
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let seed: UInt64
        let width, height: Int
        let kind: String
        let first, second: Int
        let kernel: Interpolation
        let antialiased: Bool
        let resultWidth, resultHeight: Int
        let samples: [Double]

        var testDescription: String { "\(width)x\(height) \(kind) \(first) \(second) \(kernel)" }
        var source: ByteFrame {
            ByteFrame(seed: seed, size: FrameSize(width: width, height: height))
        }
        var resultSize: FrameSize { FrameSize(width: resultWidth, height: resultHeight) }

        func resized(_ frame: Frame) throws -> Frame {
            kind == "by"
                ? try frame.resized(
                    by: first, over: second, interpolation: kernel, antialiased: antialiased)
                : try frame.resized(
                    to: FrameSize(width: first, height: second), interpolation: kernel,
                    antialiased: antialiased)
        }

        func resized(_ frame: ByteFrame) throws -> ByteFrame {
            kind == "by"
                ? try frame.resized(
                    by: first, over: second, interpolation: kernel, antialiased: antialiased)
                : try frame.resized(
                    to: FrameSize(width: first, height: second), interpolation: kernel,
                    antialiased: antialiased)
        }
    }

    @Test(arguments: try Fixture.load("resize.json", as: [Case].self))
    func equalsTheReference(_ example: Case) throws {
        let bytes = try example.resized(example.source)
        #expect(bytes.size == example.resultSize)
        // Six decimals decide the rounding: halves occur only where all weights are exact.
        #expect(
            bytes.samples
                == example.samples.map { UInt8(min(max(($0 + 0.5).rounded(.down), 0), 255)) })

        let floats = try example.resized(example.source.frame)
        #expect(floats.size == example.resultSize)
        // Inputs and results are single precision: 2⁻²⁴ of at most 1.5, twice, in levels.
        for (value, expected) in zip(floats.samples, example.samples) {
            #expect(abs(Double(value) * 255 - expected) <= 5e-5)
        }
    }

    @Test func doublingARowHasTheWeightsOfKeysKernel() throws {
        var frame = ByteFrame(
            size: FrameSize(width: 4, height: 1), samples: Array(repeating: 0, count: 12))
        frame.samples[1] = 128
        let doubled = try frame.resized(by: 2)
        // Weights at distances 1.75, 1.25, 0.75, 0.25 are −0.0234375, −0.0703125, 0.2265625,
        // 0.8671875; times 128: −3, −9, 29, 111. The mirrored border repeats no lit sample.
        #expect(Array(doubled.samples.prefix(8)) == [0, 29, 111, 111, 29, 0, 0, 0])
    }

    @Test func aConstantStaysConstant() throws {
        for size in [FrameSize(width: 1, height: 1), FrameSize(width: 7, height: 3)] {
            let gray = Frame(size: size, filledWith: 0.25)
            for (numerator, denominator) in [(1, 4), (4, 1), (3, 7), (100, 3)] {
                let result = try gray.resized(by: numerator, over: denominator)
                #expect(result.samples.allSatisfy { abs($0 - 0.25) < 1e-7 })
            }
        }
    }

    @Test func emptyFramesAndImpossibleScalesAreRefused() {
        let empty = Frame(size: FrameSize(width: 0, height: 3), samples: [])
        let frame = Frame(size: FrameSize(width: 2, height: 2))
        #expect(throws: VSRError.self) { try empty.resized(by: 2) }
        #expect(throws: VSRError.self) { try frame.resized(by: 0) }
        #expect(throws: VSRError.self) { try frame.resized(by: 1, over: 0) }
        #expect(throws: VSRError.self) { try frame.resized(by: -1, over: -1) }
        #expect(throws: VSRError.self) { try frame.resized(by: 1 << 30) }
        #expect(throws: VSRError.self) { try frame.resized(by: .max, over: .max) }
        #expect(throws: VSRError.self) {
            try frame.resized(to: FrameSize(width: .max, height: 2))
        }
        #expect(throws: VSRError.self) { try frame.resized(to: FrameSize(width: 3, height: 0)) }
    }
}
