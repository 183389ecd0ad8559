import VSRCore

/// The baseline: bicubic interpolation of 8-bit values as MATLAB's `imresize` does it.
public final class BicubicUpscaler: PictureUpscaling {
    public let scale: Int
    private var clipSize: FrameSize?
    private var readyFrame: Frame?

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
        return [try Self.upscaled(frame, scale: scale)]
    }

    public func finish() throws -> [Frame] {
        clipSize = nil
        return []
    }

    public var readyFrames: Int { readyFrame == nil ? 0 : 1 }

    public func push(_ picture: Picture) throws -> Int {
        readyFrame = try push(picture.frame).first
        return readyFrames
    }

    public func endClip() -> Int {
        clipSize = nil
        return 0
    }

    public func pull(filling blank: YUVPicture?) throws -> Picture {
        guard let frame = readyFrame else {
            throw VSRError(.invalidArgument, "no frame is ready to be pulled: push one first")
        }
        readyFrame = nil
        guard let blank else { return .rgb(frame) }
        try frame.write(to: blank)
        return .yuv(blank)
    }
}

extension Frame {
    /// Writes the frame into a picture that an encoder is to be given.
    ///
    /// - Throws: `shapeMismatch` if the picture has another size.
    fileprivate func write(to picture: YUVPicture) throws {
        guard picture.size == size else {
            throw VSRError(
                .shapeMismatch, "the target is \(picture.size) where upscaled frames are \(size)")
        }
        let encoder = try YUVEncoder(size: size, format: picture.format)
        samples.withUnsafeBufferPointer {
            if let base = $0.baseAddress { encoder.encode(base, to: picture.writablePlanes) }
        }
    }
}
