import VSRCore
import VSRModel

/// Window by window: backward states of a window and its look-ahead, then forward states and
/// pictures of the window as they are pulled; a whole clip is one window.
///
/// Forward states are carried from window to window, so only the backward ones know of seams.
///
/// Held at a time, per frame of the window: picture, two flows, and the backward state, which is
/// needed when the forward pass comes to its frame. Forward states take one slot.
final class BidirectionalRecurrence: Recurrence {
    /// A frame of the clip that is still needed.
    private struct HeldFrame {
        let picture: Int
        /// Whether the flows to the next and to the previous frame are in their slots.
        var hasNextFlow = false
        var hasPreviousFlow = false
    }

    private let executor: any NetworkExecutor
    private let forwardGuard: StabilityGuard?
    private let backwardGuard: StabilityGuard?
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
    private var hasForwardState = false
    /// The slots of the states at the frame pulled last, backward and forward.
    private var states = [Slot.firstKept, Slot.forward]

    var ready: Int { windowEnd - position }

    var shownStates: [Int]? { hasForwardState ? states : nil }

    init(executor: any NetworkExecutor, options: UpscalerOptions) throws {
        self.executor = executor
        windowLength = options.windowLength
        lookAhead = options.lookAhead
        cancellation = options.cancellation
        progress = options.progress
        let isGuarded = options.guardsStability
        forwardGuard = isGuarded ? try StabilityGuard(.forward, executor: executor) : nil
        backwardGuard = isGuarded ? try StabilityGuard(.backward, executor: executor) : nil
        try executor.reserve(pictures: 0, flows: 0, states: Slot.firstKept)
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
        try stepForward()
        states[0] = Slot.firstKept + position
        try executor.upsample(picture: held[position].picture, states: states, into: target)
        position += 1
        if position == windowEnd { retireWindow() }
    }

    /// Slots of hidden states: one for forward steps, one for backward steps of the look-ahead,
    /// then one for each frame of a window.
    private enum Slot {
        static let forward = 0
        static let ahead = 1
        static let firstKept = 2

        static func toNext(_ frame: HeldFrame) -> Int { 2 * frame.picture }
        static func toPrevious(_ frame: HeldFrame) -> Int { 2 * frame.picture + 1 }
    }

    private func takePictureSlot() throws -> Int {
        if let slot = freePictures.popLast() { return slot }
        try executor.reserve(
            pictures: pictureSlots + 1, flows: 2 * (pictureSlots + 1), states: Slot.firstKept)
        pictureSlots += 1
        return pictureSlots - 1
    }

    /// Computes the backward states of all held frames and keeps those of the first `length`.
    private func startWindow(length: Int) throws {
        try executor.reserve(
            pictures: pictureSlots, flows: 2 * pictureSlots, states: Slot.firstKept + length)
        func slot(_ index: Int) -> Int {
            index < length ? Slot.firstKept + index : Slot.ahead
        }
        // A backward branch begins anew in each window: only long ones can drift.
        let stability = held.count >= StabilityGuard.shortestBranch ? backwardGuard : nil
        stability?.reset()
        for index in held.indices.reversed() {
            try cancellation?.check()
            var origin: StateOrigin?
            if index + 1 < held.count {
                // Both directions at once, while the two pictures' pyramids are at hand.
                try estimateNextFlow(index)
                if index < length { try estimatePreviousFlow(index + 1) }
                origin = StateOrigin(state: slot(index + 1), flow: Slot.toNext(held[index]))
            }
            if let stability {
                origin = try stability.origin(
                    picture: held[index].picture, origin, scratch: Slot.ahead)
            }
            try executor.propagate(
                .backward, picture: held[index].picture, from: origin, state: slot(index))
            // Of frames ahead the scratch slot holds the state itself: they are few.
            if index < length {
                try stability?.renew(picture: held[index].picture, state: slot(index)) {
                    Slot.ahead
                }
            }
            progress?(
                ProgressUpdate(
                    "backward pass", completed: held.count - index, total: held.count))
        }
        windowEnd = length
    }

    /// Brings the forward state to the next frame.
    private func stepForward() throws {
        var origin: StateOrigin?
        if hasForwardState {
            try estimatePreviousFlow(position)
            origin = StateOrigin(state: Slot.forward, flow: Slot.toPrevious(held[position]))
        }
        if let forwardGuard {
            origin = try forwardGuard.origin(
                picture: held[position].picture, origin, scratch: Slot.forward)
        }
        try executor.propagate(
            .forward, picture: held[position].picture, from: origin, state: Slot.forward)
        try forwardGuard?.renew(picture: held[position].picture, state: Slot.forward) {
            Slot.ahead
        }
        hasForwardState = true
    }

    private func estimateNextFlow(_ index: Int) throws {
        guard !held[index].hasNextFlow else { return }
        try executor.estimateFlow(
            reference: held[index].picture, supporting: held[index + 1].picture,
            flow: Slot.toNext(held[index]))
        held[index].hasNextFlow = true
    }

    private func estimatePreviousFlow(_ index: Int) throws {
        guard !held[index].hasPreviousFlow,
            let earlier = index > 0 ? held[index - 1] : previous
        else { return }
        try executor.estimateFlow(
            reference: held[index].picture, supporting: earlier.picture,
            flow: Slot.toPrevious(held[index]))
        held[index].hasPreviousFlow = true
    }

    /// Forgets the window's frames but the last, from which a flow may still be needed.
    private func retireWindow() {
        if let previous { freePictures.append(previous.picture) }
        for frame in held[..<(windowEnd - 1)] { freePictures.append(frame.picture) }
        previous = held[windowEnd - 1]
        held.removeFirst(windowEnd)
        position = 0
        windowEnd = 0
    }
}
