import Foundation
import Testing
import VSRCore
import VSRData

@Suite(.timeLimit(.minutes(10))) struct PrefetcherTests {
    /// Uneven work, so that threads finish out of order.
    @Sendable private static func slowSquare(_ index: Int) throws -> Int {
        if index % 3 == 0 { usleep(2000) }
        return index * index
    }

    @Test(arguments: [1, 2, 5]) func itemsArriveInOrderFromTheStartIndex(threads: Int) throws {
        let prefetcher = Prefetcher(start: 7, capacity: 4, threads: threads, Self.slowSquare)
        for index in 7..<60 { #expect(try prefetcher.next() == index * index) }
        #expect(prefetcher.waited >= 0)
    }

    @Test func noMoreThanTheCapacityIsMadeAhead() throws {
        let made = Counter()
        let prefetcher = Prefetcher(capacity: 3, threads: 2) { index -> Int in
            made.increment()
            return index
        }
        while made.value < 3 { usleep(1000) }
        usleep(30_000)
        #expect(made.value == 3)
        _ = try prefetcher.next()
        while made.value < 4 { usleep(1000) }
        usleep(30_000)
        #expect(made.value == 4)
    }

    @Test func anErrorArrivesAtItsIndexAndStays() throws {
        let prefetcher = Prefetcher(capacity: 4, threads: 3) { index -> Int in
            if index >= 5 { throw VSRError(.corruptData, "item \(index)") }
            return try Self.slowSquare(index)
        }
        for index in 0..<5 { #expect(try prefetcher.next() == index * index) }
        for _ in 0..<2 {
            let error = #expect(throws: VSRError.self) { try prefetcher.next() }
            #expect(error?.message == "item 5")
        }
    }

    @Test func stoppingEarlyNeverHangs() throws {
        for round in 0..<40 {
            let prefetcher = Prefetcher(capacity: 1 + round % 4, threads: 1 + round % 3) {
                try Self.slowSquare($0)
            }
            for _ in 0..<round % 5 { _ = try prefetcher.next() }
            if round % 2 == 0 {
                prefetcher.stop()
                let error = #expect(throws: VSRError.self) { try prefetcher.next() }
                #expect(error?.code == .cancelled)
            }
        }
    }

    @Test func prefetchedBatchesEqualThoseMadeDirectly() throws {
        let clips = try RenderedClips.load([
            RenderedClips.source(0, FrameSize(width: 40, height: 40), frames: 6)
        ])
        var options = SamplingOptions()
        options.batchSize = 2
        options.frames = 3
        options.patch = FrameSize(width: 8, height: 8)
        let sampler = try BatchSampler(clips, options: options)
        let prefetcher = BatchPrefetcher(sampler, start: 3, threads: 2)
        for index in 3..<20 { #expect(try prefetcher.next() == sampler.batch(index)) }
    }
}

private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0
    var value: Int { lock.withLock { count } }
    func increment() { lock.withLock { count += 1 } }
}
