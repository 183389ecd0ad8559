import VSRCore

/// The baseline: bicubic interpolation of 8-bit values as MATLAB's `imresize` does it.
public final class BicubicUpscaler: PictureUpscaling {
    public let scale: Int
    /// Whether samples are rounded to 8 bits before and after, as evaluations do it; off keeps what
    /// pictures of more bits have.
    public var roundsToBytes = true
    private var clipSize: FrameSize?
    private var readyFrame: Frame?
    private var codecs = YUVCodecs()
    private var isReplaying = false

    /// - Throws: `invalidArgument` if `scale` is not in `1...16`.
    public init(scale: Int) throws {
        guard (1...16).contains(scale) else {
            throw VSRError(
                .invalidArgument, "cannot upscale by \(scale): the scale must be in 1...16")
        }
        self.scale = scale
    }

    /// The frame `scale` times as large; samples are rounded to 8 bits before and after.
    public static func upscaled(_ frame: Frame, scale: Int) throws -> Frame {
        try ByteFrame(rounding: frame).resized(by: scale).frame
    }

    public func push(_ frame: Frame) throws -> [Frame] {
        if let clipSize, clipSize != frame.size {
            throw VSRError(
                .shapeMismatch,
                "a frame of \(frame.size) follows frames of \(clipSize): "
                    + "all frames of a clip must have one size")
        }
        clipSize = frame.size
        return [
            roundsToBytes
                ? try Self.upscaled(frame, scale: scale) : try frame.resized(by: scale)
        ]
    }

    public func finish() throws -> [Frame] {
        clipSize = nil
        return []
    }

    public var readyFrames: Int { readyFrame == nil ? 0 : 1 }

    public func push(_ picture: Picture) throws -> Int {
        if isReplaying {
            readyFrame = Frame(size: picture.size)
            return 1
        }
        readyFrame = try push(codecs.frame(picture)).first
        return readyFrames
    }

    public func endClip() -> Int {
        clipSize = nil
        return 0
    }

    /// The next frame in RGB: it is left to the writer, which has its own thread, to fill a picture.
    public func pull(filling blank: YUVPicture?) throws -> Picture {
        guard let frame = readyFrame else {
            throw VSRError(.invalidArgument, "no frame is ready to be pulled: push one first")
        }
        readyFrame = nil
        if isReplaying { return .rgb(frame) }
        if let blank, blank.size != frame.size {
            throw VSRError(
                .shapeMismatch,
                "the target is \(blank.size) where upscaled frames are \(frame.size)")
        }
        return .rgb(frame)
    }

    /// None: frames do not depend on others.
    public func carriedStates() -> CarriedStates? { readyFrames == 0 ? CarriedStates() : nil }

    public func beginReplay() { isReplaying = true }

    public func endReplay(with states: CarriedStates) { isReplaying = false }
}
