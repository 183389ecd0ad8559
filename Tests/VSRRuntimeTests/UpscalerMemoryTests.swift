import Testing
import VSRCore
import VSRModel

@testable import VSRRuntime

/// What an upscaler takes, plans and refuses to take.
@Suite struct UpscalerMemoryTests {
    @Test func aWholeClipBeyondTheMachinesMemoryIsRefused() throws {
        var random = SeededGenerator(seed: 13)
        let size = FrameSize(width: 64, height: 48)
        func check(_ direction: Blueprint.Direction, _ window: Int?, frames: Int) throws {
            try Upscaler(
                model: random.model(direction, scale: 2),
                options: UpscalerChecks.options(.tuned, windowLength: window)
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
        let upscaler = try Upscaler(
            model: model, options: UpscalerChecks.options(.tuned, windowLength: nil))
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

    @Test(arguments: UpscalerChecks.executors)
    func framesThatExceedTheMachinesMemoryAreRefused(
        _ executor: UpscalerOptions.Executor
    ) throws {
        let blueprint = Blueprint(direction: .unidirectional, width: 1000, blocks: 0)
        let model = try Model.initialized(blueprint, seed: 14)
        let error = #expect(throws: VSRError.self) {
            try Upscaler(
                model: model, frameSize: FrameSize(width: 16_000, height: 16_000),
                options: UpscalerChecks.options(executor))
        }
        #expect(error?.code == .outOfMemory)
        #expect(error?.message.contains("16000x16000") == true)
    }

    @Test(arguments: [Blueprint.Direction.unidirectional, .bidirectional])
    func theEstimatedMemoryIsWhatIsPlanned(_ direction: Blueprint.Direction) throws {
        var random = SeededGenerator(seed: 15)
        let model = random.model(direction, scale: 2)
        let size = FrameSize(width: 21, height: 35)
        let options = UpscalerChecks.options(.tuned, windowLength: 2, lookAhead: 2)
        let upscaler = try Upscaler(model: model, options: options)
        for frame in random.clip(size, count: 6) { _ = try upscaler.push(frame) }
        let estimate = try Upscaler.estimatedBytes(
            for: model.blueprint, frameSize: size, options: options)
        let planned = try #require(upscaler.plannedBytes)
        // Bidirectional windows hold one picture and some states more or less.
        let share = Double(planned) / Double(estimate)
        #expect(direction == .unidirectional ? planned == estimate : (0.8...1.2).contains(share))
    }
}
