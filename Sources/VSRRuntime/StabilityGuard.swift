import VSRCore
import VSRModel

/// Keeps a branch's hidden states from drifting where the picture stands still.
///
/// Recurrent networks are trained on short clips; on a still picture their states wander off within
/// some hundred frames. Where squares have stood still (``StillnessTracker``), each next state is
/// therefore computed from the one that the square had when that became sure, instead of from the
/// last one, so that no state there is ever more than one step from a state as in training.
///
/// States are what the network computes from the current picture, always. So nothing jumps where
/// a square begins to be held or is let go: in between, each frame is the next one after the same
/// state.
final class StabilityGuard {
    private let executor: any NetworkExecutor
    private let tracker: StillnessTracker
    /// The held state's slot, one per branch, and its mask's.
    private let slot: Int
    /// References that held squares were captured under; -1 for none.
    private var captured: [Int]
    /// What the mask in the executor was made of.
    private var masked: [Bool]
    /// How much of the held state goes into the next one, per pixel.
    private var shares: [Float] = []

    init(_ branch: Blueprint.Branch, executor: any NetworkExecutor) throws {
        self.executor = executor
        slot = branch == .forward ? 0 : 1
        tracker = try StillnessTracker(executor.frameSize)
        captured = Array(repeating: -1, count: tracker.grid.count)
        masked = Array(repeating: false, count: tracker.grid.count)
    }

    /// Frames of a branch below which nothing can come to be held for long enough to matter.
    static let shortestBranch = 2 * StillnessTracker.patience

    /// Forgets the clip.
    func reset() {
        tracker.reset()
        for index in captured.indices { captured[index] = -1 }
    }

    /// Looks at the picture of the next step and returns where its state is to come from.
    ///
    /// - Parameters:
    ///   - origin: The state before and the flow to it.
    ///   - scratch: A slot that may be written, which may be the origin's.
    func origin(
        picture: Int, _ origin: StateOrigin?, scratch: Int
    ) throws -> StateOrigin? {
        executor.withPicture(picture) { tracker.observe($0) }
        guard var origin, tracker.holdsAny else { return origin }
        try capture(origin.state)
        if tracker.holdsAll {
            origin.state = slot
            origin.isHeld = true
            return origin
        }
        if masked != tracker.held { try updateMask() }
        if origin.state != scratch { try executor.copy(state: origin.state, to: scratch) }
        origin.state = scratch
        try executor.blend(heldState: slot, into: scratch)
        return origin
    }

    /// Keeps the states of squares that are held for the first time since they last moved.
    private func capture(_ state: Int) throws {
        for index in captured.indices where tracker.held[index] {
            let reference = tracker.referenceNumber(index)
            guard captured[index] != reference else { continue }
            try executor.hold(state: state, as: slot, in: tracker.grid.area(index))
            captured[index] = reference
        }
    }

    private func updateMask() throws {
        let grid = tracker.grid
        if shares.isEmpty { shares = Array(repeating: 0, count: grid.size.area) }
        masked = tracker.held
        for index in masked.indices { fillShares(of: index) }
        try executor.setShares(shares, heldState: slot)
    }

    /// Pixels over which a held square goes over into its surroundings.
    private static let ramp: Float = 8

    /// 1 inside of held squares, less towards squares that are not held, 0 in those.
    private func fillShares(of index: Int) {
        let grid = tracker.grid
        let area = grid.area(index)
        for y in area.top..<area.bottom {
            for x in area.left..<area.right {
                shares[y * grid.size.width + x] = masked[index] ? 1 : 0
            }
        }
        guard masked[index] else { return }
        grid.forEachNeighbor(of: index) { other, dx, dy in
            guard !masked[other] else { return }
            for y in area.top..<area.bottom {
                let vertical = dy == 0 ? 0 : dy < 0 ? y - area.top : area.bottom - 1 - y
                for x in area.left..<area.right {
                    let horizontal = dx == 0 ? 0 : dx < 0 ? x - area.left : area.right - 1 - x
                    let distance = Float(max(vertical, horizontal)) + 0.5
                    let position = y * grid.size.width + x
                    shares[position] = min(shares[position], min(1, distance / Self.ramp))
                }
            }
        }
    }
}
