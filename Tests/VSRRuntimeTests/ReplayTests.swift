import Foundation
import Testing
import VSRCore
import VSRImaging
import VSRModel
import VSRTestSupport

@testable import VSRRuntime

/// Going on with a clip in another upscaler, from states that were kept.
@Suite struct ReplayTests {
    private static let directions: [Blueprint.Direction] = [
        .unidirectional, .bidirectional, BranchListTests.twoCausal.direction,
    ]
    private let size = FrameSize(width: 48, height: 36)

    private func upscaler(
        _ model: Model, _ executor: UpscalerOptions.Executor, window: ClipWindow
    ) throws -> Upscaler {
        var options = UpscalerOptions()
        options.executor = executor
        options.threads = 2
        options.window = window
        return try Upscaler(model: model, options: options)
    }

    /// Moves, stands still for long enough to be held and renewed, and moves again.
    private func clip() throws -> [Frame] {
        let scene = try SyntheticScene(seed: 2, size: size, frameCount: 40)
        let stills = StillClips(size)
        let still = scene.frame(9)
        return (0..<10).map(scene.frame) + (0..<70).map { stills.noisy(still, sigma: 1.5, $0) }
            + (9..<25).map(scene.frame)
    }

    private struct Kept {
        let pushed: Int
        let written: Int
        let states: CarriedStates
    }

    @Test(arguments: directions, UpscalerOptions.Executor.allCases)
    func anotherUpscalerGoesOnBitForBit(
        direction: Blueprint.Direction, executor: UpscalerOptions.Executor
    ) throws {
        var random = SeededGenerator(seed: 4)
        let model = random.model(direction, scale: 2)
        let clip = try clip()
        let window = ClipWindow.frames(5, lookAhead: 3)
        let first = try upscaler(model, executor, window: window)
        var expected: [Frame] = []
        var kept: [Kept] = []
        for (index, frame) in clip.enumerated() {
            expected += try first.push(frame)
            if let states = try first.carriedStates() {
                kept.append(Kept(pushed: index + 1, written: expected.count, states: states))
            }
        }
        expected += try first.finish()
        #expect(kept.contains { $0.states.planes.keys.contains { $0.hasPrefix("held.") } })
        // Before, while and after it stands still.
        let places = kept.filter { $0.written > 0 }
        let chosen = [5, 27, 60, 88].compactMap { count in places.first { $0.written >= count } }
        #expect(chosen.count == 4)
        for place in chosen {
            let second = try upscaler(model, executor, window: window)
            second.beginReplay()
            var replayed = 0
            for frame in clip[..<place.pushed] { replayed += try second.push(frame).count }
            #expect(replayed == place.written)
            try second.endReplay(with: place.states)
            var frames: [Frame] = []
            for frame in clip[place.pushed...] { frames += try second.push(frame) }
            frames += try second.finish()
            #expect(frames == Array(expected[place.written...]))
        }
    }

    @Test func framesOfAReplayAreNotComputed() throws {
        var random = SeededGenerator(seed: 4)
        let model = random.model(.unidirectional, scale: 2)
        let clip = try clip()
        let upscaler = try upscaler(model, .tuned, window: .whole)
        upscaler.beginReplay()
        for frame in clip[..<4] { _ = try upscaler.push(frame) }
        let states = try #require(try upscaler.carriedStates())
        #expect(states.planes.values.allSatisfy { $0.allSatisfy { $0 == 0 } })
    }

    @Test func wholeClipsAreLeftOnlyAtTheirEnds() throws {
        var random = SeededGenerator(seed: 4)
        let model = random.model(.bidirectional, scale: 2)
        let upscaler = try upscaler(model, .tuned, window: .whole)
        // Nothing was computed yet: all that was pushed is to be pushed again.
        _ = try upscaler.push(try clip()[0])
        #expect(try upscaler.carriedStates() == CarriedStates())
        try upscaler.endClip()
        #expect(try upscaler.carriedStates() == nil)
        _ = try upscaler.pullFrame()
        #expect(try upscaler.carriedStates() == CarriedStates())
    }

    @Test func statesOfAnotherPlaceOrNetworkAreRefused() throws {
        var random = SeededGenerator(seed: 4)
        let model = random.model(.unidirectional, scale: 2)
        let clip = try clip()
        let first = try upscaler(model, .tuned, window: .whole)
        _ = try first.push(clip[0])
        let states = try #require(try first.carriedStates())
        let second = try upscaler(model, .tuned, window: .whole)
        second.beginReplay()
        expectError(.invalidArgument) { try second.endReplay(with: states) }
        _ = try second.push(clip[0])
        expectError(.invalidArgument) { try second.endReplay(with: CarriedStates()) }
        var shorter = states
        shorter.planes["state.0"]?.removeLast()
        expectError(.corruptData) { try second.endReplay(with: shorter) }
    }

    @Test func damagedFilesOfStatesAreRefused() throws {
        var states = CarriedStates()
        states.planes = ["a": [1, .nan, -0.0], "b": [], "c": [3]]
        let folder = try TemporaryFolder()
        try states.write(to: folder.path("states"))
        let data = try Data(contentsOf: URL(fileURLWithPath: folder.path("states")))
        let read = try CarriedStates(data: data, of: "f")
        #expect(read.planes["a"]?.map(\.bitPattern) == states.planes["a"]?.map(\.bitPattern))
        #expect(read.planes["b"] == [] && read.planes["c"] == [3])
        for count in 0..<data.count {
            expectError(.corruptData) { _ = try CarriedStates(data: data.prefix(count), of: "f") }
        }
        for index in data.indices {
            var changed = data
            changed[index] ^= 0x10
            // A changed name is another state, which the network refuses; all else shows here.
            let found = try? CarriedStates(data: changed, of: "f")
            #expect(found == nil || found?.planes.keys.sorted() != ["a", "b", "c"])
        }
    }
}
