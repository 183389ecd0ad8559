import Synchronization
import Testing
import VSRCore
import VSRModel
import VSRTestSupport

@testable import VSRRuntime

/// Bidirectional networks, in windows and over whole clips.
@Suite struct UpscalerWindowTests {
    @Test(arguments: UpscalerChecks.executors, [(1, 0), (2, 0), (2, 1), (3, 2), (1, 3), (4, 9)])
    func bidirectionalWindowsStartBackwardStatesAfterTheirLookAhead(
        _ executor: UpscalerOptions.Executor, window: (length: Int, lookAhead: Int)
    ) throws {
        var random = SeededGenerator(seed: 2)
        let model = random.model(.bidirectional, scale: 2)
        let clip = random.clip(FrameSize(width: 6, height: 5), count: 8)
        let upscaler = try Upscaler(
            model: model,
            options: UpscalerChecks.options(
                executor, windowLength: window.length, lookAhead: window.lookAhead))
        let frames = try upscaler.upscale(clip: clip)
        let expected = try windowed(model, clip, length: window.length, lookAhead: window.lookAhead)
        #expect(
            relativeError(UpscalerChecks.samples(frames), UpscalerChecks.samples(expected))
                <= UpscalerChecks.tolerance)
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

    @Test(arguments: UpscalerChecks.executors)
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
                options: UpscalerChecks.options(
                    executor, windowLength: length, lookAhead: lookAhead))
            let found = try upscaler.upscale(clip: clip)
            #expect(
                relativeError(UpscalerChecks.samples(found), UpscalerChecks.samples(whole))
                    <= UpscalerChecks.tolerance)
        }
    }

    @Test func framesHandedOverOneByOneAreThoseOfFinish() throws {
        var random = SeededGenerator(seed: 12)
        let model = random.model(.bidirectional, scale: 2)
        let clip = random.clip(FrameSize(width: 6, height: 5), count: 5)
        var options = UpscalerChecks.options(.reference, windowLength: nil)
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
}
