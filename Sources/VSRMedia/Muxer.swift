import CLibAV
import Foundation
import VSRCore

/// Writes packets into a container file that appears when it is finished.
final class Muxer {
    let path: String
    let container: Container
    /// The index of the upscaled video.
    private(set) var video = 0
    private let pending: PendingFile
    private let context: UnsafeMutablePointer<AVFormatContext>
    /// Pictures that are written as packets of their own once the header is.
    private var covers: [(index: Int, picture: UnsafeMutablePointer<AVStream>)] = []
    /// Last decoding time of the video, for containers of a constant rate.
    private var lastVideoTime: Int64?

    /// - Throws: `invalidArgument` for extensions other than those of ``Container``.
    init(_ path: String) throws {
        _ = LibAV.quiet
        guard let container = Container(named: path) else {
            throw VSRError(
                .invalidArgument,
                "\(path) does not say which video to write: end it in "
                    + MediaPath.writtenVideoExtensions.map { "." + $0 }.joined(separator: ", "))
        }
        self.path = path
        self.container = container
        pending = try PendingFile(path)
        var made: UnsafeMutablePointer<AVFormatContext>?
        // The muxer itself opens the file a second time to move the index to its front.
        let url = LibAV.url(pending.temporaryPath)
        try LibAV.check(
            avformat_alloc_output_context2(&made, nil, container.muxer, url),
            "cannot write \(path)")
        context = try LibAV.allocated(made)
        // FLAC, TrueHD and the like in MP4, which players take by now.
        context.pointee.strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL
        let status = avio_open(
            &context.pointee.pb, url, AVIO_FLAG_WRITE)
        // From here on `deinit` frees the context, also where this throws.
        if status < 0 {
            throw VSRError(.io, "cannot write \(path): \(LibAV.text(status))")
        }
    }

    deinit {
        avio_closep(&context.pointee.pb)
        avformat_free_context(context)
    }

    /// Whether codecs must put their headers apart from the packets.
    var needsHeader: Bool { context.pointee.oformat.pointee.flags & AVFMT_GLOBALHEADER != 0 }

    /// What the upscaled video is.
    struct Video {
        let encoder: VideoEncoder
        let source: VideoProperties
        let size: FrameSize
        /// What decoders need beforehand, where packets are not as the encoder makes them.
        var header: [UInt8]?
    }

