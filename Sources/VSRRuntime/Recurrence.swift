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

    /// The hidden states that the frame pulled last was made from; `nil` before it.
    var shownStates: StateSlots? { get }
}

/// Frame by frame, with two pictures and one hidden state.
final class ForwardRecurrence: Recurrence {
    private let executor: any NetworkExecutor
    private let stability: StabilityGuard?
    private var count = 0
    private(set) var ready = 0

    init(executor: any NetworkExecutor, options: UpscalerOptions) throws {
        self.executor = executor
        stability =
            options.guardsStability ? try StabilityGuard(.forward, executor: executor) : nil
        try executor.reserve(pictures: 2, flows: 1, states: 1)
    }

    func push(_ source: PictureSource) throws {
        let slot = count % 2
        try executor.load(source, picture: slot)
        var origin: StateOrigin?
        if count > 0 {
            try executor.estimateFlow(reference: slot, supporting: 1 - slot, flow: 0)
            origin = StateOrigin(state: 0, flow: 0)
        }
        if let stability { origin = try stability.origin(picture: slot, origin, scratch: 0) }
        try executor.propagate(.forward, picture: slot, from: origin, state: 0)
        try stability?.renew(picture: slot, state: 0) {
            try executor.reserve(pictures: 2, flows: 1, states: 2)
            return 1
        }
        count += 1
        ready = 1
    }

    func endClip() {}

    var shownStates: StateSlots? { count > 0 ? StateSlots(forward: 0) : nil }

    func pull(into target: PictureTarget) throws {
        let slot = (count - 1) % 2
        try executor.upsample(picture: slot, states: StateSlots(forward: 0), into: target)
        ready = 0
    }
}
