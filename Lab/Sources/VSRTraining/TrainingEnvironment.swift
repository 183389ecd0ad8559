import Torch
import VSRCore

/// What surrounds a training run: the device, who listens, and how it is stopped.
public struct TrainingEnvironment: Sendable {
    public var device: Device
    /// Whether to go on from the run's newest checkpoint; without any, it starts from the beginning.
    public var isResuming: Bool
    public var progress: ProgressHandler?
    /// Receives remarks, one sentence each.
    public var note: @Sendable (String) -> Void
    /// Requested, the run ends after the iteration in hand, with a checkpoint.
    public var cancellation: Cancellation

    public init(
        device: Device = .cpu, isResuming: Bool = false, progress: ProgressHandler? = nil,
        note: @escaping @Sendable (String) -> Void = { _ in },
        cancellation: Cancellation = Cancellation()
    ) {
        self.device = device
        self.isResuming = isResuming
        self.progress = progress
        self.note = note
        self.cancellation = cancellation
    }
}
