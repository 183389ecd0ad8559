import Foundation
import Synchronization

/// How near two cores are: nanoseconds until one sees what the other has written.
///
/// Some tens where they share a cache, a few hundred where they do not, as in processors of
/// several dies. The system chooses the cores, and a virtual machine's may move from minute to
/// minute.
final class Handover: Sendable {
    private let turn = Atomic<Int>(0)

    /// The least of up to 50 means over 200 ways there and back.
    ///
    /// The others were interrupted. Takes no more than a fifth of a second where both cores are
    /// free.
    static func nanoseconds() -> Double {
        let handover = Handover()
        let partner = Thread {
            while handover.pass(1) {}
        }
        partner.start()
        // The partner's start is not timed.
        _ = handover.pass(0)
        var least = Double.infinity
        let start = ContinuousClock.now
        for _ in 0..<50 where ContinuousClock.now - start < .milliseconds(200) {
            let begin = ContinuousClock.now
            for _ in 0..<ways { _ = handover.pass(0) }
            least = min(least, milliseconds(ContinuousClock.now - begin) * 1e6 / Double(2 * ways))
        }
        while handover.turn.load(ordering: .acquiring) != 0 {}
        handover.turn.store(over, ordering: .releasing)
        return least
    }

    private static let ways = 200, over = -1

    /// Waits for its turn, 0 or 1, and makes it the other's; false once all is over.
    private func pass(_ own: Int) -> Bool {
        while true {
            let now = turn.load(ordering: .acquiring)
            if now == Self.over { return false }
            if now == own { break }
        }
        turn.store(1 - own, ordering: .releasing)
        return true
    }
}
