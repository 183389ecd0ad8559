import Testing
import VSRCore
import VSRModel
import VSRTestSupport

@testable import VSRRuntime

/// What is given frame by frame, clip by clip, and asked for in the wrong way.
@Suite struct UpscalerTests {
    @Test(arguments: UpscalerChecks.executors)
    func unidirectionalFramesComeOutAtOnce(_ executor: UpscalerOptions.Executor) throws {
        var random = SeededGenerator(seed: 1)
        let model = random.model(.unidirectional, scale: 4)
        let clip = random.clip(FrameSize(width: 11, height: 6), count: 5)
        let upscaler = try Upscaler(model: model, options: UpscalerChecks.options(executor))
        let frames = try clip.map { frame in
            let ready = try upscaler.push(frame)
            #expect(ready.count == 1)
            return ready
        }.flatMap { $0 }
        #expect(try upscaler.finish().isEmpty)
        let expected = try ReferenceNetwork(model).run(clip).frames
        #expect(frames[0].size == FrameSize(width: 44, height: 24))
        #expect(
            relativeError(UpscalerChecks.samples(frames), UpscalerChecks.samples(expected))
                <= UpscalerChecks.tolerance)
    }

    @Test(
        arguments: UpscalerChecks.executors, [Blueprint.Direction.unidirectional, .bidirectional])
    func clipsFollowEachOtherIndependently(
        _ executor: UpscalerOptions.Executor, direction: Blueprint.Direction
    ) throws {
        var random = SeededGenerator(seed: 4)
        let model = random.model(direction, scale: 2)
        let clips = [(4, 4, 3), (4, 4, 1), (7, 3, 2), (1, 1, 3)].map { width, height, count in
            random.clip(FrameSize(width: width, height: height), count: count)
        }
        let upscaler = try Upscaler(
            model: model, options: UpscalerChecks.options(executor, windowLength: 2, lookAhead: 1))
        #expect(try upscaler.finish().isEmpty)
        for clip in clips {
            let alone = try Upscaler(model: model, options: upscaler.options).upscale(clip: clip)
            #expect(try upscaler.upscale(clip: clip) == alone)
        }
    }

    @Test(arguments: UpscalerChecks.executors)
    func aFrameOfAnotherSizeIsRefusedAndTheClipGoesOn(
        _ executor: UpscalerOptions.Executor
    ) throws {
        var random = SeededGenerator(seed: 5)
        let model = random.model(.unidirectional, scale: 2)
        let clip = random.clip(FrameSize(width: 4, height: 3), count: 3)
        let upscaler = try Upscaler(
            model: model, frameSize: FrameSize(width: 4, height: 3),
            options: UpscalerChecks.options(executor))
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

    @Test func callsInTheWrongOrderAreRefused() throws {
        var random = SeededGenerator(seed: 8)
        let model = random.model(.unidirectional, scale: 2)
        let frame = random.frame(FrameSize(width: 4, height: 3))
        let upscaler = try Upscaler(model: model, options: UpscalerChecks.options(.reference))
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
        var options = UpscalerChecks.options(.reference)
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

    @Test(arguments: UpscalerChecks.executors)
    func severalUpscalersWorkSideBySide(_ executor: UpscalerOptions.Executor) async throws {
        var random = SeededGenerator(seed: 11)
        let model = random.model(.unidirectional, scale: 4)
        let clip = random.clip(FrameSize(width: 19, height: 13), count: 4)
        let options = UpscalerChecks.options(executor)
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
        let options = UpscalerChecks.options(.tuned, windowLength: 2, lookAhead: 1)
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
}
