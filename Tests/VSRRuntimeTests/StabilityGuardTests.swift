import Foundation
import Testing
import VSRCore
import VSRImaging
import VSRModel
import VSRTestSupport

@testable import VSRRuntime

@Suite struct StabilityGuardTests {
    private static let directions: [Blueprint.Direction] = [
        .unidirectional, .bidirectional, BranchListTests.twoCausal.direction,
    ]
    private static let executors = UpscalerOptions.Executor.allCases
    private let size = FrameSize(width: 48, height: 36)

    private func upscaler(
        _ model: Model, _ executor: UpscalerOptions.Executor = .tuned, isGuarded: Bool = true,
        window: ClipWindow = .frames(4, lookAhead: 2)
    ) throws -> Upscaler {
        var options = UpscalerOptions()
        options.executor = executor
        options.threads = 2
        options.precision = .fp32
        options.window = window
        options.guardsStability = isGuarded
        options.measuresStates = true
        return try Upscaler(model: model, options: options)
    }

    /// A network without flow whose states are `red + growth · last state`: on a still picture they
    /// become `red · (growthᵗ − 1) / (growth − 1)`.
    private func unstable(
        _ direction: Blueprint.Direction, growth: Float = 1.05
    ) throws -> Model {
        var random = SeededGenerator(seed: 5)
        var model = random.model(direction, scale: 2)
        func set(_ key: TensorKey, _ value: (Int) -> Float) throws {
            let shape = try #require(model.tensors[key]).shape
            model.tensors[key] = ModelTensor(
                shape: shape, values: (0..<shape.reduce(1, *)).map(value))
        }
        let blueprint = model.blueprint
        let blocks = blueprint.branches.flatMap { branch in
            blueprint[branch].indices.flatMap { blueprint.blockLayers(branch, $0) }
        }
        for layer in blueprint.flowLayers + blocks {
            try set(layer.weight) { _ in 0 }
            try set(layer.bias) { _ in 0 }
        }
        for branch in blueprint.branches {
            let layer = blueprint.firstLayer(branch)
            // [outputs, inputs, 3, 3], of which the middle counts.
            try set(layer.weight) { index in
                let input = index / 9 % layer.inputs
                let output = index / 9 / layer.inputs
                guard index % 9 == 4 else { return 0 }
                return input == 0 ? 1 : input == Frame.channels + output ? growth : 0
            }
            try set(layer.bias) { _ in 0 }
        }
        return model
    }

    @Test(arguments: directions, executors)
    func clipsInMotionStayAsTheyAre(
        direction: Blueprint.Direction, executor: UpscalerOptions.Executor
    ) throws {
        var random = SeededGenerator(seed: 4)
        let model = random.model(direction, scale: 2)
        let scene = try SyntheticScene(seed: 2, size: size, frameCount: 40)
        let clip = (0..<40).map(scene.frame)
        for window in [ClipWindow.whole, .frames(4, lookAhead: 2)] {
            let guarded = try upscaler(model, executor, window: window).upscale(clip: clip)
            let free = try upscaler(model, executor, isGuarded: false, window: window)
                .upscale(clip: clip)
            #expect(guarded == free)
        }
    }

    @Test(arguments: directions, executors)
    func statesThatGrowWithoutEndAreBounded(
        direction: Blueprint.Direction, executor: UpscalerOptions.Executor
    ) throws {
        let model = try unstable(direction)
        let clips = StillClips(size)
        let picture = try clips.picture()
        let count = executor == .tuned ? 300 : 80
        func norms(isGuarded: Bool) throws -> [Double] {
            let upscaler = try upscaler(model, executor, isGuarded: isGuarded)
            return try (0..<count).compactMap { index in
                let ready = try upscaler.push(.rgb(clips.noisy(picture, sigma: 1.5, index)))
                for _ in 0..<ready { _ = try upscaler.pullFrame() }
                return upscaler.stateNorm
            }
        }
        let free = try norms(isGuarded: false)
        let guarded = try norms(isGuarded: true)
        let held = StillnessTracker.patience + 1
        // In windows only the causal branches' states grow.
        #expect(free[count - 10] > 5 * free[held])
        #expect(guarded[..<(held - 6)] == free[..<(held - 6)])
        let later = guarded[(held + 6)...]
        #expect(try #require(later.max()) < 1.1 * (try #require(later.min())))
        #expect(try #require(later.max()) < 1.2 * (try #require(free[...(held + 6)].max())))
    }

