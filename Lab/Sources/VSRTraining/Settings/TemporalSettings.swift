import VSRConfiguration
import VSRCore

/// The temporal finetuning loss.
///
/// Source: Xia et al., CVPR 2023, Sec. 3.2 (5).
public struct TemporalSettings: Configuration, Equatable {
    /// The dense network's model file; without one the pruned network learns from the true frames
    /// alone.
    public var teacher: String?
    /// Weight λ of the distance between final hidden states; docs/training.md measures it.
    public var weight = 0.1
    /// Whether the teacher is warmed up too, over the same `data.warmFrames`.
    ///
    /// Where not, it begins with the sample's first frame, which is cheaper, and spares the teacher
    /// the drift that the network is to learn to do without.
    public var warmTeacher = true

    public init() {}

    public func validate() throws {
        try InvalidSetting.require(weight >= 0, "weight", weight, "at least 0")
    }
}
