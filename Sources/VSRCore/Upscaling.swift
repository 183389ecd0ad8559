/// Anything that turns a stream of low-resolution frames into high-resolution ones: the runtime's
/// executors, a Torch network in training, bicubic interpolation.
///
/// Evaluation knows only this.
public protocol Upscaling: AnyObject {
    /// Output pixels per input pixel along each axis.
    var scale: Int { get }

    /// How numbers are computed, where that is chosen by processor and options; `nil` elsewhere.
    var arithmetic: UpscalingArithmetic? { get }

    /// How clips are taken by what looks ahead: `whole`, or `windows of …`; `nil` elsewhere.
    var clipWindow: String? { get }

    /// The same for a clip of that many frames; `nil` also where windows are so long that the first
    /// one held them all, and no frame is other than in a whole clip.
    func clipWindow(ofFrames count: Int) -> String?

    /// Takes the clip's next frame and returns the output frames that became ready, in order.
    ///
    /// Online networks return one frame at once; bidirectional ones hold frames back.
    /// - Throws: `shapeMismatch` if the size differs from the clip's first frame.
    func push(_ frame: Frame) throws -> [Frame]

    /// Ends the clip: returns the frames still held back and forgets all state, so that the next
    /// `push` starts a new clip (of any size).
    ///
    /// Nothing is left to be pulled, where the `endClip` of picture upscalers only says how much is.
    func finish() throws -> [Frame]

    /// Ends the clip as ``finish()`` does, but hands over the frames one by one as they are made,
    /// so that not all of them are in memory.
    func finish(_ take: (Frame) throws -> Void) throws

    /// Whether a clip of that many frames fits into memory where all are held at once.
    ///
    /// - Parameter callerBytes: What the caller holds for each frame until it comes out.
    /// - Throws: `outOfMemory` naming what it takes and what there is.
    func checkMemory(frames: Int, of size: FrameSize, callerBytes: Int) throws
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

    public var clipWindow: String? { nil }

    public func clipWindow(ofFrames count: Int) -> String? { clipWindow }

    public func finish(_ take: (Frame) throws -> Void) throws {
        for frame in try finish() { try take(frame) }
    }

    public func checkMemory(frames: Int, of size: FrameSize, callerBytes: Int) throws {}

    /// The same where the caller holds nothing.
    public func checkMemory(frames: Int, of size: FrameSize) throws {
        try checkMemory(frames: frames, of: size, callerBytes: 0)
    }

    /// Upscales a whole clip; as many frames come out as went in.
    public func upscale(clip: [Frame]) throws -> [Frame] {
        var output: [Frame] = []
        for frame in clip { output += try push(frame) }
        return try output + finish()
    }
}
