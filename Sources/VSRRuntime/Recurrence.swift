import VSRCore
import VSRModel

/// How hidden states go from frame to frame of a clip of any length: the order in which an
/// executor's steps are run.
protocol Recurrence: AnyObject {
    /// Frames that can be pulled now.
    var ready: Int { get }

    /// Takes the next picture; none is ready when it is called.
    func push(_ source: PictureSource) throws

    /// Says that no picture follows; those held back become ready.
    func endClip() throws

    /// Finishes the next ready frame.
    func pull(into target: PictureTarget) throws

    /// The slots of the hidden states that the frame pulled last was made from, in the order of the
    /// blueprint's branches; `nil` before it.
    var shownStates: [Int]? { get }
}

/// Frame by frame, with two pictures and one hidden state per branch, all of which are causal.
final class OnlineRecurrence: Recurrence {
    private let executor: any NetworkExecutor
    private let branches: [Blueprint.Branch]
    /// Each branch's slot of its state, and one for what a stability guard computes.
    private let states: [Int]
    private let scratch: Int
    /// One per branch; none where states are not guarded.
    private let stability: [StabilityGuard]
    private var count = 0
    private(set) var ready = 0

    init(executor: any NetworkExecutor, options: UpscalerOptions) throws {
        self.executor = executor
        branches = executor.blueprint.branches
        states = Array(branches.indices)
        scratch = branches.count
        stability =
            options.guardsStability
            ? try branches.map { try StabilityGuard($0, executor: executor) } : []
        try executor.reserve(pictures: 2, flows: 1, states: states.count)
    }

    func push(_ source: PictureSource) throws {
        let picture = count % 2
        try executor.load(source, picture: picture)
        if count > 0 {
            try executor.estimateFlow(reference: picture, supporting: 1 - picture, flow: 0)
        }
        for state in states { try step(picture: picture, state: state) }
        count += 1
        ready = 1
    }

    /// Brings the state of one branch to the next frame.
    private func step(picture: Int, state: Int) throws {
        let stability = stability.isEmpty ? nil : stability[state]
        var origin = count > 0 ? StateOrigin(state: state, flow: 0) : nil
        if let stability { origin = try stability.origin(picture: picture, origin, scratch: state) }
        try executor.propagate(branches[state], picture: picture, from: origin, state: state)
        try stability?.renew(picture: picture, state: state) {
            try executor.reserve(pictures: 2, flows: 1, states: scratch + 1)
            return scratch
        }
    }

    func endClip() {}

    var shownStates: [Int]? { count > 0 ? states : nil }

    func pull(into target: PictureTarget) throws {
        try executor.upsample(picture: (count - 1) % 2, states: states, into: target)
        ready = 0
    }
}
