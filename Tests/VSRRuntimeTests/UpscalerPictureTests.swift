import Testing
import VSRCore
import VSRModel

@testable import VSRRuntime

/// Pictures in memory of the caller.
@Suite struct UpscalerPictureTests {
    @Test(arguments: UpscalerChecks.executors)
    func callersMemoryIsReadAndWrittenWithItsStrides(
        _ executor: UpscalerOptions.Executor
    ) throws {
        var random = SeededGenerator(seed: 7)
        let model = random.model(.unidirectional, scale: 4)
        let size = FrameSize(width: 5, height: 3)
        let output = size.scaled(by: 4)
        let (inputStride, outputStride) = (17, 67)
        let bytes = (0..<size.height * inputStride).map { _ in UInt8(random.integer(below: 256)) }
        var frame = Frame(size: size)
        for y in 0..<size.height {
            for x in 0..<size.width {
                for channel in 0..<3 {
                    frame[channel, y, x] = Float(bytes[y * inputStride + 3 * x + channel]) / 255
                }
            }
        }
        let upscaler = try Upscaler(model: model, options: UpscalerChecks.options(executor))
        let expected = try ByteFrame(rounding: upscaler.upscale(clip: [frame])[0])

        func pushBytes() throws -> Int {
            try bytes.withUnsafeBufferPointer {
                try upscaler.push(.interleavedBytes($0, size: size, rowStride: inputStride))
            }
        }
        #expect(try pushBytes() == 1)
        let guardByte: UInt8 = 0xA5
        var found = Array(repeating: guardByte, count: output.height * outputStride)
        try found.withUnsafeMutableBufferPointer {
            try upscaler.pull(into: .interleavedBytes($0, size: output, rowStride: outputStride))
        }
        for y in 0..<output.height {
            let row = found[y * outputStride..<(y + 1) * outputStride]
            let pixels = (0..<output.width).flatMap { x in (0..<3).map { expected[$0, y, x] } }
            #expect(Array(row.prefix(3 * output.width)) == pixels)
            #expect(row.dropFirst(3 * output.width).allSatisfy { $0 == guardByte })
        }
        try upscaler.endClip()
        #expect(try pushBytes() == 1)
        #expect(try upscaler.pullByteFrame() == expected)
    }

    @Test(arguments: UpscalerChecks.executors)
    func sizesBeyondTheLimitsAreRefused(_ executor: UpscalerOptions.Executor) throws {
        var random = SeededGenerator(seed: 6)
        let model = random.model(.unidirectional, scale: 2)
        for size in [(0, 4), (4, 0), (Int.max, 1), (1, 1 << 15), (-3, 4)] {
            let error = #expect(throws: VSRError.self) {
                try Upscaler(
                    model: model, frameSize: FrameSize(width: size.0, height: size.1),
                    options: UpscalerChecks.options(executor))
            }
            #expect(error?.code == .unsupported)
        }
    }

    /// Memory of 3 · 4 · 2 samples, or of `count`, for a picture of 4x2.
    @Test(arguments: [
        (24, nil, nil, true), (23, nil, nil, false), (30, nil, 5, true), (29, 10, 5, true),
        (28, 10, 5, false), (24, 8, 3, false), (24, 3, 4, false), (99, Int.max, 4, false),
        (99, nil, Int.max, false),
    ])
    func picturesBeyondTheirMemoryAreRefused(
        _ layout: (count: Int, planeStride: Int?, rowStride: Int?, fits: Bool)
    ) throws {
        let samples = Array(repeating: Float(0), count: layout.count)
        let source = try? samples.withUnsafeBufferPointer {
            try PictureSource.planarFloats(
                $0, size: FrameSize(width: 4, height: 2), planeStride: layout.planeStride,
                rowStride: layout.rowStride)
        }
        #expect((source != nil) == layout.fits)
    }

    @Test func picturesWithoutPixelsAreRefused() throws {
        var random = SeededGenerator(seed: 16)
        let model = random.model(.unidirectional, scale: 2)
        let upscaler = try Upscaler(model: model, options: UpscalerChecks.options(.reference))
        let error = #expect(throws: VSRError.self) {
            try upscaler.push(Frame(size: FrameSize(width: 0, height: 4)))
        }
        #expect(error?.code == .shapeMismatch)
    }
}
