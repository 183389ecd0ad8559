import Foundation
import Synchronization
import Testing
import VSRCore
import VSRModel
import VSRTestSupport

@testable import VSRRuntime

/// Upscalers on several threads, clips that are cancelled halfway, asynchronous sequences.
@Suite struct ConcurrencyTests {
    private func options(lookAhead: Int = 1) -> UpscalerOptions {
        var options = UpscalerOptions()
        options.threads = 2
        options.precision = .fp32
        options.windowLength = 3
        options.lookAhead = lookAhead
        return options
    }

    /// Networks and sizes differ; each upscaler begins while others run.
    @Test func upscalersOfDifferentKindsWorkSideBySideOnThreads() throws {
        struct Work {
            let model: Model
            let clip: [Frame]
            let options: UpscalerOptions
            let expected: [Frame]
        }
        var random = SeededGenerator(seed: 31)
        let work = try (0..<6).map { index in
            let model = random.model(index % 2 == 0 ? .unidirectional : .bidirectional, scale: 2)
            let clip = random.clip(FrameSize(width: 9 + index, height: 7 + 2 * index), count: 5)
            let options = options()
            let expected = try Upscaler(model: model, options: options).upscale(clip: clip)
            return Work(model: model, clip: clip, options: options, expected: expected)
        }
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 4 * work.count) { index in
            let item = work[index % work.count]
            do {
                let found = try Upscaler(model: item.model, options: item.options)
                    .upscale(clip: item.clip)
                // Sums of other orders, flows included: see UpscalerChecks.
                let error = relativeError(
                    found.flatMap(\.samples), item.expected.flatMap(\.samples))
                if error > 5e-5 { failures.withLock { $0.append("\(index): \(error)") } }
            } catch {
                failures.withLock { $0.append("\(index): \(error)") }
            }
        }
        let found = failures.withLock { $0 }
        #expect(found.isEmpty)
    }

    @Test(arguments: [Blueprint.Direction.unidirectional, .bidirectional])
    func aClipCancelledFromAnotherThreadEndsHalfway(_ direction: Blueprint.Direction) throws {
        var random = SeededGenerator(seed: 32)
        let model = random.model(direction, scale: 2)
        let frame = random.frame(FrameSize(width: 8, height: 8))
        var options = options()
        let cancellation = Cancellation()
        options.cancellation = cancellation
        let upscaler = try Upscaler(model: model, options: options)
        var pulled = 0
        let hasStarted = DispatchSemaphore(value: 0)
        let thread = Thread {
            hasStarted.wait()
            cancellation.request()
        }
        thread.start()
        let error = #expect(throws: VSRError.self) {
            while true {
                try upscaler.push(.rgb(frame))
                while upscaler.readyFrames > 0 {
                    _ = try upscaler.pullFrame()
                    pulled += 1
                    if pulled == 4 { hasStarted.signal() }
                }
            }
        }
        #expect(error?.code == .cancelled)
        #expect(pulled >= 4)
        #expect(upscaler.readyFrames == 0)
        #expect(throws: VSRError.self) { try upscaler.push(.rgb(frame)) }
    }

    /// Frames without end, from a source that takes no notice of cancellation; at the tenth its own
    /// task is cancelled.
    ///
    /// A test that waited for it beside would starve where tasks have few threads.
    private struct Endless: AsyncSequence, AsyncIteratorProtocol {
        let frame: Frame
        var count = 0

        func makeAsyncIterator() -> Endless { self }

        mutating func next() async throws -> Frame? {
            count += 1
            if count == 10 { withUnsafeCurrentTask { $0?.cancel() } }
            return frame
        }
    }

    @Test(arguments: [Blueprint.Direction.unidirectional, .bidirectional])
    func aCancelledTaskEndsASequenceHalfway(_ direction: Blueprint.Direction) async throws {
        var random = SeededGenerator(seed: 33)
        let model = random.model(direction, scale: 2)
        let options = options()
        let frames = Endless(frame: random.frame(FrameSize(width: 4, height: 4)))
        let task = Task { () -> Int in
            var count = 0
            do {
                for try await _ in frames.upscaled(by: model, options: options) { count += 1 }
            } catch let error as VSRError where error.code == .cancelled {
                return count
            }
            return -1
        }
        // Of ten frames, three windows of three are complete with their look-ahead of one.
        #expect(try await task.value == (direction == .unidirectional ? 10 : 9))
    }

    @Test func anErrorOfTheFramesSourceComesThrough() async throws {
        var random = SeededGenerator(seed: 34)
        let model = random.model(.unidirectional, scale: 2)
        let frame = random.frame(FrameSize(width: 4, height: 4))
        let frames = AsyncThrowingStream<Frame, any Error> { continuation in
            continuation.yield(frame)
            continuation.finish(throwing: VSRError(.io, "the camera is gone"))
        }
        var count = 0
        let error = await #expect(throws: VSRError.self) {
            for try await _ in frames.upscaled(by: model, options: options()) { count += 1 }
        }
        #expect(error?.code == .io && count == 1)
    }

    @Test func everyIterationOfASequenceStartsAnew() async throws {
        var random = SeededGenerator(seed: 35)
        let model = random.model(.bidirectional, scale: 2)
        let clip = random.clip(FrameSize(width: 5, height: 4), count: 7)
        let options = options()
        let sequence = Repeatable(frames: clip).upscaled(by: model, options: options)
        let expected = try Upscaler(model: model, options: options).upscale(clip: clip)
        for _ in 0..<2 {
            var first: [Frame] = []
            for try await frame in sequence {
                first.append(frame)
                if first.count == 2 { break }
            }
            var all: [Frame] = []
            for try await frame in sequence { all.append(frame) }
            let isAlike = isClose(first, Array(expected.prefix(2))) && isClose(all, expected)
            #expect(isAlike)
        }
    }

    /// Up to other orders of sums: see UpscalerChecks.
    private func isClose(_ frames: [Frame], _ expected: [Frame]) -> Bool {
        frames.count == expected.count
            && relativeError(frames.flatMap(\.samples), expected.flatMap(\.samples)) <= 5e-5
    }

    private struct Repeatable: AsyncSequence {
        let frames: [Frame]

        struct Iterator: AsyncIteratorProtocol {
            var frames: ArraySlice<Frame>

            mutating func next() async -> Frame? { frames.popFirst() }
        }

        func makeAsyncIterator() -> Iterator { Iterator(frames: frames[...]) }
    }
}
