import Foundation

/// Decoded frames within a memory budget; the ones used longest ago make room.
///
/// A frame that several threads want at a time is decoded once. Frames in use and in the making
/// count too, so what is taken never exceeds the budget.
final class FrameCache: @unchecked Sendable {
    struct Key: Hashable, Sendable {
        let clip: Int
        let frame: Int
    }

    private struct Entry {
        /// `nil` while a thread decodes it.
        var block: FrameBlock?
        let bytes: Int
        var users: Int
        /// The time of its last use; older tickets for it in the queue are void.
        var ticket: Int
    }

    private let budget: MemoryBudget
    private let condition = NSCondition()
    private var entries: [Key: Entry] = [:]
    /// Uses in order of time, from `oldest` on; the last one of each frame counts.
    private var uses: [(key: Key, ticket: Int)] = []
    private var oldest = 0
    private var clock = 0

    init(budget: MemoryBudget) { self.budget = budget }

    /// Calls `body` with a frame, which `make` decodes where it is not here.
    ///
    /// - Parameter bytes: What the frame takes.
    /// - Returns: `false` where there is no room for it now, and nothing was called.
    /// - Throws: what `make` and `body` throw.
    func use(
        _ key: Key, bytes: Int, make: () throws -> FrameBlock, body: (FrameBlock) throws -> Void
    ) throws -> Bool {
        guard let found = claim(key, bytes: bytes) else { return false }
        let block = try found ?? filled(key, make)
        defer { release(key) }
        try body(block)
        return true
    }

    /// The frame, `.some(nil)` if the caller has to decode it, `nil` without room.
    ///
    /// Unless `nil`, the frame is in use from then on.
    private func claim(_ key: Key, bytes: Int) -> FrameBlock?? {
        condition.withLock {
            while let entry = entries[key] {
                guard let block = entry.block else {
                    condition.wait()
                    continue
                }
                entries[key]?.users += 1
                touch(key)
                return .some(block)
            }
            while !budget.take(bytes) {
                guard dropOldest() else { return nil }
            }
            entries[key] = Entry(block: nil, bytes: bytes, users: 1, ticket: 0)
            touch(key)
            return .some(nil)
        }
    }

    private func filled(_ key: Key, _ make: () throws -> FrameBlock) throws -> FrameBlock {
        do {
            let block = try make()
            condition.withLock {
                entries[key]?.block = block
                condition.broadcast()
            }
            return block
        } catch {
            condition.withLock {
                if let entry = entries.removeValue(forKey: key) { budget.giveBack(entry.bytes) }
                // Whoever waits for it tries in turn, and gets the error too.
                condition.broadcast()
            }
            throw error
        }
    }

    private func release(_ key: Key) {
        condition.withLock { entries[key]?.users -= 1 }
    }

    private func touch(_ key: Key) {
        clock += 1
        entries[key]?.ticket = clock
        uses.append((key, clock))
        guard uses.count > 2 * entries.count + 1024 else { return }
        uses = uses[oldest...].filter { entries[$0.key]?.ticket == $0.ticket }
        oldest = 0
    }

    /// Drops the frame that was used longest ago and is in nobody's hands; `false` without any.
    private func dropOldest() -> Bool {
        var passed: [(key: Key, ticket: Int)] = []
        // Frames in use stay the oldest ones.
        defer {
            oldest -= passed.count
            uses.replaceSubrange(oldest..<oldest + passed.count, with: passed)
        }
        while oldest < uses.count {
            let use = uses[oldest]
            oldest += 1
            guard let entry = entries[use.key], entry.ticket == use.ticket else { continue }
            guard entry.users == 0 else {
                passed.append(use)
                continue
            }
            entries[use.key] = nil
            budget.giveBack(entry.bytes)
            return true
        }
        return false
    }
}