    /// From the same state and the same picture comes the same frame, bit for bit.
    @Test(arguments: executors)
    func anUnchangingPictureGivesAnUnchangingFrame(executor: UpscalerOptions.Executor) throws {
        let model = try unstable(.unidirectional)
        let picture = try StillClips(size).picture()
        let upscaler = try upscaler(model, executor)
        var frames: [Frame] = []
        for _ in 0..<40 { frames += try upscaler.push(picture) }
        let first = StillnessTracker.patience
        for index in first..<40 { #expect(frames[index] == frames[first], "frame \(index)") }
        #expect(frames[first - 1] != frames[first - 2])
    }

    /// The state at the moment of letting go comes from the held one, as a next frame's does: as
    /// near to the one before as in a clip that the guard never touched.
    @Test func lettingGoDoesNotJump() throws {
        let model = try unstable(.unidirectional)
        let clips = StillClips(size)
        let picture = try clips.picture()
        func moved(_ index: Int) -> Frame {
            var frame = picture
            for channel in 0..<Frame.channels {
                for y in 0..<size.height {
                    for x in 0..<size.width {
                        frame[channel, y, x] = picture[channel, y, min(size.width - 1, x + index)]
                    }
                }
            }
            return frame
        }
        func change(stillFrames: Int) throws -> Double {
            let upscaler = try upscaler(model)
            var last: Frame?
            for _ in 0..<stillFrames { last = try upscaler.push(picture).last }
            let next = try #require(try upscaler.push(moved(1)).last)
            let before = try #require(last)
            return zip(next.samples, before.samples).reduce(0.0) {
                $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
            }.squareRoot()
        }
        let untouched = try change(stillFrames: StillnessTracker.patience)
        #expect(try change(stillFrames: 200) < 1.1 * untouched)
    }

    /// A square that never stands still, in a picture that otherwise does: its states are renewed,
    /// so they do not grow beyond what 48 steps make of them.
    @Test(arguments: directions)
    func whatMovesBesideAStillPictureDoesNotGrow(direction: Blueprint.Direction) throws {
        let model = try unstable(direction, growth: 1.02)
        let still = try StillClips(FrameSize(width: 80, height: 64)).picture()
        var random = SeededGenerator(seed: 8)
        let clip = (0..<300).map { _ in
            var frame = still
            for channel in 0..<Frame.channels {
                for y in 18..<30 {
                    for x in 18..<30 { frame[channel, y, x] = random.uniform() }
                }
            }
            return frame
        }
        func peaks(isGuarded: Bool) throws -> [Float] {
            let upscaler = try upscaler(model, isGuarded: isGuarded)
            return try upscaler.upscale(clip: clip).map { frame in
                frame.samples.reduce(0) { max($0, abs($1)) }
            }
        }
        let free = try peaks(isGuarded: false)
        let guarded = try peaks(isGuarded: true)
        let early = try #require(free[..<60].max())
        #expect(free[299] > 10 * early)
        #expect(try #require(guarded.max()) < 1.5 * early)
    }

    /// A part of the picture moves, so that states are blended.
    @Test(arguments: directions)
    func executorsHoldAlike(direction: Blueprint.Direction) throws {
        let model = try unstable(direction)
        let still = try StillClips(size).picture()
        let scene = try SyntheticScene(seed: 2, size: size, frameCount: 40)
        let clip = (0..<40).map { index in
            var frame = still
            let moving = scene.frame(index)
            for channel in 0..<Frame.channels {
                for y in 0..<size.height {
                    for x in 0..<14 { frame[channel, y, x] = moving[channel, y, x] }
                }
            }
            return frame
        }
        let frames = try Self.executors.map {
            try upscaler(model, $0, window: .whole).upscale(clip: clip).flatMap(\.samples)
        }
        let free = try upscaler(model, isGuarded: false, window: .whole).upscale(clip: clip)
        // Flows differ by some 1e-6 px between the executors, see UpscalerTests.
        #expect(relativeError(frames[0], frames[1]) <= 1e-4)
        #expect(relativeError(frames[0], free.flatMap(\.samples)) > 1e-4)
    }

    @Test func aWholeClipsBackwardStatesAreHeldToo() throws {
        let model = try unstable(.bidirectional)
        let clips = StillClips(size)
        let picture = try clips.picture()
        let clip = (0..<200).map { clips.noisy(picture, sigma: 1.5, $0) }
        let upscaler = try upscaler(model, window: .whole)
        for frame in clip { try upscaler.push(.rgb(frame)) }
        try upscaler.endClip()
        var norms: [Double] = []
        while upscaler.readyFrames > 0 {
            _ = try upscaler.pullFrame()
            norms.append(try #require(upscaler.stateNorm))
        }
        let middle = norms[20..<180]
        #expect(try #require(middle.max()) < 1.1 * (try #require(middle.min())))
    }

    /// States are red · sₙ, sₙ = 1 + g + … + gⁿ⁻¹ after n frames.
    ///
    /// A bidirectional network knows its
    /// clip beforehand, so that both ways a state is at most one step from that of four frames: s₅.
    @Test func clipsKnownBeforehandAreHeldFromTheFifthFrame() throws {
        let growth = 1.05
        let model = try unstable(.bidirectional, growth: Float(growth))
        let picture = try StillClips(size).picture()
        let upscaler = try upscaler(model, window: .whole)
        let count = 60
        for _ in 0..<count { try upscaler.push(.rgb(picture)) }
        try upscaler.endClip()
        var norms: [Double] = []
        while upscaler.readyFrames > 0 {
            _ = try upscaler.pullFrame()
            norms.append(try #require(upscaler.stateNorm))
        }
        func sum(_ frames: Int) -> Double {
            (0..<min(frames, 5)).reduce(0) { $0 + pow(growth, Double($1)) }
        }
        func expected(_ index: Int) -> Double {
            let (forward, backward) = (sum(index + 1), sum(count - index))
            return ((forward * forward + backward * backward) / 2).squareRoot()
        }
        for index in 0..<count {
            let error =
                norms[index] / norms[count / 2] / (expected(index) / expected(count / 2)) - 1
            #expect(abs(error) < 1e-5, "frame \(index): \(error)")
        }
    }

    /// The last window of this clip has 14 frames, too few to find anything still; the forward branch
    /// knows: backward states there are held from the fifth on, as in one long window.
    @Test func shortLastWindowsOfStillClipsAreHeldToo() throws {
        let model = try unstable(.bidirectional)
        let picture = try StillClips(size).picture()
        func norms(_ window: ClipWindow) throws -> [Double] {
            let upscaler = try upscaler(model, window: window)
            var norms: [Double] = []
            func take() throws {
                while upscaler.readyFrames > 0 {
                    _ = try upscaler.pullFrame()
                    norms.append(try #require(upscaler.stateNorm))
                }
            }
            for _ in 0..<46 {
                try upscaler.push(.rgb(picture))
                try take()
            }
            try upscaler.endClip()
            try take()
            return norms
        }
        let whole = try norms(.whole)
        let windows = try norms(.frames(16, lookAhead: 8))
        // Windows begin at frames 0, 16 and 32.
        for index in 0..<46 {
            #expect(abs(windows[index] / whole[index] - 1) < 1e-5, "frame \(index)")
        }
    }
}
