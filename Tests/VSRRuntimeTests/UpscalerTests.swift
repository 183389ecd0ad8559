import Foundation
import Synchronization
import Testing
import VSRCore
import VSRModel
import VSRTestSupport

@testable import VSRRuntime

@Suite struct UpscalerTests {
    private static let executors = UpscalerOptions.Executor.allCases

    /// Flows differ by some 1e-6 px between the executors, which noise pictures turn into as much
    /// again; see TunedExecutorTests for the tight bound at equal flows.
    private static let tolerance = 5e-5

    private func options(
        _ executor: UpscalerOptions.Executor, windowLength: Int? = 16, lookAhead: Int = 8
    ) -> UpscalerOptions {
        var options = UpscalerOptions()
        options.executor = executor
        options.threads = 2
        options.precision = .fp32
        options.windowLength = windowLength
        options.lookAhead = lookAhead
        return options
    }

    private func samples(_ frames: [Frame]) -> [Float] { frames.flatMap(\.samples) }

    @Test(arguments: executors)
    func unidirectionalFramesComeOutAtOnce(_ executor: UpscalerOptions.Executor) throws {
        var random = SeededGenerator(seed: 1)
        let model = random.model(.unidirectional, scale: 4)
        let clip = random.clip(FrameSize(width: 11, height: 6), count: 5)
        let upscaler = try Upscaler(model: model, options: options(executor))
        let frames = try clip.map { frame in
            let ready = try upscaler.push(frame)
            #expect(ready.count == 1)
            return ready
        }.flatMap { $0 }
        #expect(try upscaler.finish().isEmpty)
        let expected = try ReferenceNetwork(model).run(clip).frames
        #expect(frames[0].size == FrameSize(width: 44, height: 24))
        #expect(relativeError(samples(frames), samples(expected)) <= Self.tolerance)
    }

    @Test(arguments: executors, [(1, 0), (2, 0), (2, 1), (3, 2), (1, 3), (4, 9)])
    func bidirectionalWindowsStartBackwardStatesAfterTheirLookAhead(
        _ executor: UpscalerOptions.Executor, window: (length: Int, lookAhead: Int)
    ) throws {
        var random = SeededGenerator(seed: 2)
        let model = random.model(.bidirectional, scale: 2)
        let clip = random.clip(FrameSize(width: 6, height: 5), count: 8)
        let upscaler = try Upscaler(
            model: model,
            options: options(executor, windowLength: window.length, lookAhead: window.lookAhead))
        let frames = try upscaler.upscale(clip: clip)
        let expected = try windowed(model, clip, length: window.length, lookAhead: window.lookAhead)
        #expect(relativeError(samples(frames), samples(expected)) <= Self.tolerance)
    }

    /// What windows are documented to give, from the reference network's stages.
    private func windowed(
        _ model: Model, _ clip: [Frame], length: Int, lookAhead: Int
    ) throws -> [Frame] {
        let network = try ReferenceNetwork(model)
        let forward = try network.run(clip).states[.forward, default: []]
        var frames: [Frame] = []
        for start in stride(from: 0, to: clip.count, by: length) {
            let window = Array(clip[start..<min(clip.count, start + length + lookAhead)])
            let backward = try network.run(window).states[.backward, default: []]
            for index in start..<min(clip.count, start + length) {
                frames.append(
                    try network.upsampled(
                        clip[index], states: [backward[index - start], forward[index]]))
            }
        }
        return frames
    }

    @Test(arguments: executors)
    func aClipWithinOneWindowAndItsLookAheadIsProcessedWhole(
        _ executor: UpscalerOptions.Executor
    ) throws {
        var random = SeededGenerator(seed: 3)
        let model = random.model(.bidirectional, scale: 4)
        let clip = random.clip(FrameSize(width: 5, height: 7), count: 6)
        let whole = try ReferenceNetwork(model).run(clip).frames
        for (length, lookAhead) in [(nil, 0), (4, 2), (6, 0), (3, 3), (10, 2)] {
            let upscaler = try Upscaler(
                model: model,
                options: options(executor, windowLength: length, lookAhead: lookAhead))
            let found = try upscaler.upscale(clip: clip)
            #expect(relativeError(samples(found), samples(whole)) <= Self.tolerance)
        }
    }

