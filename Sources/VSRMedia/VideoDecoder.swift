import CLibAV
import VSRCore

/// Decodes the main video stream of an input, picture by picture.
final class VideoDecoder {
    let stream: UnsafeMutablePointer<AVStream>
    /// The picture of the last ``advance()`` that returned true.
    let picture: AVFrameBox
    /// The size of the first picture.
    private(set) var frameSize = FrameSize(width: 0, height: 0)
    /// The size of ``picture``.
    private(set) var pictureSize = FrameSize(width: 0, height: 0)
    /// Whether ``picture`` has another size than the one before.
    private(set) var changesSize = false

    private let input: MediaInput
    private let options: VideoReaderOptions
    private let codec: UnsafeMutablePointer<AVCodecContext>
    private let packet: AVPacketBox
    private let clock: SteadyClock
    private let log: ReadingLog
    private var fate = PacketFate()
    private var hasKeyFrame = false
    private var packetCount = 0
    private var frameCount = 0
    private var fruitlessReads = 0
    private var readFailures = 0
    /// When the packet after the last one is due, in ticks of the stream.
    private var nextTime: Int64?
    /// How long packets are, in ticks of the stream.
    private var lastStep: Int64 = 0
    /// What the demuxer said, after which packet, and how many came since.
    private var complaint: (text: String, time: Int64?, packets: Int)?
    private var hasToldOfStart = false
    /// The earliest time of packets before the first key frame.
    private var timeBeforeKeyFrame: Int64?
    private var isDraining = false
    /// Whether no more pictures are handed out.
    private var isEnded = false

    /// Packets that demuxers hold ready.
    private static let longestReadAhead = 100

    /// More reads than any codec holds pictures back.
    private static let maximumFruitlessReads = 100_000

    init(_ input: MediaInput, options: VideoReaderOptions, log: ReadingLog) throws {
        try input.probe(maximumArea: options.maximumArea)
        try options.cancellation?.check()
        self.input = input
        self.options = options
        picture = try AVFrameBox()
        packet = try AVPacketBox()
        self.log = log
        (stream, codec) = try Self.openStream(of: input, options)
        clock = SteadyClock(input)
        for other in input.streams
        where other != stream && !clock.watches(Int(other.pointee.index)) {
            other.pointee.discard = AVDISCARD_ALL
        }
    }

    deinit {
        var codec: UnsafeMutablePointer<AVCodecContext>? = codec
        avcodec_free_context(&codec)
    }

