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

    private static let directions: [Blueprint.Direction] =
        [.unidirectional, .bidirectional] + BranchListTests.networks.map(\.direction)

    /// Clips in which a window has a frame before it, and in which the last window is as long as one
    /// can be.
    @Test(arguments: directions, [(2, 2), (3, 0), (1, 3), (1, 0)])
    func theEstimatedMemoryIsWhatIsPlanned(
        _ direction: Blueprint.Direction, window: (length: Int, lookAhead: Int)
    ) throws {
        var random = SeededGenerator(seed: 15)
        let model = random.model(direction, scale: 2)
        let size = FrameSize(width: 21, height: 35)
        let options = UpscalerChecks.options(
            .tuned, windowLength: window.length, lookAhead: window.lookAhead)
        let upscaler = try Upscaler(model: model, options: options)
        let count = 3 * window.length + max(window.lookAhead, 1) - 1
        _ = try upscaler.upscale(clip: random.clip(size, count: count))
        #expect(
            try Upscaler.estimatedBytes(
                for: model.blueprint, frameSize: size, options: options) == upscaler.plannedBytes)
    }

    @Test func flowOfReducedFramesTakesWhatIsPlannedForIt() throws {
        var random = SeededGenerator(seed: 17)
        let size = FrameSize(width: 70, height: 35)
        func bytes(_ flow: Blueprint.FlowNetwork) throws -> Int {
            let model = random.weights(
                Blueprint(direction: .unidirectional, width: 4, blocks: 1, flow: flow))
            let options = UpscalerChecks.options(.tuned)
            let upscaler = try Upscaler(model: model, options: options)
            _ = try upscaler.upscale(clip: random.clip(size, count: 2))
            let planned = try #require(upscaler.plannedBytes)
            #expect(
                try Upscaler.estimatedBytes(
                    for: model.blueprint, frameSize: size, options: options) == planned)
            return planned
        }
        let whole = try bytes(.init(widths: [4, 5, 4, 3], levels: 3))
        let reduced = try bytes(.init(widths: [4, 5, 4, 3], levels: 2, reduction: 2))
        // The finest level's maps, warped picture and flow, at the padded size of 96×64.
        let padded = FrameSize(width: 96, height: 64)
        let maps = try [8, 4, 5].map { try KernelMap(channels: $0, size: padded).bytes }
        #expect(whole - reduced == maps.reduce(0, +) + 5 * padded.area * 4)
    }

    @Test(arguments: directions.filter(\.needsFutureFrames))
    func aWholeClipTakesWhatIsPlannedForIt(_ direction: Blueprint.Direction) throws {
        var random = SeededGenerator(seed: 16)
        let model = random.model(direction, scale: 2)
        let size = FrameSize(width: 19, height: 24)
        let upscaler = try Upscaler(
            model: model, options: UpscalerChecks.options(.tuned, windowLength: nil))
        let plan = MemoryPlan(wholeClipsBy: model.blueprint, frameSize: size)
        // What three frames take more than one is two frames' planes and states.
        var planned: [Double] = []
        for count in [1, 3] {
            _ = try upscaler.upscale(clip: random.clip(size, count: count))
            planned.append(Double(try #require(upscaler.plannedBytes)))
            #expect(planned.last == plan.bytes(ofWholeClip: count))
        }
        let kept = direction.branches.count { !$0.isCausal }
        let flows = direction.branches.allSatisfy { !$0.isCausal } ? 1 : 2
        let map = try KernelMap(channels: model.blueprint.width, size: size).bytes
        let frame = kept * map + (3 + 2 * flows) * size.area * MemoryLayout<Float>.stride
        #expect(planned[1] - planned[0] == Double(2 * frame))
    }
}
