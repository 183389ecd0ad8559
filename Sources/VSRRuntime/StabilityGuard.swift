import VSRCore
import VSRModel

/// Keeps a branch's hidden states from drifting where the picture stands still.
///
/// Recurrent networks are trained on short clips; on a still picture their states wander off within
/// some hundred frames. Two things are done about it, both only where squares of the picture have
/// stood still for a while (``StillnessTracker``), or did lately, or lie beside such squares:
///
/// - *Holding.* In a square that stands still, each next state is computed from the one that the
///   square had after four still frames, instead of from the last one. So no state there is more
///   than one step from that one. States are always what the network computes from the current
///   picture: nothing jumps where a square begins to be held or is let go.
/// - *Renewing.* Squares at the edge of still ones and squares between two times of standing still
///   run free, and those that fade get another held state from time to time. Where a state's
///   history has come to 48 steps, half of it is replaced by a state computed without any history,
///   as at a clip's first frame, which is counted as half of the steps.
///
/// Where nothing has stood still no bit is changed.
final class StabilityGuard {
    /// Frames of a branch below which nothing can come to be held.
    static let shortestBranch = StillnessTracker.patience + 1

    private enum Limit {
        /// Steps after which a square's state is renewed, and from which on it joins others.
        static let renewal = 48
        static let joining = 24
        /// Steps that are counted at most: a state of more is none the worse.
        static let steps = 512
        /// Frames from one renewal to the next.
        static let pause = 8
        /// Frames after standing still in which a square or its neighbors are renewed.
        static let memory = 64
        /// The share of a state without history in a renewed one.
        static let share: Float = 0.5
    }

    private struct Square {
        /// The reference that the held state was kept under; -1 for none.
        var reference = -1
        /// Steps that the branch's last state and the held one are away from a state without
        /// history.
        var steps = 0
        var heldSteps = 0
        /// Frames in which it or a neighbor may still be renewed; 0 where nothing stood still.
        var nearStill = 0
    }

    private let executor: any NetworkExecutor
    private let foresight: StillnessForesight
    private let branch: Blueprint.Branch
    /// The slot of the held state and of the shares by which it comes back, one per branch, and
    /// that of the shares by which states are renewed, behind all of those.
    private let slot: Int
    private let renewingSlot: Int
    private var squares: [Square]
    private var holding: StateShares
    private var renewing: StateShares
    /// Squares to be renewed after the current step, held ones and free ones.
    private var renewed: [Bool]
    private let nowhere: [Bool]
    private var renews = false
    private var framesSinceRenewal = 0

    /// - Throws: `outOfMemory`, `invalidArgument` if the network has no such branch.
    init(_ branch: Blueprint.Branch, executor: any NetworkExecutor) throws {
        self.executor = executor
        self.branch = branch
        let branches = executor.blueprint.branches
        guard let index = branches.firstIndex(of: branch) else {
            throw VSRError(.invalidArgument, "the network has no \(branch.rawValue) branch")
        }
        slot = index
        renewingSlot = branches.count + index
        foresight = StillnessForesight(try StillnessTracker(executor.frameSize))
        let grid = foresight.grid
        squares = Array(repeating: Square(), count: grid.count)
        renewed = Array(repeating: false, count: grid.count)
        nowhere = renewed
        holding = StateShares(grid, amount: 1)
        renewing = StateShares(grid, amount: Limit.share)
    }

    /// Forgets the clip.
    func reset() {
        foresight.reset()
        for index in squares.indices { squares[index] = Square() }
        renews = false
    }

    /// Forgets the clip, of which so many steps are to come, over the last pictures that another
    /// branch's guard has seen.
    ///
    /// - Returns: Whether there is anything to do: whether squares stand still in all of them, as that
    ///   one has found.
    func reset(for steps: Int, after other: StabilityGuard) -> Bool {
        reset()
        return foresight.reset(for: steps, after: other.foresight)
    }

    /// Looks at a picture ahead of its step; pictures come in the order of their steps.
    func foresee(picture: Int) { executor.withPicture(picture) { foresight.see($0) } }

