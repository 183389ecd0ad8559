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
    public let plan: StreamPlan?

    public var log: ReadingLog? { events }

    public let holdsAlpha: Bool

    public let warnings: [String]

    /// Pictures that go to the encoder as they are.
    public let blankPictures: BlankPictures?

    private let events = ReadingLog()
    private let path: String
    private let size: FrameSize
    private let encoder: VideoEncoder
    private let muxer: Muxer
    private let copier: StreamCopier?
    private let filler: PictureFiller
    private let picture: AVFrameBox
    /// What is taken off all times, in ticks of the source.
    private let start: Int64
    private var lastTimestamp: Int64?
    private var lastEnd = 0.0
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
        try options.validate()
        guard size.width > 0, size.height > 0, size.width <= 16384, size.height <= 16384 else {
            throw VSRError(
                .invalidArgument,
                "cannot encode frames of \(size) into \(path): it takes 1 to 16384 pixels a side"
            )
        }
        self.path = path
        self.size = size
        let tags = source.color.forVideo(of: source.size)
        muxer = try Muxer(path)
        guard let codec = options.codec ?? muxer.container.usualCodec else {
            throw VSRError(.invalidArgument, "\(path) is written by GIFWriter")
        }
        encoder = try VideoEncoder(
            size: size, like: source, tags: tags, options: options,
            codec: codec,
            ordersByTime: !muxer.container.holdsVariableRates, needsHeader: muxer.needsHeader,
            name: path)
        holdsAlpha = encoder.format.hasAlpha
        warnings = encoder.warnings
        filler = try PictureFiller(
            size: size, depth: encoder.format.depth,
            factorX: encoder.format.subsampling.columns, factorY: encoder.format.subsampling.rows,
            tags: tags, name: path)
        picture = try encoder.pictures.make()
        blankPictures = BlankPictures(filler.format, encoder.pictures)
        let others = try Self.addStreams(
            to: muxer, encoder, size: size, like: source, options: options, log: events)
        plan = others.plan
        copier = others.copier
        start = others.start
        // Covers are the input's memory until the header is written.
        try withExtendedLifetime(others) { try muxer.start() }
    }

    /// What comes from the source's file besides the frames.
    private struct Others {
        var plan: StreamPlan?
        var copier: StreamCopier?
        var start: Int64 = 0
    }

    private static func addStreams(
        to muxer: Muxer, _ encoder: VideoEncoder, size: FrameSize, like source: VideoProperties,
        options: VideoWriterOptions, log: ReadingLog
    ) throws -> Others {
        guard let file = source.path, MediaInput.isReadTwice(file) else {
            try muxer.addVideo(encoder, like: source, size: size)
            guard source.path != nil, options.copiesOtherStreams else { return Others() }
            var plan = StreamPlan(container: muxer.container, streams: [])
            plan.isReadOnce = true
            if options.refusesLosses { try plan.requireEverything(into: muxer.path) }
            return Others(plan: plan)
        }
        let input = try MediaInput(file)
        try input.probe(maximumArea: VideoReaderOptions().maximumArea)
        let planner = StreamPlanner(
            container: muxer.container, codec: options.codec ?? muxer.container.usualCodec,
            wantsOthers: options.copiesOtherStreams)
        let plan = planner.plan(of: input)
        if options.refusesLosses { try plan.requireEverything(into: muxer.path) }
        let start = planner.removedStart(of: input)
        let copier = try StreamCopier(input, into: muxer, start: start, log: log)
        // In the order of the input; first where the input holds no video.
        let main = input.mainVideo
        if main == nil { try muxer.addVideo(encoder, like: source, size: size) }
        for entry in plan.streams {
            if entry.action == .upscale {
                try muxer.addVideo(
                    encoder, like: source, size: size, original: main,
                    constantRate: plan.constantRate)
            } else {
                try copier.add(entry)
            }
        }
        try muxer.describe(like: input, start: start)
        if !input.statesDispositions { muxer.chooseDefaults() }
        let ticks = start.map { av_rescale_q($0.ticks, $0.base.av, source.timeBase.av) }
        return Others(plan: plan, copier: copier, start: ticks ?? 0)
    }

    /// Streams of the source that are left out, as `stream 2 (hdmv_pgs_subtitle)`.
    public var droppedStreams: [String] {
        plan?.lost.map { "stream \($0.source.index) (\($0.source.codec))" } ?? []
    }

    /// - Throws: `shapeMismatch` for a frame of another size, `invalidArgument` for timestamps
    ///   that do not rise, `io` if the disk is full.
    public func write(_ frame: TimedFrame) throws {
        try accept(frame.frame.size, frame.timestamp, frame.duration)
        try LibAV.check(av_frame_make_writable(picture.pointer), "cannot encode \(path)")
        filler.fill(picture.pointer, with: frame.frame)
        if holdsAlpha { filler.fillAlpha(of: picture.pointer, with: frame.alpha) }
        try encoder.encode(
            picture.pointer, timestamp: frame.timestamp - start, duration: frame.duration, deliver)
    }

    /// - Throws: As ``write(_:)-(TimedFrame)``.
    public func write(_ picture: TimedPicture) throws {
        guard case .yuv(let planes) = picture.picture,
            let filled = blankPictures?.picture(of: planes)
        else { return try write(picture.frame) }
        try accept(planes.size, picture.timestamp, picture.duration)
        if holdsAlpha { filler.fillAlpha(of: filled, with: picture.alpha) }
        try encoder.encode(
            filled, timestamp: picture.timestamp - start, duration: picture.duration, deliver)
    }

    /// Checks what is to be written next.
    private func accept(_ size: FrameSize, _ timestamp: Int64, _ duration: Int64) throws {
        guard isOpen else {
            throw VSRError(.invalidArgument, "\(path) is finished: no more frames can be added")
        }
        guard size == self.size else {
            throw VSRError(.shapeMismatch, "a frame for \(path) is \(size), expected \(self.size)")
        }
        if let last = lastTimestamp, timestamp <= last {
            throw VSRError(
                .invalidArgument,
                "timestamp \(timestamp) for \(path) does not follow \(last): they must rise")
        }
        lastTimestamp = timestamp
        lastEnd = Double(timestamp - start + encoder.shown(duration)) * encoder.timeBase.value
    }

    public func endOtherStreams() { endsOthers = true }

    public func finish() throws {
        guard isOpen else { return }
        isOpen = false
        do {
            try encoder.flush(deliver)
            // A stream may go on until what is copied here has been heard.
            try copier?.copyRest(until: endsOthers ? lastEnd : .infinity)
            try muxer.finish()
        } catch {
            muxer.discard()
            throw error
        }
    }

    public func cancel() {
        guard isOpen else { return }
        isOpen = false
        muxer.discard()
    }

    deinit { cancel() }

    /// Muxes a packet of the encoder after the copied ones that come before it.
    private func deliver(_ packet: UnsafeMutablePointer<AVPacket>) throws {
        try copier?.copy(until: Double(packet.pointee.dts) * encoder.timeBase.value)
        try muxer.write(packet, stream: muxer.video, timeBase: encoder.timeBase)
    }
}
