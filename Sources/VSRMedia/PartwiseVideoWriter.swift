import CLibAV
import VSRCore
import VSRImaging

/// Writes a video part by part, so that what is finished outlives the process; at the end all parts
/// become one file, which appears whole or not at all.
///
/// The encoder starts anew with each part, in every run: so a resumed run writes what an uninterrupted
/// one would have written.
public final class PartwiseVideoWriter: FrameSink {
    public let plan: StreamPlan?

    public var log: ReadingLog? { events }

    public var holdsAlpha: Bool { frames.holdsAlpha }

    public var warnings: [String] { frames.warnings }

    public var blankPictures: BlankPictures? { frames.blankPictures }

    public var keepsParts: Bool { true }

    private let path: String
    private let size: FrameSize
    private let source: VideoProperties
    private let options: VideoWriterOptions
    private let unfinished: UnfinishedOutput
    private let frames: FrameEncoder
    private let events = ReadingLog()
    private var part: PartInTheMaking?
    /// Whether frames of a part that is finished have gone into the encoder.
    private var isEncoderUsed = false
    private var endsOthers = false
    private var isOpen = true

    private struct PartInTheMaking {
        let muxer: Muxer
        var times = UnfinishedOutput.Times()
    }

    /// - Throws: As `VideoWriter`: what the file cannot hold shows now.
    public init(
        _ path: String, size: FrameSize, like source: VideoProperties,
        options: VideoWriterOptions = VideoWriterOptions(), parts unfinished: UnfinishedOutput
    ) throws {
        self.path = path
        self.size = size
        self.source = source
        self.options = options
        self.unfinished = unfinished
        let muxer = try Muxer(path)
        frames = try FrameEncoder(
            path, size: size, like: source, options: options,
            codec: try muxer.container.codec(options, path),
            ordersByTime: !muxer.container.holdsVariableRates, needsHeader: true)
        let trial = try VideoAssembly(
            muxer, frames.encoder, size: size, like: source, options: options, log: ReadingLog())
        trial.discard()
        plan = trial.plan
        frames.start = trial.start
    }

    public var droppedStreams: [String] { plan?.dropped ?? [] }

    public func write(_ frame: TimedFrame) throws {
        try beginPart()
        try frames.write(frame, deliver)
    }

    public func write(_ picture: TimedPicture) throws {
        try beginPart()
        try frames.write(picture, deliver)
    }

    private func beginPart() throws {
        guard isOpen else {
            throw VSRError(.invalidArgument, "\(path) is finished: no more frames can be added")
        }
        guard part == nil else { return }
        if isEncoderUsed { try frames.restart() }
        isEncoderUsed = true
        let muxer = try Muxer(try unfinished.nextPart())
        try muxer.addVideo(
            Muxer.Video(encoder: frames.encoder, source: source, size: size, header: nil))
        try muxer.start()
        part = PartInTheMaking(muxer: muxer)
    }

    private func deliver(_ packet: UnsafeMutablePointer<AVPacket>) throws {
        part?.times.starts.append(packet.pointee.pts)
        part?.times.durations.append(packet.pointee.duration)
        try part?.muxer.write(packet, stream: 0, timeBase: frames.encoder.timeBase)
    }

    public func endPart(at place: UnfinishedOutput.Place, _ states: CarriedStates) throws {
        guard isOpen, part != nil else { return }
        try frames.encoder.flush(deliver)
        guard let part else { return }
        self.part = nil
        try part.muxer.finish()
        try unfinished.add(part.times, at: place, states)
    }

    public func endOtherStreams() { endsOthers = true }

    /// Joins the parts; the frames of one that was not ended by ``endPart(at:_:)`` are refused.
    public func finish() throws {
        guard isOpen else { return }
        isOpen = false
        guard part == nil else {
            throw VSRError(.invalidArgument, "\(path): the last part was not ended")
        }
        guard let first = unfinished.parts.first else {
            throw VSRError(.invalidArgument, "\(path): there are no frames to be written")
        }
        let muxer = try Muxer(path)
        let read = try PartReader(first, in: unfinished, hasHeader: muxer.needsHeader).header
        // Matroska has headers of its own where the encoder has none.
        let header = frames.encoder.context.pointee.extradata_size > 0 ? read : []
        let assembly = try VideoAssembly(
            muxer, frames.encoder, size: size, like: source, options: options,
            header: header, log: events)
        do {
            try join(read, assembly, hasHeader: muxer.needsHeader)
        } catch {
            assembly.discard()
            throw error
        }
        try assembly.finish(copyingUntil: endsOthers ? try end : .infinity)
        unfinished.remove()
    }

    /// When the last frame ends, in seconds.
    private var end: Double {
        get throws {
            let times = try unfinished.parts.last.map(unfinished.times(of:))
            let ends = times.map { zip($0.starts, $0.durations).map(+) } ?? []
            return Double(ends.max() ?? 0) * frames.encoder.timeBase.value
        }
    }

