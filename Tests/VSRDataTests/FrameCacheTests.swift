import Foundation
import Synchronization
import Testing
import VSRCore

@testable import VSRData

@Suite(.timeLimit(.minutes(10))) struct FrameCacheTests {
    private static func key(_ frame: Int) -> FrameCache.Key { .init(clip: 0, frame: frame) }

    /// 10 bytes that say which frame they are.
    private static func block(_ frame: Int) -> FrameBlock {
        FrameBlock(
            highResolution: Array(repeating: UInt8(frame), count: 8), lowResolution: [0, 0])
    }

    /// Whether the frame had to be made; `nil` where there was no room.
    private func isMade(_ cache: FrameCache, _ frame: Int) throws -> Bool? {
        var isMade = false
        let isDone = try cache.use(
            Self.key(frame), bytes: 10,
            make: {
                isMade = true
                return Self.block(frame)
            }, body: { #expect($0.highResolution[7] == UInt8(frame)) })
        return isDone ? isMade : nil
    }

    @Test func theFrameUsedLongestAgoMakesRoom() throws {
        let budget = MemoryBudget(limit: 29)
        let cache = FrameCache(budget: budget)
        let made = try [1, 2, 1, 3, 1, 3, 2, 1, 3].map { try isMade(cache, $0) }
        // Two fit: 3 takes the place of 2, then 2 that of 1, then 1 that of 3, and 3 that of 2.
        #expect(made == [true, true, false, true, false, false, true, true, true])
        #expect(budget.peakBytes == 20)
    }

    @Test func framesInUseStay() throws {
        let cache = FrameCache(budget: MemoryBudget(limit: 20))
        _ = try cache.use(Self.key(1), bytes: 10, make: { Self.block(1) }) { _ in
            #expect(try isMade(cache, 2) == true)
            // Not 1, although it was used first.
            #expect(try isMade(cache, 3) == true)
            #expect(try isMade(cache, 1) == false)
            _ = try cache.use(Self.key(3), bytes: 10, make: { Self.block(3) }) { _ in
                let made = try isMade(cache, 4)
                #expect(made == nil)
            }
        }
        #expect(try isMade(cache, 4) == true)
    }

    @Test func aFrameThatCannotBeMadeTakesNothing() throws {
        let budget = MemoryBudget(limit: 10)
        let cache = FrameCache(budget: budget)
        #expect(throws: VSRError.self) {
            _ = try cache.use(
                Self.key(1), bytes: 10, make: { throw VSRError(.corruptData, "broken") },
                body: { _ in })
        }
        #expect(budget.usedBytes == 0)
        #expect(try isMade(cache, 1) == true)
        #expect(try isMade(cache, 1) == false)
    }

    @Test func manyThreadsNeverTakeMoreThanTheLimit() throws {
        let budget = MemoryBudget(limit: 75)
        let cache = FrameCache(budget: budget)
        let wrong = Atomic<Int>(0)
        let made = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            var generator = SeededGenerator(seed: UInt64(thread))
            for _ in 0..<3000 {
                let frame = generator.integer(below: 20)
                let isSlow = generator.integer(below: 10) == 0
                let isBroken = generator.integer(below: 50) == 0
                _ = try? cache.use(
                    Self.key(frame), bytes: 10,
                    make: {
                        made.wrappingAdd(1, ordering: .relaxed)
                        if isSlow { usleep(100) }
                        if isBroken { throw VSRError(.corruptData, "broken") }
                        return Self.block(frame)
                    },
                    body: { block in
                        if block.highResolution != Self.block(frame).highResolution {
                            wrong.wrappingAdd(1, ordering: .relaxed)
                        }
                    })
            }
        }
        #expect(wrong.load(ordering: .relaxed) == 0)
        #expect(budget.peakBytes == 70)
        // Seven of twenty are there at a time.
        #expect(made.load(ordering: .relaxed) < 24_000)
        // Nothing is in use any more: all makes room for others.
        for frame in 20..<27 { #expect(try isMade(cache, frame) == true) }
        for frame in 20..<27 { #expect(try isMade(cache, frame) == false) }
    }
}
