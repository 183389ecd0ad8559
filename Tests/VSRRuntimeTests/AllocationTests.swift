import CAllocationCounter
import Testing
import VSRCore
import VSRModel

@testable import VSRRuntime

/// What a frame costs in allocations, counted on the caller's thread, which hands out the work;
/// other threads run kernels only, with the memory that they are given.
@Suite(.enabled(if: allocation_counter_works(), "allocations cannot be counted here"))
struct AllocationTests {
    /// High enough for two bands of the upsampler.
    private let size = FrameSize(width: 37, height: 82)

    /// Allocations of `body` on this thread.
    private func allocations(_ body: () throws -> Void) rethrows -> Int64 {
        let before = allocation_count()
        try body()
        return allocation_count() - before
    }

    @Test func theCounterCounts() {
        var values: [Int] = []
        #expect(allocations { values = Array(repeating: 1, count: 100) } >= 1)
        #expect(values.count == 100)
    }

    /// Frames after which nothing is allocated any more: of a picture that stands still, the
    /// stability guard has its memory then.
    private static func warmUp(isStill: Bool, otherwise count: Int) -> Int {
        isStill ? StillnessTracker.patience + 2 : count
    }

    /// A level for a pixel of picture `index`: stripes that move.
    private func level(_ pixel: Int, _ index: Int) -> Int {
        (pixel % size.width + 3 * index) * 40 % 250
    }

    @Test(
        arguments: [
            Blueprint.Direction.unidirectional, .bidirectional,
            BranchListTests.twoCausal.direction, BranchListTests.twoAnticausal.direction,
        ],
        [
            (scale: 2, threads: 1, isStill: false), (4, 1, false), (4, 2, false), (2, 1, true),
            (4, 1, true), (4, 2, true),
        ])
    func framesAfterAFewAllocateNothing(
        direction: Blueprint.Direction, setting: (scale: Int, threads: Int, isStill: Bool)
    ) throws {
        let scale = setting.scale
        let blueprint = Blueprint(
            direction: direction, width: 9, blocks: 2, scale: scale, flow: .quarter)
        var options = UpscalerOptions()
        options.threads = setting.threads
        options.windowLength = 2
        options.lookAhead = 1
        let upscaler = try Upscaler(
            model: Model.initialized(blueprint, seed: 1), frameSize: size, options: options)
        let inputs = (0..<32).map { index in
            (0..<3 * size.area).map {
                setting.isStill ? 0.5 : Float(level($0 % size.area, index)) / 255
            }
        }
        var pushed = 0
        let outputSize = size.scaled(by: scale)
        var floats = [Float](repeating: 0, count: 3 * outputSize.area)
        var bytes = [UInt8](repeating: 0, count: 3 * outputSize.area)

        func upscale(_ frames: Int) throws {
            for _ in 0..<frames {
                try inputs[pushed].withUnsafeBufferPointer {
                    _ = try upscaler.push(.planarFloats($0, size: size))
                }
                pushed += 1
                while upscaler.readyFrames > 0 {
                    try floats.withUnsafeMutableBufferPointer {
                        try upscaler.pull(into: .planarFloats($0, size: outputSize))
                    }
                    guard upscaler.readyFrames > 0 else { continue }
                    try bytes.withUnsafeMutableBufferPointer {
                        try upscaler.pull(into: .interleavedBytes($0, size: outputSize))
                    }
                }
            }
        }
        try upscale(Self.warmUp(isStill: setting.isStill, otherwise: 8))
        #expect(try allocations { try upscale(6) } == 0)
    }

    @Test(arguments: [1, 2], [false, true])
    func yuvFramesAllocateNothing(threads: Int, isStill: Bool) throws {
        let blueprint = Blueprint(
            direction: .unidirectional, width: 9, blocks: 2, flow: .quarter)
        var options = UpscalerOptions()
        options.threads = threads
        let upscaler = try Upscaler(
            model: Model.initialized(blueprint, seed: 1), frameSize: size, options: options)
        let format = YUVFormat(.yuv420, matrix: .bt601)
        let outputSize = size.scaled(by: upscaler.scale)
        func planes(_ size: FrameSize) -> [UnsafeMutableRawBufferPointer] {
            let chroma = format.subsampling.chromaSize(for: size)
            return [size.area, chroma.area, chroma.area].map {
                let plane = UnsafeMutableRawBufferPointer.allocate(byteCount: $0, alignment: 64)
                plane.initializeMemory(as: UInt8.self, repeating: 128)
                return plane
            }
        }
        let input = planes(size), output = planes(outputSize)
        defer { (input + output).forEach { $0.deallocate() } }
        var pushed = 0
        func upscale(_ frames: Int) throws {
            for _ in 0..<frames {
                if !isStill {
                    for pixel in 0..<size.area { input[0][pixel] = UInt8(level(pixel, pushed)) }
                }
                pushed += 1
                try upscaler.push(
                    .yuv(
                        .init(input[0]), .init(input[1]), .init(input[2]), size: size,
                        format: format))
                try upscaler.pull(
                    into: .yuv(output[0], output[1], output[2], size: outputSize, format: format))
            }
        }
        try upscale(Self.warmUp(isStill: isStill, otherwise: 4))
        #expect(try allocations { try upscale(4) } == 0)
    }
}
