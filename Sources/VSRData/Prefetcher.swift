import Foundation
import VSRCore

/// Makes items 0, 1, 2 … of a sequence ahead of their use, on separate threads, and hands them
/// out in order.
///
/// At most `capacity` items are made or waiting at any time. For one consumer.
public final class Prefetcher<Item: Sendable>: Sendable {
    private let state: PrefetcherState<Item>

    /// Starts at once.
    ///
    /// - Parameters:
    ///   - start: The first index wanted: where a resumed training goes on.
    ///   - make: Makes the item of an index; called from several threads, in rising order.
    public init(
        start: Int = 0, capacity: Int = 4, threads: Int = 1,
        _ make: @escaping @Sendable (Int) throws -> Item
    ) {
        let threads = max(threads, 1)
        let state = PrefetcherState(
            start: start, capacity: max(capacity, 1), workers: threads, make)
        self.state = state
        for number in 0..<threads {
            let thread = Thread { state.work() }
            thread.name = "prefetch-\(number)"
            thread.start()
        }
    }

    /// Ends the threads; an item in the making is finished first.
    deinit { state.stop() }

    /// The next item; waits for it if it is not made yet.
    ///
    /// - Throws: what making it threw, then and at every later call; `cancelled` after ``stop()``.
    public func next() throws -> Item { try state.next() }

    /// Seconds that ``next()`` has waited in all: what prefetching did not hide.
    public var waited: Double { state.waited }

    /// Ends the threads and drops what they made; returns when they have ended.
    public func stop() { state.stop() }
}

/// Batches made ahead by a ``BatchSampler``.
public typealias BatchPrefetcher = Prefetcher<TrainingBatch>

extension Prefetcher where Item == TrainingBatch {
    /// Prefetches a sampler's batches from index `start` on.
    public convenience init(
        _ sampler: BatchSampler, start: Int = 0, capacity: Int = 4, threads: Int = 1
    ) {
        self.init(start: start, capacity: capacity, threads: threads) { sampler.batch($0) }
    }
}

/// What a prefetcher's threads share with it; they never hold the prefetcher itself.
private final class PrefetcherState<Item: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private let capacity: Int
    private let make: @Sendable (Int) throws -> Item
    private var nextToMake: Int
    private var nextToHandOut: Int
    private var ready: [Int: Item] = [:]
    private var failure: (index: Int, error: any Error)?
    private var isStopped = false
    private var workers: Int
    private var waitedSeconds = 0.0

    init(
        start: Int, capacity: Int, workers: Int, _ make: @escaping @Sendable (Int) throws -> Item
    ) {
        self.capacity = capacity
        self.workers = workers
        self.make = make
        nextToMake = start
        nextToHandOut = start
    }

    var waited: Double { condition.withLock { waitedSeconds } }

    func work() {
        while let index = take() {
            let result = Result { try make(index) }
            condition.withLock {
                switch result {
                case .success(let item): ready[index] = item
                case .failure(let error):
                    if failure.map({ index < $0.index }) ?? true { failure = (index, error) }
                }
                condition.broadcast()
            }
        }
        condition.withLock {
            workers -= 1
            condition.broadcast()
        }
    }

    /// The next index to make, once there is room for it; `nil` when there is nothing more to do.
    private func take() -> Int? {
        condition.withLock {
            while !isStopped, failure == nil, nextToMake - nextToHandOut >= capacity {
                condition.wait()
            }
            guard !isStopped, failure == nil else { return nil }
            defer { nextToMake += 1 }
            return nextToMake
        }
    }

    func next() throws -> Item {
        try condition.withLock {
            let begin = DispatchTime.now().uptimeNanoseconds
            defer {
                waitedSeconds += Double(DispatchTime.now().uptimeNanoseconds - begin) * 1e-9
            }
            while true {
                if isStopped { throw VSRError(.cancelled, "prefetching was stopped") }
                if let item = ready.removeValue(forKey: nextToHandOut) {
                    nextToHandOut += 1
                    condition.broadcast()
                    return item
                }
                if let failure, failure.index <= nextToHandOut { throw failure.error }
                condition.wait()
            }
        }
    }

    func stop() {
        condition.withLock {
            isStopped = true
            ready = [:]
            condition.broadcast()
            while workers > 0 { condition.wait() }
        }
    }
}
