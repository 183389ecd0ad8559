import CTorch
import Foundation

/// A separate thread for LibTorch's work.
///
/// LibTorch keeps memory and worker threads for every thread that calls it, so it must not be
/// called from Swift's cooperative pool. Work given to one `TorchThread` runs in order.
public final class TorchThread: Sendable {
    /// The thread that programs use unless they need two.
    ///
    /// Its start also sets the process's `malloc` to keep freed memory for the next training step,
    /// which is up to a quarter faster for it.
    public static let shared = {
        ctorch_keep_freed_memory()
        return TorchThread(name: "Torch")
    }()

    private let queue: JobQueue

    /// - Parameter stackSize: Bytes; deep graphs recurse when they are freed.
    public init(name: String, stackSize: Int = 256 << 20) {
        let queue = JobQueue()
        self.queue = queue
        let thread = Thread { queue.runJobs() }
        thread.name = name
        thread.stackSize = stackSize
        thread.start()
    }

    deinit { queue.close() }

    /// Runs `body` on the shared thread and waits for it.
    public static func run<Result>(_ body: () throws -> Result) throws -> Result {
        try shared.run(body)
    }

    /// Runs `body` on the shared thread without blocking the caller's.
    public static func run<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await shared.run(body)
    }

    /// Runs `body` on this thread and waits for it; at once where this is the current thread.
    public func run<Result>(_ body: () throws -> Result) throws -> Result {
        if queue.isCurrent { return try body() }
        // The caller waits, so `body` and its result are only ever used by one thread at a time.
        nonisolated(unsafe) var outcome: Swift.Result<Result, any Error>?
        withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let body = body
            let done = DispatchSemaphore(value: 0)
            queue.add(Job(body: { outcome = Swift.Result { try body() } }, done: done))
            done.wait()
        }
        guard let outcome else { preconditionFailure("the job signals only after its outcome") }
        return try outcome.get()
    }

    /// Runs `body` on this thread without blocking the caller's.
    public func run<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.add(Job { continuation.resume(with: Swift.Result { try body() }) })
        }
    }
}

/// A piece of work, and whom to tell when it is over and its closure is gone.
private struct Job: Sendable {
    var body: @Sendable () -> Void
    var done: DispatchSemaphore?
}

/// Jobs waiting for one thread.
private final class JobQueue: @unchecked Sendable {
    private let condition = NSCondition()
    private var jobs: [Job] = []
    private var isClosed = false
    private var thread: pthread_t?

    var isCurrent: Bool {
        condition.withLock { thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
    }

    func add(_ job: Job) {
        condition.withLock {
            jobs.append(job)
            condition.signal()
        }
    }

    func close() {
        condition.withLock {
            isClosed = true
            condition.signal()
        }
    }

    func runJobs() {
        condition.withLock { thread = pthread_self() }
        while let done = runNext() { done?.signal() }
        condition.withLock { thread = nil }
    }

    /// Runs the next job; `nil` once closed and empty.
    ///
    /// Never inlined, so that the job's closure is released here: its caller, woken by the
    /// semaphore, relies on nobody holding it any more.
    @inline(never)
    private func runNext() -> DispatchSemaphore?? {
        guard let job = next() else { return .none }
        job.body()
        return .some(job.done)
    }

    private func next() -> Job? {
        condition.withLock {
            while jobs.isEmpty && !isClosed { condition.wait() }
            return jobs.isEmpty ? nil : jobs.removeFirst()
        }
    }
}

/// Number of threads that one operation may use, for the calling thread and those started later.
///
/// Set it on the thread that does the work, before its first operation.
public func setThreadCount(_ count: Int) throws {
    try check(ctorch_set_thread_count(count), "setThreadCount(\(count))")
}

/// Number of threads that one operation may use.
public func threadCount() -> Int { ctorch_thread_count() }
