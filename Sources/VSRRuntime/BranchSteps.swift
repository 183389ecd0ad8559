import VSRModel

/// One branch's steps from state to state, guarded against drift where the options ask for it.
final class BranchSteps {
    private let branch: Blueprint.Branch
    private let executor: any NetworkExecutor
    private let stability: StabilityGuard?
    /// The guard, if the steps to come need it.
    private var acting: StabilityGuard?

    /// - Throws: `outOfMemory`, `invalidArgument` if the network has no such branch.
    init(
        _ branch: Blueprint.Branch, executor: any NetworkExecutor, options: UpscalerOptions
    ) throws {
        self.branch = branch
        self.executor = executor
        stability = options.guardsStability ? try StabilityGuard(branch, executor: executor) : nil
        acting = stability
    }

    /// Begins the branch anew for so many steps.
    ///
    /// - Parameter other: A branch that has foreseen their pictures. Short branches are left to
    ///   themselves unless it has found squares that stand still in all of them.
    func restart(for steps: Int, after other: BranchSteps?) {
        acting = nil
        guard let stability else { return }
        if steps >= StabilityGuard.shortestBranch {
            stability.reset()
            acting = stability
        } else if let other = other?.stability, stability.reset(for: steps, after: other) {
            acting = stability
        }
    }

    /// Looks at a picture ahead of its step; pictures come in the order of their steps.
    func foresee(picture: Int) { acting?.foresee(picture: picture) }

    /// Computes the state at `picture`.
    ///
    /// - Parameters:
    ///   - origin: The state before and the flow to it; `nil` at the first step.
    ///   - state: The slot that is written, which may be the origin's.
    ///   - scratch: A slot that may be written, which may be the origin's.
    func step(picture: Int, from origin: StateOrigin?, to state: Int, scratch: Int) throws {
        var origin = origin
        if let acting { origin = try acting.origin(picture: picture, origin, scratch: scratch) }
        try executor.propagate(branch, picture: picture, from: origin, state: state)
    }

    /// Renews what has run free for too long, after the step to `state`.
    ///
    /// - Parameter makeScratch: Gives a slot that may be written, other than `state`.
    func renew(picture: Int, state: Int, _ makeScratch: () throws -> Int) throws {
        try acting?.renew(picture: picture, state: state, makeScratch)
    }
}
