import Torch
import VSRCore
import VSRModel

extension AssembledNetwork {
    /// Frame `index` of a clip `[1, T, 3, H, W]`, upscaled from its hidden states.
    ///
    /// - Parameter states: Those of ``hiddenStates(of:flows:from:)``.
    public func frame(
        _ index: Int, of clip: Tensor, states: [Blueprint.Branch: [Tensor]], isChannelsLast: Bool
    ) throws -> Frame {
        let picture = try clip.selected(index, along: 1)
        let own = try blueprint.branches.map { branch in
            guard let state = states[branch]?[index] else {
                throw VSRError(
                    .invalidArgument,
                    "the states given are not those of this network: the \(branch.rawValue) branch "
                        + "has none")
            }
            return state
        }
        let output = try upsampler(
            frames: isChannelsLast ? picture.contiguous(.channelsLast) : picture,
            hidden: Self.together(own, along: 1))
        let shape = output.shape
        return Frame(
            size: FrameSize(width: shape[3], height: shape[2]), samples: try output.floats())
    }
}
