import VSRCore
import VSRModel

/// Window by window: states of the branches that are not causal for a window and its look-ahead,
/// then states of the causal ones and pictures of the window as they are pulled; a whole clip is one
/// window.
///
/// Causal states are carried from window to window, so only the others know of seams.
///
/// Held at a time, per frame of the window: picture, a flow for each way through time, and a state
/// of each branch that is not causal, which is needed when its frame is pulled. Causal branches take
/// one slot each (``StateSlots``).
final class WindowedRecurrence: Recurrence {
    /// A frame of the clip that is still needed.
    private struct HeldFrame {
        let picture: Int
        /// Whether the flows to the next and to the previous frame are in their slots.
        var hasNextFlow = false
        var hasPreviousFlow = false

        mutating func forgetFlows() {
            hasNextFlow = false
            hasPreviousFlow = false
        }
    }

    private let executor: any NetworkExecutor
    /// In the blueprint's order.
    private let branches: [BranchSteps]
    private let slots: StateSlots
    private let flowsPerFrame: Int
    private let windowLength: Int?
    private let lookAhead: Int
    private let cancellation: Cancellation?
    private let progress: ProgressHandler?

    /// Frames not yet pulled, after the last one that was, if any.
    private var held: [HeldFrame] = []
    private var previous: HeldFrame?
    private var freePictures: [Int] = []
    private var pictureSlots = 0
    /// Position in `held` of the next frame to be pulled, and the end of the window.
    private var position = 0
    private var windowEnd = 0
    /// Frames of `held` that the causal branches have looked at.
    private var foreseen = 0
    /// Whether causal states have come to a first frame.
    private var hasCarriedStates = false
    /// The slots of the states at the frame pulled last, in the order of branches.
    private var states: [Int]

    var ready: Int { windowEnd - position }

    var shownStates: [Int]? { hasCarriedStates ? states : nil }

    var carriedStates: [Int]? {
        guard ready == 0 else { return nil }
        return hasCarriedStates ? slots.carriedBranches.map(slots.carriedSlot) : []
    }

    func forgetFlows() {
        for index in held.indices { held[index].forgetFlows() }
        previous?.forgetFlows()
    }

    init(executor: any NetworkExecutor, options: UpscalerOptions) throws {
        self.executor = executor
        let blueprint = executor.blueprint
        branches = try blueprint.branches.map {
            try BranchSteps($0, executor: executor, options: options)
        }
        slots = StateSlots(blueprint.branches)
        states = branches.indices.map(slots.carriedSlot)
        flowsPerFrame = blueprint.direction.flowDirections
        windowLength = options.windowLength
        lookAhead = options.lookAhead
        cancellation = options.cancellation
        progress = options.progress
        try executor.reserve(pictures: 0, flows: 0, states: slots.count(keeping: 0))
    }

    /// - Throws: `outOfMemory` where a whole clip grows beyond the machine's memory.
    func push(_ source: PictureSource) throws {
        if windowLength == nil {
            try MemoryPlan(
                wholeClipsBy: executor.blueprint, frameSize: executor.frameSize
            ).check(wholeClip: held.count + 1)
        }
        let picture = try takePictureSlot()
        try executor.load(source, picture: picture)
        held.append(HeldFrame(picture: picture))
        if let windowLength, held.count == windowLength + lookAhead {
            try startWindow(length: windowLength)
        }
    }

    func endClip() throws {
        if !held.isEmpty { try startWindow(length: held.count) }
    }

    func pull(into target: PictureTarget) throws {
        try carryStates()
        for branch in slots.keptBranches {
            states[branch] = slots.keptSlot(of: branch, at: position)
        }
        try executor.upsample(picture: held[position].picture, states: states, into: target)
        position += 1
        if position == windowEnd { retireWindow() }
    }

    private func takePictureSlot() throws -> Int {
        if let slot = freePictures.popLast() { return slot }
        try executor.reserve(
            pictures: pictureSlots + 1, flows: flowsPerFrame * (pictureSlots + 1),
            states: slots.count(keeping: 0))
        pictureSlots += 1
        return pictureSlots - 1
    }

