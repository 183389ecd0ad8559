import Foundation
import Synchronization
import VSRCore

enum ActiveProcessors {
    static var count: Int { ProcessInfo.processInfo.activeProcessorCount }
}

/// Results of pieces of work done side by side, or the first error.
final class ResultSlots<Value: Sendable>: Sendable {
    private let slots: Mutex<[Result<Value, any Error>?]>

    init(count: Int) {
        slots = Mutex(Array(repeating: nil, count: count))
    }

    func set(_ index: Int, _ work: () throws -> Value) {
        let result = Result { try work() }
        slots.withLock { $0[index] = result }
    }

    func values() throws -> [Value] {
        try slots.withLock { try $0.compactMap { try $0?.get() } }
    }
}

/// Counts the layers done on several threads, tells of them and ends the work where that was asked
/// for.
final class StepCounter: Sendable {
    private let done = Mutex(0)
    private let total: Int
    private let options: CompensationOptions

    init(total: Int, _ options: CompensationOptions) {
        self.total = total
        self.options = options
    }

    func advance() throws {
        try options.cancellation?.check()
        done.withLock {
            $0 += 1
            options.progress?(ProgressUpdate("compensate", completed: min($0, total), total: total))
        }
    }
}
