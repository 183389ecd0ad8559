import Torch
import VSRCore
import VSRModel

/// Frames around a clip, from which the states come that its branches begin with.
public struct FrameSurroundings {
    /// The frames before the clip, `[B, n, 3, H, W]`; `nil` for none, as ``after``.
    public var before: Tensor?
    /// The frames after the clip, `[B, m, 3, H, W]`.
    public var after: Tensor?

    public init(before: Tensor? = nil, after: Tensor? = nil) {
        self.before = before
        self.after = after
    }

    /// Those through which a branch comes to the clip.
    func frames(leading branch: Blueprint.Branch) -> Tensor? { branch.isCausal ? before : after }
}

extension AssembledNetwork {
    /// The flows through the frames around a clip, on each branch's way to it: `[B, n, 2, H, W]`.
    ///
    /// They are those that ``flows(of:)`` gives of the longer clip beyond the clip's own: the last
    /// one, for branches forward in time, leads from the clip's first frame to the one before it, the
    /// first one, for others, from the clip's last frame to the one after it.
    public func flows(
        around clip: Tensor, _ surroundings: FrameSurroundings
    ) throws -> [Blueprint.Branch: Tensor] {
        var result: [Blueprint.Branch: Tensor] = [:]
        for branch in blueprint.branches {
            guard let frames = surroundings.frames(leading: branch) else { continue }
            let same = result.keys.first { $0.isCausal == branch.isCausal }
            if let same {
                result[branch] = result[same]
                continue
            }
            let way = try branch.inTime(frames, then: clip)
            let count = frames.shape[1]
            let rows = [clip.shape[0] * count] + clip.shape[2...]
            let pair = branch.flowPair(
                earlier: try way.sliced(0..<count, along: 1).reshaped(rows),
                later: try way.sliced(1..<count + 1, along: 1).reshaped(rows))
            let flow = try flow(reference: pair.reference, supporting: pair.supporting)
            result[branch] = try flow.reshaped(
                [clip.shape[0], count, 2, clip.shape[3], clip.shape[4]])
        }
        return result
    }

    /// The states that branches come to a clip with, warped to the frame of it that they meet first,
    /// `[B, C, H, W]` each: what ``hiddenStates(of:flows:from:)`` begins with in place of zeros.
    ///
    /// The clip's states then are those of the longer clip. Branches without frames on their way are
    /// left out.
    ///
    /// - Parameter flows: Those of ``flows(around:_:)`` where they are known already.
    public func warmStates(
        around clip: Tensor, _ surroundings: FrameSurroundings,
        flows known: [Blueprint.Branch: Tensor]? = nil
    ) throws -> [Blueprint.Branch: Tensor] {
        let flows = try known ?? self.flows(around: clip, surroundings)
        var result: [Blueprint.Branch: Tensor] = [:]
        for branch in blueprint.branches {
            guard let frames = surroundings.frames(leading: branch), let all = flows[branch]
            else { continue }
            let count = frames.shape[1]
            // In the order of time the flow to the clip is the last or the first one.
            let (inner, border) =
                branch.isCausal ? (0..<count - 1, count - 1) : (1..<count, 0)
            let states = try propagated(
                frames, branch, count > 1 ? all.sliced(inner, along: 1) : nil)
            guard let last = branch.isCausal ? states.last : states.first else { continue }
            result[branch] = try warped(last, along: all.selected(border, along: 1))
        }
        return result
    }
}

extension Blueprint.Branch {
    /// Frames on the way to a clip and the frame of it that is met first, in the order of time.
    fileprivate func inTime(_ frames: Tensor, then clip: Tensor) throws -> Tensor {
        let count = clip.shape[1]
        return isCausal
            ? try Tensor.concatenated([frames, try clip.sliced(0..<1, along: 1)], along: 1)
            : try Tensor.concatenated(
                [try clip.sliced(count - 1..<count, along: 1), frames], along: 1)
    }
}
