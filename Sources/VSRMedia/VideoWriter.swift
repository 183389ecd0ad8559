import CLibAV
import VSRCore
import VSRImaging

/// Encodes frames into a video file that appears whole or not at all.
///
/// Timestamps (variable rates too), color tags, sample aspect ratio, rotation and HDR metadata are
/// those of the source, color samples, bits and alpha too, as far as the codec has them; what else
/// its file holds is taken over as ``plan`` says. Where the source left matrix or range open, those
/// used to read it are written. Frames of odd width or height are written as 4:4:4 or 4:2:2 by codecs
/// whose 4:2:0 holds even sizes only.
public final class VideoWriter: FrameSink {
    /// What becomes of the streams of the source's file; `nil` where there is no such file.
    public var plan: StreamPlan? { assembly.plan }

    public var log: ReadingLog? { events }

    public var holdsAlpha: Bool { frames.holdsAlpha }

    public var warnings: [String] { frames.warnings }

    /// Pictures that go to the encoder as they are.
    public var blankPictures: BlankPictures? { frames.blankPictures }

    private let events = ReadingLog()
    private let path: String
    private let frames: FrameEncoder
    private let assembly: VideoAssembly
    private var endsOthers = false
    private var isOpen = true

    /// Opens the encoder and a temporary neighbor of `path`.
    ///
    /// - Parameters:
    ///   - size: Size of the frames to come.
    ///   - source: Properties of the video that the frames were made from.
    /// - Throws: `invalidArgument` for options and extensions that are not known, `unsupported`
    ///   without the encoder, `io` if the file cannot be written.
    public init(
        _ path: String, size: FrameSize, like source: VideoProperties,
        options: VideoWriterOptions = VideoWriterOptions()
    ) throws {
        self.path = path
        let muxer = try Muxer(path)
        frames = try FrameEncoder(
            path, size: size, like: source, options: options,
            codec: try muxer.container.codec(options, path),
            ordersByTime: !muxer.container.holdsVariableRates, needsHeader: muxer.needsHeader)
        assembly = try VideoAssembly(
            muxer, frames.encoder, size: size, like: source, options: options, log: events)
        frames.start = assembly.start
    }

    /// Streams of the source that are left out, as `stream 2 (hdmv_pgs_subtitle)`.
    public var droppedStreams: [String] { plan?.dropped ?? [] }

    /// - Throws: `shapeMismatch` for a frame of another size, `invalidArgument` for timestamps
    ///   that do not rise, `io` if the disk is full.
    public func write(_ frame: TimedFrame) throws {
        try checkOpen()
        try frames.write(frame, assembly.deliver)
    }

    /// - Throws: As ``write(_:)-(TimedFrame)``.
    public func write(_ picture: TimedPicture) throws {
        try checkOpen()
        try frames.write(picture, assembly.deliver)
    }

    private func checkOpen() throws {
        guard isOpen else {
            throw VSRError(.invalidArgument, "\(path) is finished: no more frames can be added")
        }
    }

    public func endOtherStreams() { endsOthers = true }

    public func finish() throws {
        guard isOpen else { return }
        isOpen = false
        do {
            try frames.encoder.flush(assembly.deliver)
        } catch {
            assembly.discard()
            throw error
        }
        try assembly.finish(copyingUntil: endsOthers ? frames.lastEnd : .infinity)
    }

    public func cancel() {
        guard isOpen else { return }
        isOpen = false
        assembly.discard()
    }

    deinit { cancel() }
}

extension StreamPlan {
    /// Streams that are left out, as `stream 2 (hdmv_pgs_subtitle)`.
    var dropped: [String] { lost.map { "stream \($0.source.index) (\($0.source.codec))" } }
}

extension Container {
    /// What frames are encoded as.
    ///
    /// - Throws: `invalidArgument` where the container has no codec of ``VideoCodec``.
    func codec(_ options: VideoWriterOptions, _ path: String) throws -> VideoCodec {
        guard let codec = options.codec ?? usualCodec else {
            throw VSRError(.invalidArgument, "\(path) is written by GIFWriter")
        }
        return codec
    }
}
