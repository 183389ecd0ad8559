import Testing
import VSRCore
import VSRModel
import VSRTestSupport

@testable import VSRRuntime

/// Windows that are made shorter for the memory's sake.
@Suite struct MemoryLimitTests {
    private let size = FrameSize(width: 24, height: 20)

    private func options(_ window: ClipWindow, limit: Int? = nil) -> UpscalerOptions {
        var options = UpscalerOptions()
        options.threads = 1
        options.window = window
        options.memoryLimit = limit
        return options
    }

    @Test func theLongestWindowInProportionThatFitsIsTaken() throws {
        var random = SeededGenerator(seed: 7)
        let model = random.model(.bidirectional, scale: 2)
        let clip = random.clip(size, count: 14)
        // A quarter of 8 and of 4.
        let short = ClipWindow.frames(2, lookAhead: 1)
        let limit = try Upscaler.estimatedBytes(
            for: model.blueprint, frameSize: size, options: options(short))
        let limited = try Upscaler(
            model: model, options: options(.frames(8, lookAhead: 4), limit: limit))
        #expect(limited.clipWindow == ClipWindow.frames(8, lookAhead: 4).description)
        let frames = try limited.upscale(clip: clip)
        #expect(limited.window == short && limited.clipWindow == short.description)
        #expect(try frames == Upscaler(model: model, options: options(short)).upscale(clip: clip))
        let planned = try #require(limited.plannedBytes)
        #expect(planned <= limit)
    }

    @Test func whatFitsInNoWindowIsRefusedBeforeAnyFrame() throws {
        var random = SeededGenerator(seed: 7)
        for direction in [Blueprint.Direction.bidirectional, .unidirectional] {
            let model = random.model(direction, scale: 2)
            let upscaler = try Upscaler(
                model: model, options: options(.frames(8, lookAhead: 4), limit: 1000))
            let error = expectError(.outOfMemory) { try upscaler.prepare(for: size) }
            #expect(error?.message.contains("frames of 24x20") == true)
        }
    }

    @Test func withoutNeedWindowsStayAsTheyAre() throws {
        var random = SeededGenerator(seed: 7)
        let model = random.model(.bidirectional, scale: 2)
        let window = ClipWindow.frames(8, lookAhead: 4)
        let upscaler = try Upscaler(model: model, options: options(window, limit: 1 << 40))
        try upscaler.prepare(for: size)
        #expect(upscaler.window == window)
        let whole = try Upscaler(model: model, options: options(.whole, limit: 1 << 40))
        try whole.prepare(for: size)
        #expect(whole.window == .whole)
    }
}
