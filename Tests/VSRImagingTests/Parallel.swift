import Dispatch
import Foundation

/// The results of `body` for every item, in order, computed on all cores.
func forEachInParallel<Item: Sendable, Result: Sendable>(
    _ items: [Item], _ body: @Sendable (Item) throws -> Result
) throws -> [Result] {
    let results = Gathered<Result>()
    DispatchQueue.concurrentPerform(iterations: items.count) { index in
        results.store(Swift.Result { try body(items[index]) }, at: index)
    }
    return try items.indices.map { try results.result(at: $0) }
}

private final class Gathered<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var values: [Int: Result<Value, any Error>] = [:]

    func store(_ value: Result<Value, any Error>, at index: Int) {
        lock.withLock { values[index] = value }
    }

    func result(at index: Int) throws -> Value {
        guard let value = lock.withLock({ values[index] }) else { throw CancellationError() }
        return try value.get()
    }
}