    @Test func framesHandedOverOneByOneAreThoseOfFinish() throws {
        var random = SeededGenerator(seed: 12)
        let model = random.model(.bidirectional, scale: 2)
        let clip = random.clip(FrameSize(width: 6, height: 5), count: 5)
        var options = options(.reference, windowLength: nil)
        let steps = Mutex<[ProgressUpdate]>([])
        options.progress = { update in steps.withLock { $0.append(update) } }
        let upscaler = try Upscaler(model: model, options: options)
        let expected = try upscaler.upscale(clip: clip)
        for frame in clip { #expect(try upscaler.push(frame).isEmpty) }
        var found: [Frame] = []
        try upscaler.finish { frame in
            #expect(upscaler.readyFrames == 4 - found.count)
            found.append(frame)
        }
        #expect(found == expected)
        #expect(steps.withLock { $0.map(\.completed) } == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5])
        #expect(steps.withLock { $0.allSatisfy { $0.total == 5 } })
        #expect(upscaler.clipWindow == "whole")
    }

    @Test func aWholeClipBeyondTheMachinesMemoryIsRefused() throws {
        var random = SeededGenerator(seed: 13)
        let size = FrameSize(width: 64, height: 48)
        func check(_ direction: Blueprint.Direction, _ window: Int?, frames: Int) throws {
            try Upscaler(
                model: random.model(direction, scale: 2),
                options: options(.tuned, windowLength: window)
            ).checkMemory(frames: frames, of: size)
        }
        try check(.bidirectional, nil, frames: 10)
        let error = #expect(throws: VSRError.self) {
            try check(.bidirectional, nil, frames: 1 << 40)
        }
        #expect(error?.code == .outOfMemory)
        #expect(error?.message.contains("1099511627776 frames of 64x48") == true)
        try check(.bidirectional, 16, frames: 1 << 40)
        try check(.unidirectional, nil, frames: 1 << 40)
    }

