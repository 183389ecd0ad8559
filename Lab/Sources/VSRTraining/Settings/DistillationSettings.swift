import VSRConfiguration
import VSRCore

/// What a pruned network learns from the frames and states of its teacher, `temporal.teacher`,
/// beside the true frames and the final hidden states.
///
/// The true frames hold detail that no network can know, so that a small batch's gradient is mostly
/// noise; the teacher's are a function of the same input. docs/training.md measures both.
public struct DistillationSettings: Configuration, Equatable {
    /// Share of the reconstruction loss that compares with the teacher's frames in place of the true
    /// ones, 0…1.
    public var frameShare = 0.0
    /// Weight of the distance between the hidden states of all frames: the mean over frames of the
    /// mean absolute difference, summed over the branches.
    public var stateWeight = 0.0

    public init() {}

    /// Whether the teacher is asked for more than its final states.
    var isUsed: Bool { frameShare > 0 || stateWeight > 0 }

    public func validate() throws {
        try InvalidSetting.require(
            (0...1).contains(frameShare), "frameShare", frameShare, "from 0 to 1")
        try InvalidSetting.require(stateWeight >= 0, "stateWeight", stateWeight, "at least 0")
    }
}
