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

    /// Optical flows of a clip between neighbors, `count − 1` for each branch: at
    /// `Branch.flowIndex(at: t)` from frame t to the branch's neighbor of t.
    public typealias ClipFlows = [Blueprint.Branch: [FeatureMap]]

    /// The flows of a clip as the network's own flow network finds them.
    public func flows(of clip: [Frame]) throws -> ClipFlows {
        var flows: ClipFlows = [:]
        for branch in blueprint.branches {
            flows[branch] = try zip(clip, clip.dropFirst()).map {
                let pair = branch.flowPair(earlier: $0, later: $1)
                return try flow(reference: pair.reference, supporting: pair.supporting)
            }
        }
        return flows
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
        guard blueprint.branches.allSatisfy({ flows[$0, default: []].count == needed }) else {
            throw VSRError(
                .invalidArgument, "a clip of \(clip.count) frames needs \(needed) flows per branch")
        }
        var states: [Blueprint.Branch: [FeatureMap]] = [:]
        for branch in blueprint.branches {
            states[branch] = try hiddenStates(branch, of: clip, along: flows[branch] ?? [])
        }
        let frames = try clip.indices.map { t in
            try upsampled(clip[t], states: blueprint.branches.compactMap { states[$0]?[t] })
        }
        return ClipResult(frames: frames, states: states, flows: flows)
    }

    /// The hidden states of one branch in frame order.
    private func hiddenStates(
        _ branch: Blueprint.Branch, of clip: [Frame], along flows: [FeatureMap]
    ) throws -> [FeatureMap] {
        var states: [FeatureMap] = []
        for t in branch.order(of: clip.count) {
            states.append(
                try hiddenState(
                    branch, frame: clip[t], previous: states.last,
                    flow: states.isEmpty ? nil : flows[branch.flowIndex(at: t)]))
        }
        return branch.inFrameOrder(states)
    }
}
