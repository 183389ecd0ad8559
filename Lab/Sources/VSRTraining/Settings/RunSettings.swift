import VSRConfiguration
import VSRCore
import VSRNetworks

/// What any training run needs besides network, data and optimizer.
public struct RunSettings: Configuration, Equatable {
    /// Seed of the initial weights and of the choice of samples.
    public var seed: UInt64 = 1
    /// CPU threads of the network; 0 takes all cores.
    public var threads = 0
    /// Iterations between two checkpoints.
    public var checkpointEvery = 500
    /// Checkpoints kept; the newest ones.
    public var checkpointsKept = 2
    /// Iterations between two lines of the log.
    public var logEvery = 20
    /// Iterations between two validations; 0 validates at the end only.
    public var validateEvery = 1000
    /// Convolutions in bfloat16 (`autocast`), where the device has instructions for it.
    public var bfloat16 = false
    /// 3×3 convolutions by Winograd's algorithm, on the CPU in single precision.
    public var winograd = true
    /// Pictures stored pixel by pixel rather than plane by plane.
    public var channelsLast = true

    /// How the stage's network and its teacher compute.
    var convolutions: ConvolutionMethod { winograd && !bfloat16 ? .winograd : .direct }

    /// More than any machine has cores.
    public static let maximumThreads = 1024

    public init() {}

    /// The part that must stay the same when a run is resumed.
    var identity: RunSettings {
        var settings = RunSettings()
        settings.seed = seed
        return settings
    }

    public func validate() throws {
        let limit = Self.maximumThreads
        try InvalidSetting.require(
            (0...limit).contains(threads), "threads", threads, "from 0 to \(limit)")
        try InvalidSetting.require(
            checkpointEvery > 0, "checkpointEvery", checkpointEvery, "positive")
        try InvalidSetting.require(
            checkpointsKept > 0, "checkpointsKept", checkpointsKept, "positive")
        try InvalidSetting.require(logEvery > 0, "logEvery", logEvery, "positive")
        try InvalidSetting.require(validateEvery >= 0, "validateEvery", validateEvery, "at least 0")
    }
}
