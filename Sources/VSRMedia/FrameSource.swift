import VSRCore
import VSRImaging

/// A frame and when it is shown.
public struct TimedFrame: Sendable {
    public var frame: Frame

    /// In ticks of the source's time base.
    public var timestamp: Int64

    /// In ticks of the source's time base; 0 if unknown.
    public var duration: Int64

    /// How opaque the picture is; `nil` where it has no transparency.
    public var alpha: AlphaPlane?

    public init(
        _ frame: Frame, timestamp: Int64, duration: Int64 = 0, alpha: AlphaPlane? = nil
    ) {
        self.frame = frame
        self.timestamp = timestamp
        self.duration = duration
        self.alpha = alpha
    }
}

/// A picture as its file holds it, and when it is shown.
public struct TimedPicture: Sendable {
    public var picture: Picture

    /// In ticks of the source's time base.
    public var timestamp: Int64

    /// In ticks of the source's time base; 0 if unknown.
    public var duration: Int64

    /// How opaque the picture is; `nil` where it has no transparency.
    public var alpha: AlphaPlane?

    /// Which field comes first where the picture consists of two; `nil` if it is progressive.
    public var firstField: Field?

    /// Whether it has nothing to do with the picture before: networks are to forget what they saw.
    public var startsAnew = false

    /// One of the two halves of an interlaced picture: every other row, from the first or the
    /// second one on.
    public enum Field: Sendable {
        case top, bottom
    }

    public init(
        _ picture: Picture, timestamp: Int64, duration: Int64 = 0, alpha: AlphaPlane? = nil,
        firstField: Field? = nil
    ) {
        self.picture = picture
        self.timestamp = timestamp
        self.duration = duration
        self.alpha = alpha
        self.firstField = firstField
    }

    /// The same in RGB.
    public var frame: TimedFrame {
        TimedFrame(picture.frame, timestamp: timestamp, duration: duration, alpha: alpha)
    }
}

/// Where frames come from: a video, a folder of pictures, a renderer.
///
/// Used by one thread at a time.
public protocol FrameSource: AnyObject {
    var properties: VideoProperties { get }

    /// What befalls the source while it is read; `nil` where nothing can.
    var log: ReadingLog? { get }

    /// What users should know of before work begins: pictures that are missing, what is ignored.
    var warnings: [String] { get }

    /// Looks at what can be known of the first `count` frames, of all if `nil`, before any is worked
    /// on.
    ///
    /// - Throws: What reading them would throw later.
    func survey(first count: Int?) throws

    /// The next frame, `nil` after the last; all have ``VideoProperties/size``.
    func next() throws -> TimedFrame?

    /// The next frame as the source holds it: a video's planes of luma and color differences.
    func nextPicture() throws -> TimedPicture?

    /// Ends waiting for a pipe that gives nothing: what is asked next may fail.
    ///
    /// May be called by any thread.
    func stop()
}

/// Where frames go to: a video, a picture or a folder of pictures.
///
/// Used by one thread at a time.
public protocol FrameSink: AnyObject {
    /// Makes the pictures that the sink's encoder takes as they are; `nil` where it takes RGB.
    var blankPictures: BlankPictures? { get }

    /// Streams of the source that the sink cannot hold, as `stream 2 (hdmv_pgs_subtitle)`.
    var droppedStreams: [String] { get }

    /// What becomes of the streams of the source's file; `nil` for pictures.
    var plan: StreamPlan? { get }

    /// What befalls the copied streams; `nil` where there are none.
    var log: ReadingLog? { get }

    /// Whether ``TimedPicture/alpha`` is kept.
    var holdsAlpha: Bool { get }

    /// What is written otherwise than the source has it, a sentence each; more may come with the
    /// frames.
    var warnings: [String] { get }

    func write(_ frame: TimedFrame) throws

    /// Writes a frame in whatever form; one of ``blankPictures`` goes to the encoder uncopied.
    func write(_ picture: TimedPicture) throws

    /// Ends copied streams where the frames end, once the sink is finished.
    func endOtherStreams()

    /// Whether what was written before ``endPart(at:_:)`` outlives the process.
    var keepsParts: Bool { get }

    /// Ends a part of the output.
    ///
    /// - Parameters:
    ///   - place: Where the run has come to; all frames written so far are in the output.
    ///   - states: What frames to come depend on.
    func endPart(at place: UnfinishedOutput.Place, _ states: CarriedStates) throws

    /// Makes the output appear. A sink that is let go unfinished leaves nothing behind.
    func finish() throws

    /// Drops the output; harmless after ``finish()``.
    func cancel()
}

extension FrameSource {
    public var log: ReadingLog? { nil }

    public var warnings: [String] { [] }

    public func survey(first count: Int?) {}

    public func stop() {}

    public func nextPicture() throws -> TimedPicture? {
        try next().map {
            TimedPicture(
                .rgb($0.frame), timestamp: $0.timestamp, duration: $0.duration, alpha: $0.alpha)
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

    public var plan: StreamPlan? { nil }

    public var log: ReadingLog? { nil }

    public var holdsAlpha: Bool { false }

    public var warnings: [String] { [] }

    public func endOtherStreams() {}

    public var keepsParts: Bool { false }

    public func endPart(at place: UnfinishedOutput.Place, _ states: CarriedStates) throws {}

    public func write(_ picture: TimedPicture) throws { try write(picture.frame) }
}
