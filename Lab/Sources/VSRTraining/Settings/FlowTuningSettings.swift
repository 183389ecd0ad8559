import VSRConfiguration
import VSRCore

/// How the flow network learns while a pruned network is finetuned.
///
/// Source: Xia et al., CVPR 2023, Sec. 4.1: it is frozen while factors are regularized only.
public struct FlowTuningSettings: Configuration, Equatable {
    /// Iterations for which the flow network stays as it is.
    public var frozenIterations = 0
    /// What the rate is multiplied by for the flow network; at 0 it stays as it is for good.
    public var rateFactor = 0.125
    /// Whether flows are those of whole frames, found once before training, in place of the crops'.
    ///
    /// For a flow network that stays as it is: ``rateFactor`` 0.
    public var wholeClips = false

    public init() {}

    /// Whether the flow network stays as it is for the update that follows `iteration` others.
    func isFrozen(at iteration: Int) -> Bool { rateFactor == 0 || iteration < frozenIterations }

    public func validate() throws {
        try InvalidSetting.require(
            frozenIterations >= 0, "frozenIterations", frozenIterations, "at least 0")
        try InvalidSetting.require(rateFactor >= 0, "rateFactor", rateFactor, "at least 0")
        try InvalidSetting.require(
            !wholeClips || rateFactor == 0, "rateFactor", rateFactor,
            "0 where wholeClips is true, because the flows are found once")
    }
}