    /// Returns where the state of the next step is to come from.
    ///
    /// Looks at its picture, unless that was foreseen.
    ///
    /// - Parameters:
    ///   - origin: The state before and the flow to it.
    ///   - scratch: A slot that may be written, which may be the origin's.
    func origin(
        picture: Int, _ origin: StateOrigin?, scratch: Int
    ) throws -> StateOrigin? {
        if foresight.ahead == 0 { foresee(picture: picture) }
        foresight.advance()
        guard var origin else { return origin }
        let sight = foresight.present
        try keepStates(from: origin.state, sight)
        let holdsAny = sight.holdsAny
        countSteps(sight, holdsAny: holdsAny)
        guard holdsAny else { return origin }
        if sight.holdsAll {
            origin.state = slot
            origin.isHeld = true
            return origin
        }
        if let shares = holding.choose(sight.held, apart: nowhere) {
            try executor.setShares(shares, slot: slot)
        }
        if origin.state != scratch { try executor.copy(state: origin.state, to: scratch) }
        origin.state = scratch
        try executor.blend(.held(slot), into: .state(scratch), shares: slot)
        return origin
    }

    /// Renews what has run free for too long, after the step to `state`.
    ///
    /// - Parameter makeScratch: Gives a slot that may be written, other than `state`.
    func renew(picture: Int, state: Int, _ makeScratch: () throws -> Int) throws {
        guard renews else { return }
        renews = false
        let scratch = try makeScratch()
        try executor.propagate(branch, picture: picture, from: nil, state: scratch)
        let sight = foresight.present
        try renew(.state(state), from: scratch, apart: sight.held)
        if sight.holdsAny {
            try renew(.held(slot), from: scratch, apart: sight.held.map { !$0 })
        }
    }

    /// - Parameter apart: Squares whose states are not at `place`.
    private func renew(_ place: StatePlace, from scratch: Int, apart: [Bool]) throws {
        let chosen = renewed.indices.map { renewed[$0] && !apart[$0] }
        guard chosen.contains(true) else { return }
        if let shares = renewing.choose(chosen, apart: apart) {
            try executor.setShares(shares, slot: renewingSlot)
        }
        try executor.blend(.state(scratch), into: place, shares: renewingSlot)
    }

    /// Keeps the states of squares that have settled, once for each reference.
    private func keepStates(
        from state: Int, _ sight: StillnessForesight.Sight
    ) throws {
        for index in squares.indices where sight.isSettled(index) {
            let reference = sight.references[index]
            guard squares[index].reference != reference else { continue }
            try executor.hold(state: state, as: slot, in: foresight.grid.area(index))
            squares[index].reference = reference
            squares[index].heldSteps = squares[index].steps
        }
    }

    /// Counts steps, and decides which squares are renewed after this one.
    private func countSteps(_ sight: StillnessForesight.Sight, holdsAny: Bool) {
        if holdsAny { markSurroundings(of: sight.held) }
        framesSinceRenewal += 1
        var isDue = false
        for index in squares.indices {
            let isHeld = sight.held[index]
            let last = isHeld ? squares[index].heldSteps : squares[index].steps
            squares[index].steps = min(last + 1, Limit.steps)
            let steps = isHeld ? last : squares[index].steps
            let isNear = squares[index].nearStill > 0
            if isNear { squares[index].nearStill -= 1 }
            renewed[index] = isNear && steps >= Limit.joining
            isDue = isDue || (isNear && steps >= Limit.renewal)
        }
        renews = isDue && framesSinceRenewal >= Limit.pause
        guard renews else { return }
        framesSinceRenewal = 0
        for index in squares.indices where renewed[index] {
            squares[index].steps /= 2
            if sight.held[index] { squares[index].heldSteps /= 2 }
        }
    }

    /// Marks held squares and those around them.
    private func markSurroundings(of held: [Bool]) {
        for index in squares.indices where held[index] {
            squares[index].nearStill = Limit.memory
            foresight.grid.forEachNeighbor(of: index) { other, _, _ in
                squares[other].nearStill = Limit.memory
            }
        }
    }
}
