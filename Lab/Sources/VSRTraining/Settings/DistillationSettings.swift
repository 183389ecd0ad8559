import Torch
import VSRConfiguration
import VSRCore

/// What a pruned network learns from the frames and hidden states of its teacher, `temporal.teacher`.
///
/// True frames hold detail that no network can know, so that a small batch's gradient is mostly noise.
/// The teacher's frames are made from what the student sees, or little more. docs/study.md measures
/// it.
public struct DistillationSettings: Configuration, Equatable {
    /// Share of the reconstruction loss that compares with the teacher's frames in place of the true
    /// ones, 0…1.
    public var frameShare = 0.0
    /// How far frames are from the teacher's: `charbonnier`, as from the true ones, or `squared`, the
    /// mean squared difference, which is what PSNR measures.
    public var loss = FrameLoss.charbonnier
    /// Weight of the distance between the hidden states of all frames: the mean over frames of the
    /// mean absolute difference, summed over the branches.
    public var stateWeight = 0.0
    /// Whether the teacher's frames are made of whole clips, once, before training.
    ///
    /// A step then costs no more than one without teacher, unless its hidden states are compared
    /// too: those are found of each crop.
    public var wholeClips = false

    /// A distance between frames.
    public enum FrameLoss: String, Sendable, NamedChoice {
        case charbonnier
        case squared
    }

    public init() {}

    /// Whether the teacher is asked for more than its final states.
    public var isUsed: Bool { frameShare > 0 || stateWeight > 0 }

    public func validate() throws {
        try InvalidSetting.require(
            (0...1).contains(frameShare), "frameShare", frameShare, "from 0 to 1")
        try InvalidSetting.require(
            stateWeight >= 0 && stateWeight.isFinite, "stateWeight", stateWeight,
            "at least 0 and finite")
    }
}

extension DistillationSettings.FrameLoss {
    /// The distance of two batches of frames, a scalar.
    func measure(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        switch self {
        case .charbonnier: try Losses.charbonnier(a, b)
        case .squared: try Losses.meanSquaredDifference(a, b)
        }
    }
}
