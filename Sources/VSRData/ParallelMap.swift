import Dispatch
import Foundation

/// The results of `body` for `0..<count`, computed by several threads, in order.
///
/// - Parameter finished: Told how many are done, by one thread at a time.
/// - Throws: the error of the lowest index that failed among those begun; no more are begun then.
func parallelMap<Result: Sendable>(
    _ count: Int, threads: Int, finished: @Sendable (Int) -> Void = { _ in },
    _ body: @Sendable (Int) throws -> Result
) throws -> [Result] {
    let gathered = Gathered<Result>(count: count)
    DispatchQueue.concurrentPerform(iterations: min(max(threads, 1), max(count, 1))) { _ in
        while let index = gathered.take() {
            do {
                gathered.store(try body(index), at: index, finished)
            } catch {
                gathered.fail(error, at: index)
            }
        }
    }
    return try gathered.results()
}

private final class Gathered<Result: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var next = 0
    private var done = 0
    private var values: [Result?]
    private var failure: (index: Int, error: any Error)?

    init(count: Int) { values = Array(repeating: nil, count: count) }

    func take() -> Int? {
        lock.withLock {
            guard failure == nil, next < values.count else { return nil }
            defer { next += 1 }
            return next
        }
    }

    func store(_ value: Result, at index: Int, _ finished: (Int) -> Void) {
        lock.withLock {
            values[index] = value
            done += 1
            finished(done)
        }
    }

    func fail(_ error: any Error, at index: Int) {
        lock.withLock {
            if failure.map({ index < $0.index }) ?? true { failure = (index, error) }
        }
    }

    func results() throws -> [Result] {
        try lock.withLock {
            if let failure { throw failure.error }
            return values.compactMap { $0 }
        }
    }
}