    /// Computes the states of branches that come from the held frames' end, and keeps those of the
    /// first `length` frames.
    private func startWindow(length: Int) throws {
        try executor.reserve(
            pictures: pictureSlots, flows: flowsPerFrame * pictureSlots,
            states: slots.count(keeping: length))
        for branch in slots.carriedBranches {
            for frame in held[foreseen...] { branches[branch].foresee(picture: frame.picture) }
        }
        foreseen = held.count
        let carried = slots.carriedBranches.first.map { branches[$0] }
        for (turn, branch) in slots.keptBranches.enumerated() {
            branches[branch].restart(for: held.count, after: carried)
            for frame in held.reversed() { branches[branch].foresee(picture: frame.picture) }
            for index in held.indices.reversed() {
                try cancellation?.check()
                try step(branch, to: index, keeping: length)
                progress?(
                    ProgressUpdate(
                        "backward pass", completed: (turn + 1) * held.count - index,
                        total: slots.keptBranches.count * held.count))
            }
        }
        windowEnd = length
    }

    /// Brings the state of a branch to frame `index` from the one after it.
    private func step(_ branch: Int, to index: Int, keeping length: Int) throws {
        func slot(_ index: Int) -> Int {
            index < length ? slots.keptSlot(of: branch, at: index) : slots.scratch
        }
        let picture = held[index].picture
        var origin: StateOrigin?
        if index + 1 < held.count {
            // Both directions at once, while the two pictures' pyramids are at hand.
            try estimateNextFlow(index)
            if index < length, !slots.carriedBranches.isEmpty {
                try estimatePreviousFlow(index + 1)
            }
            origin = StateOrigin(state: slot(index + 1), flow: flowToNext(held[index]))
        }
        try branches[branch].step(
            picture: picture, from: origin, to: slot(index), scratch: slots.scratch)
        // Of frames ahead the scratch slot holds the state itself: they are few.
        guard index < length else { return }
        try branches[branch].renew(picture: picture, state: slot(index)) { slots.scratch }
    }

    /// Brings the states of the causal branches to the next frame.
    private func carryStates() throws {
        let picture = held[position].picture
        if hasCarriedStates, !slots.carriedBranches.isEmpty { try estimatePreviousFlow(position) }
        for branch in slots.carriedBranches {
            let state = slots.carriedSlot(of: branch)
            let origin =
                hasCarriedStates
                ? StateOrigin(state: state, flow: flowToPrevious(held[position])) : nil
            try branches[branch].step(picture: picture, from: origin, to: state, scratch: state)
            try branches[branch].renew(picture: picture, state: state) { slots.scratch }
        }
        hasCarriedStates = true
    }

    private func flowToNext(_ frame: HeldFrame) -> Int { flowsPerFrame * frame.picture }

    /// Where there is a causal branch, to which it belongs.
    private func flowToPrevious(_ frame: HeldFrame) -> Int { flowsPerFrame * frame.picture + 1 }

    private func estimateNextFlow(_ index: Int) throws {
        guard !held[index].hasNextFlow else { return }
        try executor.estimateFlow(
            reference: held[index].picture, supporting: held[index + 1].picture,
            flow: flowToNext(held[index]))
        held[index].hasNextFlow = true
    }

    private func estimatePreviousFlow(_ index: Int) throws {
        guard !held[index].hasPreviousFlow,
            let earlier = index > 0 ? held[index - 1] : previous
        else { return }
        try executor.estimateFlow(
            reference: held[index].picture, supporting: earlier.picture,
            flow: flowToPrevious(held[index]))
        held[index].hasPreviousFlow = true
    }

    /// Forgets the window's frames but the last, from which a flow may still be needed.
    private func retireWindow() {
        if let previous { freePictures.append(previous.picture) }
        for frame in held[..<(windowEnd - 1)] { freePictures.append(frame.picture) }
        previous = held[windowEnd - 1]
        held.removeFirst(windowEnd)
        foreseen -= windowEnd
        position = 0
        windowEnd = 0
    }
}
