import VSRModel

/// Frame by frame, with two pictures and one hidden state per branch, all of which are causal.
final class OnlineRecurrence: Recurrence {
    private let executor: any NetworkExecutor
    private let branches: [BranchSteps]
    /// Each branch's slot of its state, and one for what a stability guard computes.
    private let states: [Int]
    private let scratch: Int
    private var count = 0
    private(set) var ready = 0

    init(executor: any NetworkExecutor, options: UpscalerOptions) throws {
        self.executor = executor
        branches = try executor.blueprint.branches.map {
            try BranchSteps($0, executor: executor, options: options)
        }
        states = Array(branches.indices)
        scratch = branches.count
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
        let origin = count > 0 ? StateOrigin(state: state, flow: 0) : nil
        try branches[state].step(picture: picture, from: origin, to: state, scratch: state)
        try branches[state].renew(picture: picture, state: state) {
            try executor.reserve(pictures: 2, flows: 1, states: scratch + 1)
            return scratch
        }
    }

    func endClip() {}

    var shownStates: [Int]? { count > 0 ? states : nil }

    var carriedStates: [Int]? { ready > 0 ? nil : count > 0 ? states : [] }

    func forgetFlows() {}

    func pull(into target: PictureTarget) throws {
        try executor.upsample(picture: (count - 1) % 2, states: states, into: target)
        ready = 0
    }
}
