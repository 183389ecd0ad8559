import VSRCore
import VSRModel

extension ReferenceNetwork {
    /// Everything that a network computes for a clip.
    public struct ClipResult: Sendable {
        /// High-resolution frames.
        public var frames: [Frame]
        /// Hidden states `[C, height, width]` per branch and frame.
        public var states: [Blueprint.Branch: [FeatureMap]]
        public var flows: ClipFlows
    }

    /// Optical flows of a clip between neighbors, `count − 1` per branch that needs them.
    public struct ClipFlows: Sendable {
        /// At index t: from frame t to frame t + 1, which the backward branch needs.
        public var backward: [FeatureMap]
        /// At index t: from frame t + 1 to frame t, which the forward branch needs.
        public var forward: [FeatureMap]

        public init(backward: [FeatureMap], forward: [FeatureMap]) {
            self.backward = backward
            self.forward = forward
        }
    }

    /// The flows of a clip as the network's own flow network finds them.
    public func flows(of clip: [Frame]) throws -> ClipFlows {
        let pairs = Array(zip(clip, clip.dropFirst()))
        return ClipFlows(
            backward: blueprint.direction == .bidirectional
                ? try pairs.map { try flow(reference: $0, supporting: $1) } : [],
            forward: try pairs.map { try flow(reference: $1, supporting: $0) })
    }

    /// Upscales a whole clip.
    ///
    /// - Parameter flows: Taken in place of the flow network's, for comparisons in which flows are
    ///   to be identical.
    /// - Throws: `shapeMismatch` if frames or flows differ in size, `invalidArgument` if flows are
    ///   missing.
    public func run(_ clip: [Frame], flows given: ClipFlows? = nil) throws -> ClipResult {
        let flows = try given ?? flows(of: clip)
        let needed = max(0, clip.count - 1)
        let bidirectional = blueprint.direction == .bidirectional
        guard flows.forward.count == needed, !bidirectional || flows.backward.count == needed else {
            throw VSRError(
                .invalidArgument, "a clip of \(clip.count) frames needs \(needed) flows per branch")
        }
        var states: [Blueprint.Branch: [FeatureMap]] = [:]
        var previous: FeatureMap?
        states[.forward] = try clip.indices.map { t in
            let state = try hiddenState(
                .forward, frame: clip[t], previous: previous,
                flow: t > 0 ? flows.forward[t - 1] : nil)
            previous = state
            return state
        }
        if bidirectional {
            previous = nil
            states[.backward] = try clip.indices.reversed().map { t in
                let state = try hiddenState(
                    .backward, frame: clip[t], previous: previous,
                    flow: t < needed ? flows.backward[t] : nil)
                previous = state
                return state
            }.reversed()
        }
        let frames = try clip.indices.map { t in
            try upsampled(clip[t], states: blueprint.branches.compactMap { states[$0]?[t] })
        }
        return ClipResult(frames: frames, states: states, flows: flows)
    }
}
