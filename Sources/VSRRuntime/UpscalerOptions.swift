import Foundation
import VSRCore

/// How an ``Upscaler`` works; the defaults suit an application.
public struct UpscalerOptions: Sendable {
    /// Arithmetic of the convolutions' products; sums are always fp32.
    public enum Precision: String, Sendable, Codable, CaseIterable {
        /// bf16 where the model's metadata records a loss of at most 0.01 dB by it, else fp32.
        case auto
        case fp32
        /// Faster on processors with AVX-512 BF16, less exact; fp32 on all others.
        case bf16
    }

    /// What computes a network's steps: flow, warp, propagation, upsampling.
    public enum Executor: String, Sendable, Codable, CaseIterable {
        case tuned
        /// Plain C loops, a hundred times slower: what the tuned one is compared with.
        case reference
    }

    /// Threads of this upscaler, the caller's own among them; `nil` for one per core.
    public var threads: Int?
    public var precision = Precision.auto
    public var executor = Executor.tuned
    public var instructionSets = InstructionSets.all

    /// Frames that a bidirectional network hands out at a time; `nil` waits for the whole clip.
    ///
    /// Unidirectional networks hand out every frame at once and ignore this and ``lookAhead``.
    /// Memory grows by one hidden state per frame of the window. Forward states are carried from
    /// window to window exactly; backward ones start anew ``lookAhead`` frames after the window's
    /// end. So a clip of at most `windowLength + lookAhead` frames comes out as if processed whole,
    /// and in longer ones the last frames before a seam deviate a little, the less the longer
    /// the look-ahead.
    public var windowLength: Int? = 16

    /// Frames after a window that its backward states start from; they are computed twice.
    public var lookAhead = 8

    /// Bytes that a clip's frames and states may take: windows are made shorter than ``windowLength``
    /// and ``lookAhead``, in proportion, until they fit.
    ///
    /// Weights, the kernels' scratch and what the stability guard comes to hold are not counted. Whole
    /// clips are not cut into windows for its sake.
    public var memoryLimit: Int?

    /// Checked between steps; once requested, calls throw `cancelled` and the clip ends.
    public var cancellation: Cancellation?

    /// Told of a bidirectional network's steps from a window's last frame to its first, after which
    /// its frames come out.
    public var progress: ProgressHandler?

    /// Whether times per layer are recorded, at a small cost: see ``Upscaler/profile``.
    public var isProfiled = false

    /// Whether hidden states are kept from drifting where the picture stands still.
    ///
    /// Where nothing stands still it changes no bit.
    public var guardsStability = true

    /// Whether the size of hidden states is measured at each frame, at a small cost: see
    /// ``Upscaler/stateNorm``.
    public var measuresStates = false

    public init() {}

    /// - Throws: `invalidArgument` naming the option and the value found.
    func validate() throws {
        func require(_ condition: Bool, _ text: @autoclosure () -> String) throws {
            if !condition { throw VSRError(.invalidArgument, text()) }
        }
        try require(
            threads.map { (1...1024).contains($0) } ?? true,
            "option threads is \(threads ?? 0); it must be in 1...1024, or nothing for one per core"
        )
        try require(
            windowLength.map { $0 >= 1 } ?? true,
            "option windowLength is \(windowLength ?? 0); it must be at least 1, or nothing to wait"
                + " for the whole clip")
        try require(
            (0...1_000_000).contains(lookAhead) && (windowLength ?? 1) <= 1_000_000,
            "options windowLength and lookAhead are \(windowLength ?? 0) and \(lookAhead); both go up"
                + " to 1000000, and lookAhead from 0")
    }

    var effectiveThreads: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }
}
