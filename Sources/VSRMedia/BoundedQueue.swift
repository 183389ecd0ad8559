import DequeModule
import Foundation
import VSRCore

/// A first-in first-out queue of bounded length between two threads.
final class BoundedQueue<Element>: @unchecked Sendable {
    private let condition = NSCondition()
    private let capacity: Int
    private var elements: Deque<Element> = []
    private var isClosed = false
    private var failure: (any Error)?

    init(capacity: Int) { self.capacity = max(capacity, 1) }

    /// Waits for room; false if the queue was closed meanwhile and the element was not taken.
    func push(_ element: sending Element) -> Bool {
        condition.withLock {
            while elements.count >= capacity, !isClosed { condition.wait() }
            guard !isClosed else { return false }
            elements.append(element)
            condition.broadcast()
            return true
        }
    }

    /// Waits for an element; `nil` once the queue is closed and empty.
    ///
    /// - Throws: What it was closed with, once it is empty.
    func pop() throws -> Element? {
        try condition.withLock {
            while elements.isEmpty, !isClosed { condition.wait() }
            if !elements.isEmpty {
                defer { condition.broadcast() }
                return elements.removeFirst()
            }
            if let failure { throw failure }
            return nil
        }
    }

    /// Takes no more elements; those inside can still be popped.
    func close(with error: (any Error)? = nil) {
        condition.withLock {
            isClosed = true
            failure = failure ?? error
            condition.broadcast()
        }
    }

    /// Closes and drops what is inside.
    func abandon(with error: (any Error)? = nil) {
        condition.withLock {
            elements = []
            isClosed = true
            failure = failure ?? error
            condition.broadcast()
        }
    }

    /// What the queue was closed with.
    var error: (any Error)? { condition.withLock { failure } }
}

/// A thread that can be waited for.
final class JoinableThread: Sendable {
    private let finished = DispatchSemaphore(value: 0)

    init(name: String, _ body: @escaping @Sendable () -> Void) {
        let finished = finished
        let thread = Thread {
            body()
            finished.signal()
        }
        thread.name = name
        thread.start()
    }

    /// Returns when the thread's work has ended.
    func join() {
        finished.wait()
        finished.signal()
    }
}

/// Hands an object over to one other thread, which is then the only one to use it.
struct HandedOver<Value>: @unchecked Sendable {
    let value: Value
}
