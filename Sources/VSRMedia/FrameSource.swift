import VSRCore

/// A frame and when it is shown.
public struct TimedFrame: Sendable {
    public var frame: Frame

    /// In ticks of the source's time base.
    public var timestamp: Int64

    /// In ticks of the source's time base; 0 if unknown.
    public var duration: Int64

    public init(_ frame: Frame, timestamp: Int64, duration: Int64 = 0) {
        self.frame = frame
        self.timestamp = timestamp
        self.duration = duration
    }
}

/// Where frames come from: a video, a folder of pictures, a renderer.
///
/// Used by one thread at a time.
public protocol FrameSource: AnyObject {
    var properties: VideoProperties { get }

    /// The next frame, `nil` after the last; all have ``VideoProperties/size``.
    func next() throws -> TimedFrame?
}

/// Where frames go to: a video or a folder of pictures.
///
/// Used by one thread at a time.
public protocol FrameSink: AnyObject {
    func write(_ frame: TimedFrame) throws

    /// Makes the output appear. A sink that is let go unfinished leaves nothing behind.
    func finish() throws

    /// Drops the output; harmless after ``finish()``.
    func cancel()
}

extension FrameSource {
    /// All remaining frames, without their times.
    public func frames() throws -> [Frame] {
        var frames: [Frame] = []
        while let next = try next() { frames.append(next.frame) }
        return frames
    }

    /// All remaining frames rounded to 8 bits.
    public func byteFrames() throws -> [ByteFrame] {
        var frames: [ByteFrame] = []
        while let next = try next() { frames.append(ByteFrame(rounding: next.frame)) }
        return frames
    }
}
