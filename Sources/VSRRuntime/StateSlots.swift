import VSRModel

/// Where a network's hidden states are while frames are held: one slot per causal branch, whose
/// state is carried from frame to frame, one that any step may write, then one per kept frame for
/// each of the other branches.
struct StateSlots {
    /// Each branch's position among the carried ones, or among those of a kept frame.
    private let positions: [Int]
    /// Positions in the blueprint's list of the causal branches, and of the others.
    let carriedBranches: [Int]
    let keptBranches: [Int]

    init(_ branches: [Blueprint.Branch]) {
        let carried = branches.indices.filter { branches[$0].isCausal }
        let kept = branches.indices.filter { !branches[$0].isCausal }
        var positions = Array(repeating: 0, count: branches.count)
        for group in [carried, kept] {
            for (position, branch) in group.enumerated() { positions[branch] = position }
        }
        self.positions = positions
        carriedBranches = carried
        keptBranches = kept
    }

    /// The slot of a causal branch's state.
    func carriedSlot(of branch: Int) -> Int { positions[branch] }

    /// The slot that any step may write.
    var scratch: Int { carriedBranches.count }

    /// The slot of another branch's state at a kept frame.
    func keptSlot(of branch: Int, at frame: Int) -> Int {
        scratch + 1 + frame * keptBranches.count + positions[branch]
    }

    /// Slots in all where so many frames are kept.
    func count(keeping frames: Int) -> Int { scratch + 1 + frames * keptBranches.count }
}
