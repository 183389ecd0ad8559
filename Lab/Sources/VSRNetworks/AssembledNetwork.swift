import Torch
import VSRCore
import VSRModel

/// A network ready to run on clips.
public struct AssembledNetwork {
    public let blueprint: Blueprint
    let flow: SPyNet
    let trunks: [Blueprint.Branch: Trunk]
    let upsampler: Upsampler
    let device: Device

    /// What a network makes of a clip.
    public struct Output {
        /// Upscaled frames `[B, T, 3, sH, sW]`.
        public var frames: Tensor
        /// Each branch's hidden states, frame by frame, `[B, C, H, W]`.
        public var hidden: [Blueprint.Branch: [Tensor]]

        /// The state that each branch ends with, after all frames.
        public func finalState(_ branch: Blueprint.Branch) -> Tensor? {
            AssembledNetwork.finalState(branch, of: hidden)
        }
    }

    /// The state that a branch ends with, of its states in frame order.
    public static func finalState(
        _ branch: Blueprint.Branch, of hidden: [Blueprint.Branch: [Tensor]]
    ) -> Tensor? {
        guard let states = hidden[branch], let last = branch.order(of: states.count).last else {
            return nil
        }
        return states[last]
    }

    /// Upscales clips `[B, T, 3, H, W]` in `0...1`.
    ///
    /// - Parameters:
    ///   - flows: The clip's flows where they are known already, from ``flows(of:)``.
    ///   - starts: What branches begin with, from ``warmStates(around:_:flows:)``; zeros for those that
    ///     are not there.
    public func callAsFunction(
        _ clip: Tensor, flows known: [Blueprint.Branch: Tensor]? = nil,
        from starts: [Blueprint.Branch: Tensor] = [:]
    ) throws -> Output {
        let hidden = try hiddenStates(of: clip, flows: known, from: starts)
        let shape = clip.shape
        let (batch, count) = (shape[0], shape[1])
        let states = try blueprint.branches.map { branch in
            try Tensor.stacked(hidden[branch] ?? [], along: 1)
        }
        // One call for all frames: the upsampler's convolutions then fill all cores.
        let together = try Self.together(states, along: 2)
        let frames = try upsampler(
            frames: clip.reshaped([batch * count] + shape[2...]),
            hidden: together.reshaped(
                [batch * count, together.shape[2]] + shape[3...]))
        return Output(
            frames: try frames.reshaped([batch, count] + frames.shape[1...]), hidden: hidden)
    }

    /// Tensors of all branches as one, in the order given; no copy where there is one branch.
    static func together(_ tensors: [Tensor], along axis: Int) throws -> Tensor {
        tensors.count == 1 ? tensors[0] : try Tensor.concatenated(tensors, along: axis)
    }

    /// Each branch's hidden states in frame order, `[B, C, H, W]` each, without upsampling.
    public func hiddenStates(
        of clip: Tensor, flows known: [Blueprint.Branch: Tensor]? = nil,
        from starts: [Blueprint.Branch: Tensor] = [:]
    ) throws -> [Blueprint.Branch: [Tensor]] {
        let flows = try known ?? self.flows(of: clip)
        var hidden: [Blueprint.Branch: [Tensor]] = [:]
        for branch in blueprint.branches {
            guard flows[branch] != nil || clip.shape[1] < 2 else {
                throw VSRError(
                    .invalidArgument,
                    "the flows given are not those of this network: the \(branch.rawValue) branch "
                        + "has none")
            }
            hidden[branch] = try propagated(clip, branch, flows[branch], from: starts[branch])
        }
        return hidden
    }