    @Test func aWholeClipMayTakeAllMemoryAndNoByteMore() throws {
        var random = SeededGenerator(seed: 14)
        let model = random.model(.bidirectional, scale: 2)
        let size = FrameSize(width: 24, height: 16)
        let upscaler = try Upscaler(model: model, options: options(.tuned, windowLength: nil))
        for frame in random.clip(size, count: 3) { _ = try upscaler.push(frame) }
        try upscaler.endClip()
        // What the executor says that it holds.
        let bytes = try #require(upscaler.plannedBytes)
        let plan = MemoryPlan(wholeClipsBy: model.blueprint, frameSize: size)
        try plan.check(wholeClip: 3, available: bytes)
        #expect(throws: VSRError.self) { try plan.check(wholeClip: 3, available: bytes - 1) }
        #expect(throws: VSRError.self) { try plan.check(wholeClip: 4, available: bytes) }
        try plan.check(wholeClip: 3, callerBytes: 7, available: bytes + 21)
        #expect(throws: VSRError.self) {
            try plan.check(wholeClip: 3, callerBytes: 7, available: bytes + 20)
        }
        #expect(throws: VSRError.self) { try plan.check(wholeClip: .max, available: .max) }
    }

    @Test(arguments: executors, [Blueprint.Direction.unidirectional, .bidirectional])
    func clipsFollowEachOtherIndependently(
        _ executor: UpscalerOptions.Executor, direction: Blueprint.Direction
    ) throws {
        var random = SeededGenerator(seed: 4)
        let model = random.model(direction, scale: 2)
        let clips = [(4, 4, 3), (4, 4, 1), (7, 3, 2), (1, 1, 3)].map { width, height, count in
            random.clip(FrameSize(width: width, height: height), count: count)
        }
        let upscaler = try Upscaler(
            model: model, options: options(executor, windowLength: 2, lookAhead: 1))
        #expect(try upscaler.finish().isEmpty)
        for clip in clips {
            let alone = try Upscaler(model: model, options: upscaler.options).upscale(clip: clip)
            #expect(try upscaler.upscale(clip: clip) == alone)
        }
    }

    @Test(arguments: executors)
    func aFrameOfAnotherSizeIsRefusedAndTheClipGoesOn(
        _ executor: UpscalerOptions.Executor
    ) throws {
        var random = SeededGenerator(seed: 5)
        let model = random.model(.unidirectional, scale: 2)
        let clip = random.clip(FrameSize(width: 4, height: 3), count: 3)
        let upscaler = try Upscaler(
            model: model, frameSize: FrameSize(width: 4, height: 3), options: options(executor))
        var frames = try upscaler.push(clip[0])
        let error = #expect(throws: VSRError.self) {
            try upscaler.push(Frame(size: FrameSize(width: 3, height: 4)))
        }
        #expect(error?.code == .shapeMismatch)
        #expect(error?.message.contains("3x4") == true && error?.message.contains("4x3") == true)
        frames += try upscaler.push(clip[1]) + upscaler.push(clip[2]) + upscaler.finish()
        let alone = try Upscaler(model: model, options: upscaler.options).upscale(clip: clip)
        #expect(frames == alone)
    }

    @Test(arguments: executors)
    func sizesBeyondTheLimitsAreRefused(_ executor: UpscalerOptions.Executor) throws {
        var random = SeededGenerator(seed: 6)
        let model = random.model(.unidirectional, scale: 2)
        for size in [(0, 4), (4, 0), (Int.max, 1), (1, 1 << 15), (-3, 4)] {
            let error = #expect(throws: VSRError.self) {
                try Upscaler(
                    model: model, frameSize: FrameSize(width: size.0, height: size.1),
                    options: options(executor))
            }
            #expect(error?.code == .unsupported)
        }
    }

    @Test(arguments: executors)
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
        let upscaler = try Upscaler(model: model, options: options(executor))
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

    @Test func callsInTheWrongOrderAreRefused() throws {
        var random = SeededGenerator(seed: 8)
        let model = random.model(.unidirectional, scale: 2)
        let frame = random.frame(FrameSize(width: 4, height: 3))
        let upscaler = try Upscaler(model: model, options: options(.reference))
        #expect(throws: VSRError.self) { try upscaler.pullFrame() }
        try frame.samples.withUnsafeBufferPointer { samples in
            let source = try PictureSource.planarFloats(samples, size: frame.size)
            try upscaler.push(source)
            #expect(throws: VSRError.self) { try upscaler.push(source) }
            #expect(throws: VSRError.self) { try upscaler.endClip() }
        }
        #expect(upscaler.readyFrames == 1)
        var wrong: [Float] = [0, 0, 0]
        let error = wrong.withUnsafeMutableBufferPointer { samples in
            #expect(throws: VSRError.self) {
                try upscaler.pull(
                    into: .planarFloats(samples, size: FrameSize(width: 1, height: 1)))
            }
        }
        #expect(error?.code == .shapeMismatch)
        #expect(try upscaler.pullFrame().size == FrameSize(width: 8, height: 6))
    }

    @Test func aRequestedCancellationEndsTheClip() throws {
        var random = SeededGenerator(seed: 9)
        let model = random.model(.bidirectional, scale: 2)
        let clip = random.clip(FrameSize(width: 4, height: 3), count: 2)
        var options = options(.reference)
        let cancellation = Cancellation()
        options.cancellation = cancellation
        let upscaler = try Upscaler(model: model, options: options)
        #expect(try upscaler.push(clip[0]).isEmpty)
        cancellation.request()
        let error = #expect(throws: VSRError.self) { try upscaler.push(clip[1]) }
        #expect(error?.code == .cancelled)
        #expect(try upscaler.finish().isEmpty)
    }

    @Test(arguments: [(0, 16, 8), (2, 0, 8), (2, 16, -1), (2, 1_000_001, 0)])
    func optionsOutOfRangeAreRefused(_ values: (Int, Int, Int)) throws {
        var random = SeededGenerator(seed: 10)
        let model = random.model(.unidirectional, scale: 2)
        var options = UpscalerOptions()
        (options.threads, options.windowLength, options.lookAhead) = values
        let error = #expect(throws: VSRError.self) { try Upscaler(model: model, options: options) }
        #expect(error?.code == .invalidArgument)
    }

    @Test(arguments: executors)
    func severalUpscalersWorkSideBySide(_ executor: UpscalerOptions.Executor) async throws {
        var random = SeededGenerator(seed: 11)
        let model = random.model(.unidirectional, scale: 4)
        let clip = random.clip(FrameSize(width: 19, height: 13), count: 4)
        let options = options(executor)
        let expected = try Upscaler(model: model, options: options).upscale(clip: clip)
        let found = try await withThrowingTaskGroup(of: [Frame].self) { group in
            for _ in 0..<4 {
                group.addTask { try Upscaler(model: model, options: options).upscale(clip: clip) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(found.count == 4)
        #expect(found.allSatisfy { $0 == expected })
    }

    @Test(arguments: [Blueprint.Direction.unidirectional, .bidirectional])
    func anAsynchronousSequenceGivesTheSameFrames(_ direction: Blueprint.Direction) async throws {
        var random = SeededGenerator(seed: 12)
        let model = random.model(direction, scale: 2)
        let clip = random.clip(FrameSize(width: 5, height: 4), count: 5)
        let options = options(.tuned, windowLength: 2, lookAhead: 1)
        let frames = AsyncStream { continuation in
            clip.forEach { continuation.yield($0) }
            continuation.finish()
        }
        var found: [Frame] = []
        for try await frame in frames.upscaled(by: model, options: options) { found.append(frame) }
        #expect(found == (try Upscaler(model: model, options: options).upscale(clip: clip)))
    }

    @Test func aCancelledTaskEndsWithCancelled() async throws {
        var random = SeededGenerator(seed: 13)
        let model = random.model(.unidirectional, scale: 2)
        let endless = AsyncStream { Frame(size: FrameSize(width: 2, height: 2), filledWith: 0.5) }
        let task = Task {
            for try await _ in endless.upscaled(by: model) {}
        }
        try await Task.sleep(for: .milliseconds(20))
        task.cancel()
        switch await task.result {
        // An unfolding stream ends when its task is cancelled, which may come first.
        case .success: break
        case .failure(let error): #expect((error as? VSRError)?.code == .cancelled)
        }
    }

    @Test(arguments: executors)
    func framesThatExceedTheMachinesMemoryAreRefused(
        _ executor: UpscalerOptions.Executor
    ) throws {
        let blueprint = Blueprint(direction: .unidirectional, width: 1000, blocks: 0)
        let model = try Model.initialized(blueprint, seed: 14)
        let error = #expect(throws: VSRError.self) {
            try Upscaler(
                model: model, frameSize: FrameSize(width: 16_000, height: 16_000),
                options: options(executor))
        }
        #expect(error?.code == .outOfMemory)
        #expect(error?.message.contains("16000x16000") == true)
    }

    @Test(arguments: [Blueprint.Direction.unidirectional, .bidirectional])
    func theEstimatedMemoryIsWhatIsPlanned(_ direction: Blueprint.Direction) throws {
        var random = SeededGenerator(seed: 15)
        let model = random.model(direction, scale: 2)
        let size = FrameSize(width: 21, height: 35)
        let options = options(.tuned, windowLength: 2, lookAhead: 2)
        let upscaler = try Upscaler(model: model, options: options)
        for frame in random.clip(size, count: 6) { _ = try upscaler.push(frame) }
        let estimate = try Upscaler.estimatedBytes(
            for: model.blueprint, frameSize: size, options: options)
        let planned = try #require(upscaler.plannedBytes)
        // Bidirectional windows hold one picture and some states more or less.
        let share = Double(planned) / Double(estimate)
        #expect(direction == .unidirectional ? planned == estimate : (0.8...1.2).contains(share))
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
        let upscaler = try Upscaler(model: model, options: options(.reference))
        let error = #expect(throws: VSRError.self) {
            try upscaler.push(Frame(size: FrameSize(width: 0, height: 4)))
        }
        #expect(error?.code == .shapeMismatch)
    }
}
