import VSRConfiguration
import VSRCore

/// How the flow network learns while a network is pretrained.
public struct FlowSettings: Configuration, Equatable {
    /// Iterations for which pretrained flow weights stay as they are.
    public var frozenIterations = 5000
    /// What the rate is multiplied by for pretrained flow weights.
    public var rateFactor = 0.125
    /// Weight of the photometric loss: how far frames are from their neighbors, warped by flow.
    ///
    /// It helps a flow network that starts from nothing.
    public var photometricWeight = 0.0

    public init() {}

    public func validate() throws {
        try InvalidSetting.require(
            frozenIterations >= 0, "frozenIterations", frozenIterations, "at least 0")
        try InvalidSetting.require(rateFactor >= 0, "rateFactor", rateFactor, "at least 0")
        try InvalidSetting.require(
            photometricWeight >= 0, "photometricWeight", photometricWeight, "at least 0")
    }
}