    /// The flows along which each branch warps its hidden state, `[B, T − 1, 2, H, W]`.
    ///
    /// Entry i leads from the reference to the supporting frame of frames i and i + 1, as
    /// `Branch.flowPair(earlier:later:)` says: for branches forward in time from frame i + 1 to frame
    /// i, for others from frame i to frame i + 1. All come from one call of the flow network.
    public func flows(of clip: Tensor) throws -> [Blueprint.Branch: Tensor] {
        let shape = clip.shape
        let pairs = shape[1] - 1
        guard pairs > 0 else { return [:] }
        let rows = shape[0] * pairs
        let earlier = try clip.sliced(0..<pairs, along: 1)
            .reshaped([rows] + shape[2...])
        let later = try clip.sliced(1..<pairs + 1, along: 1)
            .reshaped([rows] + shape[2...])
        // Branches that go the same way share theirs. The order decides how the sums of gradients
        // round.
        let branches = Array(blueprint.branches.reversed())
        let ways = branches.filter { branch in
            branches.first { $0.isCausal == branch.isCausal } == branch
        }
        let ordered = ways.map { $0.flowPair(earlier: earlier, later: later) }
        let flows = try flow(
            reference: try Self.together(ordered.map(\.reference), along: 0),
            supporting: try Self.together(ordered.map(\.supporting), along: 0))
        var result: [Blueprint.Branch: Tensor] = [:]
        for (position, way) in ways.enumerated() {
            let own = try flows.sliced(position * rows..<(position + 1) * rows, along: 0)
                .reshaped([shape[0], pairs, 2] + shape[3...])
            for branch in blueprint.branches where branch.isCausal == way.isCausal {
                result[branch] = own
            }
        }
        return result
    }

    /// Flows between two neighboring frames `[1, 3, H, W]`, `[1, 2, H, W]` each: from the earlier one,
    /// which is then the reference, and from the later one.
    public func flows(
        from earlier: Tensor, to later: Tensor
    ) throws -> (fromEarlier: Tensor, fromLater: Tensor) {
        (
            try flow(reference: earlier, supporting: later),
            try flow(reference: later, supporting: earlier)
        )
    }

    /// The hidden states of one branch in frame order.
    ///
    /// - Parameter start: The state before, warped to the branch's first frame; `nil` for zeros.
    func propagated(
        _ clip: Tensor, _ branch: Blueprint.Branch, _ flows: Tensor?, from start: Tensor? = nil
    ) throws -> [Tensor] {
        var states: [Tensor] = []
        for index in branch.order(of: clip.shape[1]) {
            let frame = try clip.selected(index, along: 1)
            if states.isEmpty, let start {
                states.append(try advanced(branch, frame: frame, warped: start))
                continue
            }
            let flow =
                states.isEmpty
                ? nil : try flows?.selected(branch.flowIndex(at: index), along: 1)
            states.append(try advanced(branch, frame: frame, previous: states.last, flow: flow))
        }
        return branch.inFrameOrder(states)
    }

    /// A branch's next hidden state `[B, C, H, W]` for `frame` `[B, 3, H, W]`; `previous` and `flow`
    /// are `nil` at its first frame.
    func advanced(
        _ branch: Blueprint.Branch, frame: Tensor, previous: Tensor?, flow: Tensor?
    ) throws -> Tensor {
        let shape = frame.shape
        let warped: Tensor
        if let previous, let flow {
            warped = try self.warped(previous, along: flow)
        } else {
            warped = try Tensor.zeros(
                [shape[0], blueprint.width, shape[2], shape[3]], device: device)
        }
        return try advanced(branch, frame: frame, warped: warped)
    }

    /// A hidden state as a branch's next frame finds it.
    func warped(_ state: Tensor, along flow: Tensor) throws -> Tensor {
        try Warp.sample(state.to(.float32), along: flow, outside: .zeros)
    }

    private func advanced(
        _ branch: Blueprint.Branch, frame: Tensor, warped: Tensor
    ) throws -> Tensor {
        guard let trunk = trunks[branch] else {
            throw VSRError(.invalidArgument, "the network has no \(branch.rawValue) branch")
        }
        return try trunk(frame: frame, hidden: warped)
    }
}
