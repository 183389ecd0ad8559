/// Anything that turns a stream of low-resolution frames into high-resolution ones: the runtime's
/// executors, a Torch network in training, bicubic interpolation.
///
/// Evaluation knows only this.
public protocol Upscaling: AnyObject {
    /// Output pixels per input pixel along each axis.
    var scale: Int { get }

    /// How numbers are computed, where that is chosen by processor and options; `nil` elsewhere.
    var arithmetic: UpscalingArithmetic? { get }

    /// Takes the clip's next frame and returns the output frames that became ready, in order.
    ///
    /// Online networks return one frame at once; bidirectional ones hold frames back.
    /// - Throws: `shapeMismatch` if the size differs from the clip's first frame.
    func push(_ frame: Frame) throws -> [Frame]

    /// Ends the clip: returns the frames still held back and forgets all state, so that the next
    /// `push` starts a new clip (of any size).
    func finish() throws -> [Frame]
}

/// How an upscaler computes, in words for records of what was measured.
public struct UpscalingArithmetic: Sendable, Hashable {
    /// `fp32` or `bf16`.
    public var precision: String
    /// `avx512`, for example, or `c`.
    public var instructionSet: String

    public init(precision: String, instructionSet: String) {
        self.precision = precision
        self.instructionSet = instructionSet
    }
}

extension Upscaling {
    public var arithmetic: UpscalingArithmetic? { nil }

    /// Upscales a whole clip; as many frames come out as went in.
    public func upscale(clip: [Frame]) throws -> [Frame] {
        var output: [Frame] = []
        for frame in clip { output += try push(frame) }
        return try output + finish()
    }
}
