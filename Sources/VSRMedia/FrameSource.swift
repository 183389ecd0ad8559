import VSRCore
import VSRImaging

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

/// A picture as its file holds it, and when it is shown.
public struct TimedPicture: Sendable {
    public var picture: Picture

    /// In ticks of the source's time base.
    public var timestamp: Int64

    /// In ticks of the source's time base; 0 if unknown.
    public var duration: Int64

    public init(_ picture: Picture, timestamp: Int64, duration: Int64 = 0) {
        self.picture = picture
        self.timestamp = timestamp
        self.duration = duration
    }

    /// The same in RGB.
    public var frame: TimedFrame {
        TimedFrame(picture.frame, timestamp: timestamp, duration: duration)
    }
}

/// Where frames come from: a video, a folder of pictures, a renderer.
///
/// Used by one thread at a time.
public protocol FrameSource: AnyObject {
    var properties: VideoProperties { get }

    /// The next frame, `nil` after the last; all have ``VideoProperties/size``.
    func next() throws -> TimedFrame?

    /// The next frame as the source holds it: a video's planes of luma and color differences.
    func nextPicture() throws -> TimedPicture?
}

/// Where frames go to: a video, a picture or a folder of pictures.
///
/// Used by one thread at a time.
public protocol FrameSink: AnyObject {
    /// Makes the pictures that the sink's encoder takes as they are; `nil` where it takes RGB.
    var blankPictures: BlankPictures? { get }

    /// Streams of the source that the sink cannot hold, as `stream 2 (hdmv_pgs_subtitle)`.
    var droppedStreams: [String] { get }

    func write(_ frame: TimedFrame) throws

    /// Writes a frame in whatever form; one of ``blankPictures`` goes to the encoder uncopied.
    func write(_ picture: TimedPicture) throws

    /// Makes the output appear. A sink that is let go unfinished leaves nothing behind.
    func finish() throws

    /// Drops the output; harmless after ``finish()``.
    func cancel()
}

extension FrameSource {
    public func nextPicture() throws -> TimedPicture? {
        try next().map {
            TimedPicture(.rgb($0.frame), timestamp: $0.timestamp, duration: $0.duration)
        }
    }

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

extension FrameSink {
    public var blankPictures: BlankPictures? { nil }

    public var droppedStreams: [String] { [] }

    public func write(_ picture: TimedPicture) throws { try write(picture.frame) }
}
