import Torch
import VSRCore
import VSRTools

/// What surrounds a training run: the device, who listens, and how it is stopped.
public struct TrainingEnvironment: Sendable {
    public var device: Device
    /// Whether to go on from the run's newest checkpoint; without any, it starts from the beginning.
    public var isResuming: Bool
    /// Whether the setting `run.bfloat16` is followed.
    ///
    /// Where it is not, the run computes in single precision and says so. By default the device
    /// decides: ``Device/hasBFloat16``.
    public var hasBFloat16: Bool
    public var progress: ProgressHandler?
    /// Receives remarks, one sentence each.
    public var note: @Sendable (String) -> Void
    /// Requested, the run ends after the iteration in hand, with a checkpoint.
    public var cancellation: Cancellation
    /// Where frames and flows of whole clips are kept between runs.
    public var clipCache = UserCache.folder.appendingPathComponent("clips").path

    public init(
        device: Device = .cpu, isResuming: Bool = false, hasBFloat16: Bool? = nil,
        progress: ProgressHandler? = nil,
        note: @escaping @Sendable (String) -> Void = { _ in },
        cancellation: Cancellation = Cancellation()
    ) {
        self.device = device
        self.isResuming = isResuming
        self.hasBFloat16 = hasBFloat16 ?? device.hasBFloat16
        self.progress = progress
        self.note = note
        self.cancellation = cancellation
    }
}