    private func join(
        _ header: [UInt8], _ assembly: VideoAssembly, hasHeader: Bool
    ) throws {
        var clock = DecodingClock(
            try unfinished.parts.flatMap { try unfinished.times(of: $0).starts })
        for part in unfinished.parts {
            let reader = try PartReader(part, in: unfinished, hasHeader: hasHeader)
            guard reader.header == header else {
                throw VSRError(
                    .corruptData,
                    "\(unfinished.path(of: part)) was encoded otherwise than the parts before it: "
                        + "--overwrite begins anew")
            }
            while let packet = try reader.next() {
                packet.pointee.dts = clock.next()
                try assembly.deliver(packet)
            }
        }
    }

    /// Keeps the parts that are finished.
    public func cancel() {
        guard isOpen else { return }
        isOpen = false
        part?.muxer.discard()
        part = nil
        unfinished.removeIfEmpty()
    }

    deinit { cancel() }
}

/// Reads the packets of a part as the encoder gave them.
private final class PartReader {
    /// What decoders need beforehand.
    let header: [UInt8]
    private let input: MediaInput
    private let times: UnfinishedOutput.Times
    private let packet: AVPacketBox
    private let filter: HeaderFilter?
    private var count = 0

    /// - Parameter hasHeader: Whether the packets go where a header is apart from them.
    init(
        _ part: UnfinishedOutput.Part, in unfinished: UnfinishedOutput, hasHeader: Bool
    ) throws {
        times = try unfinished.times(of: part)
        input = try MediaInput(unfinished.path(of: part))
        packet = try AVPacketBox()
        filter = hasHeader ? nil : try input.streams.first.flatMap { try HeaderFilter($0) }
        guard filter == nil, let parameters = input.streams.first?.pointee.codecpar,
            let data = parameters.pointee.extradata
        else {
            header = []
            return
        }
        header = Array(
            UnsafeBufferPointer(start: data, count: Int(parameters.pointee.extradata_size)))
    }

    /// The next packet, whose times are in ticks; `nil` after the last.
    func next() throws -> UnsafeMutablePointer<AVPacket>? {
        av_packet_unref(packet.pointer)
        let status = av_read_frame(input.context, packet.pointer)
        if status == LibAV.endOfFile, count == times.starts.count { return nil }
        guard status >= 0, count < times.starts.count else {
            throw VSRError(
                .corruptData,
                "\(input.path) is damaged after \(count) of \(times.starts.count) frames: --overwrite "
                    + "begins anew")
        }
        try filter?.apply(to: packet.pointer)
        packet.pointer.pointee.pts = times.starts[count]
        packet.pointer.pointee.dts = times.starts[count]
        packet.pointer.pointee.duration = times.durations[count]
        count += 1
        return packet.pointer
    }
}

/// Puts the header that H.264 and HEVC have apart from their packets back into these, as streams without
/// a place for it want them.
private final class HeaderFilter {
    private let context: UnsafeMutablePointer<AVBSFContext>
    private let name: String

    /// `nil` for other codecs.
    init?(_ stream: UnsafeMutablePointer<AVStream>) throws {
        let parameters = try LibAV.allocated(stream.pointee.codecpar)
        switch parameters.pointee.codec_id {
        case AV_CODEC_ID_H264: name = "h264_mp4toannexb"
        case AV_CODEC_ID_HEVC: name = "hevc_mp4toannexb"
        default: return nil
        }
        var made: UnsafeMutablePointer<AVBSFContext>?
        try LibAV.check(av_bsf_alloc(av_bsf_get_by_name(name), &made), "cannot use \(name)")
        context = try LibAV.allocated(made)
        try LibAV.check(
            avcodec_parameters_copy(context.pointee.par_in, parameters), "cannot use \(name)")
        context.pointee.time_base_in = stream.pointee.time_base
        try LibAV.check(av_bsf_init(context), "cannot use \(name)")
    }

    deinit {
        var context: UnsafeMutablePointer<AVBSFContext>? = context
        av_bsf_free(&context)
    }

    /// One packet becomes one.
    func apply(to packet: UnsafeMutablePointer<AVPacket>) throws {
        try LibAV.check(av_bsf_send_packet(context, packet), "cannot use \(name)")
        try LibAV.check(av_bsf_receive_packet(context, packet), "cannot use \(name)")
    }
}

/// Gives packets times of decoding: those of showing in rising order, as much earlier as no frame then
/// is decoded after it is shown.
struct DecodingClock {
    private let sorted: [Int64]
    private let delay: Int
    private var position = 0

    /// - Parameter times: When the packets' frames are shown, in the order of packets; all differ.
    init(_ times: [Int64]) {
        sorted = times.sorted()
        var ranks: [Int64: Int] = [:]
        for (rank, time) in sorted.enumerated() { ranks[time] = rank }
        delay = times.enumerated().reduce(0) { max($0, $1.offset - (ranks[$1.element] ?? 0)) }
    }

    /// For the next packet.
    mutating func next() -> Int64 {
        defer { position += 1 }
        if position >= delay { return sorted[position - delay] }
        // Before the first frame is shown, in the steps of the first frames.
        return sorted[position] - (sorted[delay] - sorted[0])
    }
}