    /// - Parameters:
    ///   - original: The stream of the input, whose description is taken over.
    ///   - constantRate: Where the container holds no other times.
    func addVideo(
        _ description: Video, original: UnsafeMutablePointer<AVStream>? = nil,
        constantRate: Rational? = nil
    ) throws {
        let (encoder, source, size) = (
            description.encoder, description.source, description.size
        )
        let codec = encoder.context.pointee.codec_id
        guard TrialMuxer.knows(codec, container) else {
            throw VSRError(
                .unsupported,
                "\(path) cannot hold \(String(cString: avcodec_get_name(codec))): name an .mkv file"
            )
        }
        let stream = try LibAV.allocated(avformat_new_stream(context, nil))
        video = Int(stream.pointee.index)
        try LibAV.check(
            avcodec_parameters_from_context(stream.pointee.codecpar, encoder.context),
            "cannot write \(path)")
        if let header = description.header { try set(header, of: stream) }
        if codec == AV_CODEC_ID_HEVC,
            String(cString: context.pointee.oformat.pointee.name) != "matroska"
        {
            // The tag by which Apple's players know it.
            stream.pointee.codecpar.pointee.codec_tag = 0x3163_7668
        }
        try source.hdr?.add(to: stream)
        stream.pointee.time_base = encoder.timeBase.av
        if !container.holdsVariableRates {
            let rate = constantRate ?? Self.constantRate(of: source)
            stream.pointee.time_base = Rational(rate.denominator, rate.numerator).av
        }
        stream.pointee.sample_aspect_ratio = source.sampleAspectRatio.av
        if let rate = source.frameRate { stream.pointee.avg_frame_rate = rate.av }
        stream.pointee.disposition = AV_DISPOSITION_DEFAULT
        if let original {
            stream.pointee.disposition = original.pointee.disposition
            Tags(original.pointee.metadata).add(
                to: &stream.pointee.metadata, except: Tags.isStale(ofVideo:))
        }
        guard let matrix = source.displayMatrix, matrix.count == 9, container.holdsRotation else {
            return
        }
        guard let data = av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, 36) else {
            throw VSRError(.outOfMemory, "no memory left for libav")
        }
        // Numbers 6 and 7 move the turned picture back into view by its own size in pixels.
        let scales = [6: (size.width, source.size.width), 7: (size.height, source.size.height)]
        for (index, value) in matrix.enumerated() {
            let (numerator, denominator) = scales[index] ?? (1, 1)
            let moved = Double(value) * Double(numerator) / Double(max(denominator, 1))
            UnsafeMutableRawPointer(data).storeBytes(
                of: Int32(clamping: Int64(moved)), toByteOffset: 4 * index, as: Int32.self)
        }
    }

    private func set(_ header: [UInt8], of stream: UnsafeMutablePointer<AVStream>) throws {
        let parameters = try LibAV.allocated(stream.pointee.codecpar)
        av_freep(&parameters.pointee.extradata)
        parameters.pointee.extradata_size = 0
        guard !header.isEmpty else { return }
        let copy = try LibAV.allocated(
            av_mallocz(header.count + Int(AV_INPUT_BUFFER_PADDING_SIZE)))
        header.withUnsafeBytes { bytes in
            if let base = bytes.baseAddress { copy.copyMemory(from: base, byteCount: bytes.count) }
        }
        parameters.pointee.extradata = copy.assumingMemoryBound(to: UInt8.self)
        parameters.pointee.extradata_size = Int32(header.count)
    }

    /// The rate of frames in containers that hold no times, where nothing says more of it.
    static func constantRate(of source: VideoProperties) -> Rational {
        source.frameRate ?? Rational(25, 1)
    }

    /// Adds the only stream of a container without times of its own, as GIF.
    func addPictures(of encoder: UnsafeMutablePointer<AVCodecContext>) throws {
        let stream = try LibAV.allocated(avformat_new_stream(context, nil))
        try LibAV.check(
            avcodec_parameters_from_context(stream.pointee.codecpar, encoder),
            "cannot write \(path)")
        stream.pointee.time_base = encoder.pointee.time_base
    }

    /// Adds a stream whose packets are copied; returns its index.
    func addCopy(of source: UnsafeMutablePointer<AVStream>) throws -> Int {
        Int(try Self.add(copyOf: source, to: context).pointee.index)
    }

    /// Adds a picture that stands for the whole; its only packet follows the header.
    func addCover(_ source: UnsafeMutablePointer<AVStream>) throws {
        guard container == .matroska else {
            let stream = try Self.add(copyOf: source, to: context)
            covers.append((Int(stream.pointee.index), source))
            return
        }
        // Matroska attaches them as files; its demuxer makes streams of these again.
        let codec = source.pointee.codecpar.pointee.codec_id
        let type = Container.coverTypes[codec.rawValue] ?? ("image/jpeg", "jpg")
        let stream = try LibAV.allocated(avformat_new_stream(context, nil))
        let size = Int(source.pointee.attached_pic.size)
        let copy = try LibAV.allocated(av_mallocz(size + Int(AV_INPUT_BUFFER_PADDING_SIZE)))
        if let data = source.pointee.attached_pic.data {
            copy.copyMemory(from: data, byteCount: size)
        }
        let parameters = try LibAV.allocated(stream.pointee.codecpar)
        parameters.pointee.codec_type = AVMEDIA_TYPE_ATTACHMENT
        parameters.pointee.codec_id = codec
        parameters.pointee.extradata = copy.assumingMemoryBound(to: UInt8.self)
        parameters.pointee.extradata_size = Int32(size)
        Tags(source.pointee.metadata).add(to: &stream.pointee.metadata) { _ in false }
        av_dict_set(
            &stream.pointee.metadata, "filename", "cover.\(type.suffix)",
            AV_DICT_DONT_OVERWRITE)
        av_dict_set(&stream.pointee.metadata, "mimetype", type.mime, AV_DICT_DONT_OVERWRITE)
    }

    /// Adds converted subtitles; returns their index.
    func add(
        subtitles encoder: UnsafeMutablePointer<AVCodecContext>,
        like source: UnsafeMutablePointer<AVStream>
    ) throws -> Int {
        let stream = try LibAV.allocated(avformat_new_stream(context, nil))
        try LibAV.check(
            avcodec_parameters_from_context(stream.pointee.codecpar, encoder),
            "cannot write \(path)")
        stream.pointee.time_base = SubtitleConverter.timeBase.av
        stream.pointee.disposition = source.pointee.disposition
        Tags(source.pointee.metadata).add(
            to: &stream.pointee.metadata, except: Tags.isStale(ofVideo:))
        return Int(stream.pointee.index)
    }

    /// Adds a stream like another file's to a file that is to be written.
    static func add(
        copyOf source: UnsafeMutablePointer<AVStream>,
        to context: UnsafeMutablePointer<AVFormatContext>
    ) throws -> UnsafeMutablePointer<AVStream> {
        let stream = try LibAV.allocated(avformat_new_stream(context, nil))
        try LibAV.check(
            avcodec_parameters_copy(stream.pointee.codecpar, source.pointee.codecpar),
            "cannot copy a stream")
        let parameters = try LibAV.allocated(stream.pointee.codecpar)
        // A mark of the source's container may mean something else in this one.
        let tags = context.pointee.oformat.pointee.codec_tag
        let tag = parameters.pointee.codec_tag
        if let tags, av_codec_get_id(tags, tag) == parameters.pointee.codec_id {
            parameters.pointee.codec_tag = tag
        } else {
            parameters.pointee.codec_tag = 0
        }
        // Block sizes of AVI that are none: AC-3 and MP3 packets differ in length.
        if [AV_CODEC_ID_AC3, AV_CODEC_ID_MP3].contains(where: { $0 == parameters.pointee.codec_id }
        ) {
            parameters.pointee.block_align = 0
        }
        stream.pointee.time_base = source.pointee.time_base
        stream.pointee.disposition = source.pointee.disposition
        stream.pointee.sample_aspect_ratio = source.pointee.sample_aspect_ratio
        stream.pointee.avg_frame_rate = source.pointee.avg_frame_rate
        stream.pointee.r_frame_rate = source.pointee.r_frame_rate
        Tags(source.pointee.metadata).add(to: &stream.pointee.metadata) { _ in false }
        for index in 0..<Int(source.pointee.nb_side_data) {
            guard let item = source.pointee.side_data?[index], let data = item.data else {
                continue
            }
            let copy = try LibAV.allocated(av_stream_new_side_data(stream, item.type, item.size))
            copy.update(from: data, count: item.size)
        }
        return stream
    }

    /// Takes over what the input says of itself, and its chapters where the container has such.
    func describe(like input: MediaInput, start: (ticks: Int64, base: Rational)?) throws {
        Tags(input.context.pointee.metadata).add(
            to: &context.pointee.metadata, except: Tags.isStale(ofFile:))
        if !container.holdsTimecode { av_dict_set(&context.pointee.metadata, "timecode", nil, 0) }
        guard container.holdsChapters else { return }
        let count = Int(input.context.pointee.nb_chapters)
        guard count > 0 else { return }
        let list = try LibAV.allocated(
            av_calloc(count, MemoryLayout<UnsafeMutablePointer<AVChapter>?>.stride))
        context.pointee.chapters = list.assumingMemoryBound(
            to: UnsafeMutablePointer<AVChapter>?.self)
        for index in 0..<count {
            guard let source = input.context.pointee.chapters[index] else { continue }
            let chapter = try LibAV.allocated(av_mallocz(MemoryLayout<AVChapter>.size))
                .assumingMemoryBound(to: AVChapter.self)
            let shift =
                start.map { av_rescale_q($0.ticks, $0.base.av, source.pointee.time_base) } ?? 0
            chapter.pointee.id = source.pointee.id
            chapter.pointee.time_base = source.pointee.time_base
            chapter.pointee.start = max(source.pointee.start - shift, 0)
            chapter.pointee.end = max(source.pointee.end - shift, 0)
            av_dict_copy(&chapter.pointee.metadata, source.pointee.metadata, 0)
            context.pointee.chapters[Int(context.pointee.nb_chapters)] = chapter
            context.pointee.nb_chapters += 1
        }
    }

    /// Marks the video and the first sound as what players choose, for inputs that cannot say so.
    func chooseDefaults() {
        for kind in [AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO] {
            let streams = (0..<Int(context.pointee.nb_streams))
                .compactMap { context.pointee.streams[$0] }
                .filter { $0.pointee.codecpar.pointee.codec_type == kind }
            let isChosen = streams.contains {
                $0.pointee.disposition & AV_DISPOSITION_DEFAULT != 0
            }
            if !isChosen { streams.first?.pointee.disposition |= AV_DISPOSITION_DEFAULT }
        }
    }

    /// MP4's titles are in two places, of which players and libav read the handler's name.
    private func nameHandlers() {
        guard container == .mp4 || container == .mov else { return }
        for index in 0..<Int(context.pointee.nb_streams) {
            guard let stream = context.pointee.streams[index],
                let title = Tags(stream.pointee.metadata)["title"]
            else { continue }
            av_dict_set(&stream.pointee.metadata, "handler_name", title, 0)
        }
    }

    /// Writes the header; streams cannot be added after it.
    func start() throws {
        nameHandlers()
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        // Puts the index first, so that players can start before the whole file has arrived. Names
        // with dots are those of QuickTime's free-form tags, which phones use for places.
        let hasFreeTags = Tags(context.pointee.metadata).values.contains { $0.key.contains(".") }
        let flags = hasFreeTags ? "faststart+use_metadata_tags" : "faststart"
        av_dict_set(&options, "movflags", flags, 0)
        av_dict_set(&options, "default_mode", "passthrough", 0)
        if (path as NSString).pathExtension.lowercased() == "mts" {
            av_dict_set(&options, "mpegts_m2ts_mode", "1", 0)
        }
        try checkIO(avformat_write_header(context, &options))
        for cover in covers {
            let packet = try AVPacketBox()
            try LibAV.check(
                av_packet_ref(packet.pointer, &cover.picture.pointee.attached_pic),
                "cannot write \(path)")
            packet.pointer.pointee.pts = 0
            packet.pointer.pointee.dts = 0
            try write(placed: packet.pointer, stream: cover.index)
        }
    }

    /// Of a stream's packets, once the header is written.
    func timeBase(of index: Int) -> Rational {
        context.pointee.streams[index].map { Rational($0.pointee.time_base) } ?? Rational(1, 1000)
    }

    /// Whether decoding times of a stream must rise and may not repeat.
    func wantsRisingTimes(in index: Int) -> Bool {
        let kind = context.pointee.streams[index]?.pointee.codecpar.pointee.codec_type
        return context.pointee.oformat.pointee.flags & AVFMT_TS_NONSTRICT == 0
            && kind != AVMEDIA_TYPE_SUBTITLE && kind != AVMEDIA_TYPE_DATA
    }

    /// Writes a packet, whose times are in `timeBase`; its content is taken.
    func write(
        _ packet: UnsafeMutablePointer<AVPacket>, stream index: Int, timeBase: Rational
    ) throws {
        guard let stream = context.pointee.streams[index] else { return }
        av_packet_rescale_ts(packet, timeBase.av, stream.pointee.time_base)
        if index == video, !container.holdsVariableRates { putOnGrid(packet) }
        try write(placed: packet, stream: index)
    }

    /// Two frames that fall into one interval of a constant rate are shown one after the other.
    private func putOnGrid(_ packet: UnsafeMutablePointer<AVPacket>) {
        packet.pointee.dts = max(packet.pointee.dts, lastVideoTime.map { $0 + 1 } ?? .min)
        packet.pointee.pts = max(packet.pointee.pts, packet.pointee.dts)
        lastVideoTime = packet.pointee.dts
    }

    /// Writes a packet, whose times are in the stream's time base; its content is taken.
    func write(placed packet: UnsafeMutablePointer<AVPacket>, stream index: Int) throws {
        packet.pointee.stream_index = Int32(index)
        packet.pointee.pos = -1
        try checkIO(av_interleaved_write_frame(context, packet))
    }

    /// Completes the file and makes it appear.
    func finish() throws {
        try checkIO(av_write_trailer(context))
        // Failures of buffered writing show here at the latest.
        let status = context.pointee.pb.map { $0.pointee.error } ?? 0
        try checkIO(status)
        try checkIO(avio_closep(&context.pointee.pb))
        try pending.commit()
    }

    func discard() {
        avio_closep(&context.pointee.pb)
        pending.discard()
    }

    private func checkIO(_ status: Int32) throws {
        guard status < 0 else { return }
        throw VSRError(.io, "cannot write \(path): \(LibAV.text(status))")
    }
}