    private static func openStream(
        of input: MediaInput, _ options: VideoReaderOptions
    ) throws -> (UnsafeMutablePointer<AVStream>, UnsafeMutablePointer<AVCodecContext>) {
        let index = av_find_best_stream(input.context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
        guard index >= 0, let stream = input.context.pointee.streams[Int(index)] else {
            let found = input.hasSound ? "sound only, no video stream" : "no video stream"
            throw VSRError(.corruptData, "\(input.path) holds \(found): name a video")
        }
        guard stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0 else {
            throw VSRError(
                .corruptData,
                "\(input.path) holds sound and a picture of its cover only: name a video")
        }
        let parameters = stream.pointee.codecpar.pointee
        let area = Int(parameters.width).multipliedReportingOverflow(by: Int(parameters.height))
        guard !area.overflow, area.partialValue <= options.maximumArea else {
            throw VSRError(
                .unsupported,
                "\(input.path) has frames of \(parameters.width)x\(parameters.height), above the "
                    + "limit of \(options.maximumArea) pixels: scale it down or raise the limit")
        }
        guard let decoder = findDecoder(of: stream) else {
            throw VSRError(
                .unsupported,
                "\(input.path) is coded as \(String(cString: avcodec_get_name(parameters.codec_id)))"
                    + ", for which libav has no decoder here: convert it to H.264 first")
        }
        var context: UnsafeMutablePointer<AVCodecContext>? = avcodec_alloc_context3(decoder)
        let codec = try LibAV.allocated(context)
        do {
            try LibAV.check(
                avcodec_parameters_to_context(codec, stream.pointee.codecpar),
                "cannot decode \(input.path)")
            codec.pointee.pkt_timebase = stream.pointee.time_base
            codec.pointee.thread_count = Int32(clamping: options.threads)
            codec.pointee.max_pixels = Int64(options.maximumArea)
            try LibAV.check(avcodec_open2(codec, decoder, nil), "cannot decode \(input.path)")
        } catch {
            avcodec_free_context(&context)
            throw error
        }
        return (stream, codec)
    }

    /// The decoder of a stream; of VP8 and VP9 with alpha the one that gives it.
    private static func findDecoder(
        of stream: UnsafeMutablePointer<AVStream>
    ) -> UnsafePointer<AVCodec>? {
        let id = stream.pointee.codecpar.pointee.codec_id
        let names = [AV_CODEC_ID_VP8: "libvpx", AV_CODEC_ID_VP9: "libvpx-vp9"]
        let mode = av_dict_get(stream.pointee.metadata, "alpha_mode", nil, 0)
        if let name = names[id], let mode, String(cString: mode.pointee.value) == "1",
            let decoder = avcodec_find_decoder_by_name(name)
        {
            return decoder
        }
        return avcodec_find_decoder(id)
    }

    /// Decodes the next picture into ``picture``; false after the last.
    func advance() throws -> Bool {
        while true {
            if options.damage == .stop, log.isDamaged, !isDraining { try end() }
            let status = avcodec_receive_frame(codec, picture.pointer)
            if status == 0 {
                if try accept() { return true }
                if isEnded { return false }
            } else if status == LibAV.endOfFile {
                tell(of: fate.finish())
                return false
            } else if status == LibAV.again, !isDraining {
                try feed()
            } else {
                try meet(status)
                fruitlessReads += 1
                guard status != LibAV.again, fruitlessReads < Self.maximumFruitlessReads else {
                    tell(of: fate.finish())
                    return false
                }
            }
        }
    }

    /// Whether the picture is to be handed out.
    private func accept() throws -> Bool {
        fruitlessReads = 0
        let decoded = picture.pointer.pointee
        let size = FrameSize(width: Int(decoded.width), height: Int(decoded.height))
        guard size.width > 0, size.height > 0, size.area <= options.maximumArea else {
            throw VSRError(.corruptData, "\(input.path) has a frame of \(size) pixels")
        }
        tell(of: fate.decoded(decoded.best_effort_timestamp))
        if frameCount == 0 {
            frameSize = size
            // Some decoders leave out without a word what they cannot begin with.
            let time = decoded.best_effort_timestamp
            if let before = timeBeforeKeyFrame, time != LibAV.noTimestamp, time > before {
                tellOfStart()
            }
        }
        let isPatched = decoded.decode_error_flags != 0
        if isPatched || decoded.flags & AV_FRAME_FLAG_CORRUPT != 0 {
            if options.damage == .refuse, isPatched { throw damage(nil) }
            log.add(
                ReadingEvent(
                    .repaired, frame: frameCount, seconds: seconds(decoded.best_effort_timestamp)))
            if options.damage == .stop {
                isEnded = true
                log.stop()
                return false
            }
        }
        changesSize = frameCount > 0 && size != pictureSize
        if changesSize { try change(to: size) }
        pictureSize = size
        frameCount += 1
        return true
    }

    private func tellOfStart() {
        if !hasToldOfStart { log.add(ReadingEvent(.incomplete)) }
        hasToldOfStart = true
    }

    private func change(to size: FrameSize) throws {
        guard options.scalesChangedSizes else {
            throw VSRError(
                .shapeMismatch,
                "\(input.path) changes its frame size from \(pictureSize) to \(size) at frame "
                    + "\(frameCount): cut it there and process the parts separately")
        }
        let remark =
            size == frameSize
            ? "frames are \(size) again" : "frames are \(size) and scaled to \(frameSize)"
        log.add(
            ReadingEvent(
                .resized, frame: frameCount,
                seconds: seconds(picture.pointer.pointee.best_effort_timestamp), detail: remark))
    }

    /// Hands the decoder one more packet of the stream, or the end.
    private func feed() throws {
        let packet = packet.pointer
        defer { av_packet_unref(packet) }
        while true {
            av_packet_unref(packet)
            fruitlessReads += 1
            guard fruitlessReads < Self.maximumFruitlessReads else {
                throw VSRError(
                    .corruptData, "\(input.path) yields no more frames after frame \(frameCount)")
            }
            let status = av_read_frame(input.context, packet)
            if status == LibAV.endOfFile { return try drain() }
            if status < 0 {
                if input.isPipe { try options.cancellation?.check() }
                if options.damage == .refuse { throw damage(status) }
                readFailures += 1
                guard !input.isExhausted, readFailures < 100 else { return try drain() }
                log.add(ReadingEvent(.unreadable, detail: LibAV.text(status)))
                continue
            }
            readFailures = 0
            let index = Int(packet.pointee.stream_index)
            guard index < input.streams.count else { continue }
            let jump = clock.steady(packet, base: Rational(input.streams[index].pointee.time_base))
            if let jump { tell(ofJump: jump) }
            if packet.pointee.stream_index == stream.pointee.index { break }
        }
        listen()
        if options.damage == .stop, log.isDamaged { return try end() }
        packetCount += 1
        try send(packet)
    }

    /// Notes what the demuxer complained of, and what is missing there.
    ///
    /// Demuxers read ahead: the gap may come some packets after the complaint.
    private func listen() {
        if let heard = DemuxerComplaints.take(input.context), complaint == nil {
            complaint = (heard, nextTime, 0)
        }
        let dts = packet.pointer.pointee.dts
        let gap = dts != LibAV.noTimestamp ? nextTime.map { dts - $0 } ?? 0 : 0
        if let complaint {
            let step = max(lastStep, 1)
            // Guessed decoding times are off by less than two packets.
            if gap > 2 * step {
                let frames = Int((Double(gap) / Double(step)).rounded()).counted("frame")
                tell(of: complaint.text, at: nextTime, missing: lastStep > 0 ? frames : nil)
            } else if complaint.packets >= Self.longestReadAhead || options.damage == .stop {
                tell(of: complaint.text, at: complaint.time, missing: nil)
            } else {
                self.complaint?.packets += 1
            }
        }
        guard dts != LibAV.noTimestamp else { return nextTime = nil }
        let duration = max(packet.pointer.pointee.duration, 0)
        if duration > 0 { lastStep = duration }
        nextTime = dts &+ duration
    }

    private func tell(of complaint: String, at time: Int64?, missing: String?) {
        self.complaint = nil
        let detail = missing.map { "about \($0) missing: \(complaint)" } ?? complaint
        log.add(ReadingEvent(.unreadable, seconds: time.flatMap(seconds), detail: detail))
    }

    private func tell(ofJump jump: Double) {
        log.add(
            ReadingEvent(
                .clockJump, seconds: seconds(packet.pointer.pointee.dts),
                detail: "by \(StreamPlan.seconds(jump)) s"))
    }

    private func send(_ packet: UnsafeMutablePointer<AVPacket>) throws {
        hasKeyFrame = hasKeyFrame || packet.pointee.flags & AV_PKT_FLAG_KEY != 0
        let time = packet.pointee.pts
        if !hasKeyFrame, frameCount == 0, time != LibAV.noTimestamp {
            timeBeforeKeyFrame = min(timeBeforeKeyFrame ?? time, time)
        }
        if packet.pointee.flags & AV_PKT_FLAG_CORRUPT != 0 {
            if options.damage == .refuse { throw damage(nil) }
            if options.damage == .stop {
                fate.failed()
                tell(of: fate.finish())
                return try end()
            }
        }
        fate.sent(packet.pointee.pts)
        let status = avcodec_send_packet(codec, packet)
        if status < 0 { try meet(status) }
    }

    /// An error of the decoder.
    private func meet(_ status: Int32) throws {
        // What comes before the first frame that stands alone is no damage: recordings begin so.
        if !hasKeyFrame, frameCount == 0 {
            tellOfStart()
            fate.forget()
            return
        }
        if options.damage == .refuse { throw damage(status) }
        fate.failed()
        if options.damage == .stop { tell(of: fate.finish()) }
    }

    private func tell(of lost: [Int64?]) {
        for time in lost {
            log.add(
                ReadingEvent(
                    .undecodable, frame: frameCount > 0 ? frameCount - 1 : nil,
                    seconds: time.flatMap(seconds)))
        }
    }

    /// A time of the stream in seconds.
    private func seconds(_ ticks: Int64) -> Double? {
        ticks == LibAV.noTimestamp ? nil : Double(ticks) * Rational(stream.pointee.time_base).value
    }

    /// A file that cannot be read on looks like one that has ended.
    private func noteFailure() throws {
        let failure = input.context.pointee.pb.map { $0.pointee.error } ?? 0
        guard failure < 0, failure != LibAV.endOfFile else { return }
        try options.cancellation?.check()
        if options.damage == .refuse { throw damage(failure) }
        log.add(ReadingEvent(.unreadable, detail: LibAV.text(failure)))
    }

    private func drain() throws {
        try noteFailure()
        // Other formats count differently: AVI's headers include frames that are empty.
        let promised = input.countsFrames ? Int(stream.pointee.nb_frames) : 0
        let lacksFrames = input.isExhausted && packetCount < promised
        let isCut = lacksFrames || !input.isPipe && CutFile.isCut(input.path)
        if isCut {
            let count = lacksFrames ? "holds \(packetCount) of \(promised) frames" : nil
            if options.damage == .refuse {
                throw VSRError(
                    .corruptData,
                    "\(input.path) is cut off: "
                        + (count.map { "it \($0)" } ?? "its end is missing"))
            }
            log.add(ReadingEvent(.cutOff, detail: count))
            // The demuxer's own words on its end say the same.
            _ = DemuxerComplaints.take(input.context)
            complaint = nil
        } else if let heard = DemuxerComplaints.take(input.context), complaint == nil {
            complaint = (heard, nextTime, 0)
        }
        if let complaint { tell(of: complaint.text, at: complaint.time, missing: nil) }
        try flush()
    }

    /// Ends the video at damage; what the decoder holds comes before it.
    private func end() throws {
        log.stop()
        try flush()
    }

    private func flush() throws {
        isDraining = true
        fruitlessReads = 0
        _ = avcodec_send_packet(codec, nil)
    }

    private func damage(_ status: Int32?) -> VSRError {
        let reason = status.map { " (\(LibAV.text($0)))" } ?? ""
        return VSRError(
            status.map(LibAV.code) ?? .corruptData,
            "\(input.path) is damaged at frame \(frameCount)\(reason): repair or cut it")
    }
}
