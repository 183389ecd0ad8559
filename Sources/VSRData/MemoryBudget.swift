import Foundation

/// Bytes that may be taken up to a limit, counted over several threads.
final class MemoryBudget: @unchecked Sendable {
    let limit: Int
    private let lock = NSLock()
    private var used = 0
    private var peak = 0

    init(limit: Int) { self.limit = limit }

    /// The most bytes that were taken at any time; never above ``limit``.
    var peakBytes: Int { lock.withLock { peak } }

    /// Bytes taken now.
    var usedBytes: Int { lock.withLock { used } }

    /// Takes bytes; `false` where too few are left, and nothing is taken.
    func take(_ bytes: Int) -> Bool {
        lock.withLock {
            guard bytes <= limit - used else { return false }
            used += bytes
            peak = max(peak, used)
            return true
        }
    }

    func giveBack(_ bytes: Int) { lock.withLock { used -= bytes } }
}
