import CLibAV
import VSRCore

/// Makes one kind of text subtitles of another.
///
/// Containers whose subtitles are samples one after the other (MP4, MOV) show one at a time: where
/// several are shown at once, their lines become one text for as long as they are together.
final class SubtitleConverter {
    let encoder: UnsafeMutablePointer<AVCodecContext>
    private let decoder: UnsafeMutablePointer<AVCodecContext>
    private let isFlat: Bool
    private var flattener = SubtitleFlattener()
    private let packet: AVPacketBox
    private let name: String

    /// Whether `codec` is text that can be read and written as `target`.
    static func converts(_ codec: AVCodecID, to target: AVCodecID) -> Bool {
        guard let descriptor = avcodec_descriptor_get(codec),
            descriptor.pointee.type == AVMEDIA_TYPE_SUBTITLE,
            descriptor.pointee.props & AV_CODEC_PROP_TEXT_SUB != 0
        else { return false }
        return avcodec_find_decoder(codec) != nil && avcodec_find_encoder(target) != nil
    }

    /// - Parameter name: What messages call the output.
    init(
        _ stream: UnsafeMutablePointer<AVStream>, to target: AVCodecID, name: String
    ) throws {
        self.name = name
        isFlat = target == AV_CODEC_ID_MOV_TEXT
        packet = try AVPacketBox()
        let codec = stream.pointee.codecpar.pointee.codec_id
        guard let reading = avcodec_find_decoder(codec),
            let writing = avcodec_find_encoder(target)
        else {
            throw VSRError(
                .unsupported,
                "libav cannot convert subtitles for \(name) here: leave them out by --no-audio")
        }
        decoder = try LibAV.allocated(avcodec_alloc_context3(reading))
        encoder = try LibAV.allocated(avcodec_alloc_context3(writing))
        // From here on `deinit` frees both, also where this throws.
        avcodec_parameters_to_context(decoder, stream.pointee.codecpar)
        decoder.pointee.pkt_timebase = stream.pointee.time_base
        try LibAV.check(avcodec_open2(decoder, reading, nil), "cannot read subtitles for \(name)")
        encoder.pointee.time_base = Self.timeBase.av
        try copyHeader()
        try LibAV.check(avcodec_open2(encoder, writing, nil), "cannot write subtitles for \(name)")
    }

    deinit {
        var contexts = [Optional(decoder), Optional(encoder)]
        for index in contexts.indices { avcodec_free_context(&contexts[index]) }
    }

    /// Of the packets that come out.
    static let timeBase = Rational(1, 1000)

    /// Styles go from the decoder to the encoder as text.
    private func copyHeader() throws {
        guard let header = decoder.pointee.subtitle_header else { return }
        let size = Int(decoder.pointee.subtitle_header_size)
        let copy = try LibAV.allocated(av_mallocz(size + 1))
        copy.copyMemory(from: header, byteCount: size)
        encoder.pointee.subtitle_header = copy.assumingMemoryBound(to: UInt8.self)
        encoder.pointee.subtitle_header_size = Int32(size)
    }

    /// Converts a packet, whose times are in its stream's time base; what is ready goes to `deliver`.
    ///
    /// A subtitle that cannot be read is left out; returns whether that is so.
    func convert(
        _ input: UnsafeMutablePointer<AVPacket>,
        _ deliver: (UnsafeMutablePointer<AVPacket>) throws -> Void
    ) throws -> Bool {
        var subtitle = AVSubtitle()
        var isComplete: Int32 = 0
        let status = avcodec_decode_subtitle2(decoder, &subtitle, &isComplete, input)
        guard status >= 0 else { return false }
        guard isComplete != 0 else { return true }
        defer { avsubtitle_free(&subtitle) }
        guard subtitle.pts != LibAV.noTimestamp else { return false }
        let origin = subtitle.pts / 1000
        let lines = (0..<Int(subtitle.num_rects)).compactMap { index in
            subtitle.rects[index].flatMap { $0.pointee.ass }.map { String(cString: $0) }
        }
        guard !lines.isEmpty else { return true }
        let hasEnd = subtitle.end_display_time > 0 && subtitle.end_display_time != .max
        let event = SubtitleFlattener.Event(
            start: origin + Int64(subtitle.start_display_time),
            end: hasEnd ? origin + Int64(subtitle.end_display_time) : nil, lines: lines)
        for event in isFlat ? flattener.add(event) : [event] { try encode(event, deliver) }
        return true
    }

    /// Converts what is held back.
    func flush(_ deliver: (UnsafeMutablePointer<AVPacket>) throws -> Void) throws {
        for event in flattener.finish() { try encode(event, deliver) }
    }

    private func encode(
        _ event: SubtitleFlattener.Event,
        _ deliver: (UnsafeMutablePointer<AVPacket>) throws -> Void
    ) throws {
        let end = event.end ?? event.start + SubtitleFlattener.usualDuration
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        let written = try withSubtitle(event.lines) { subtitle in
            avcodec_encode_subtitle(encoder, &buffer, Int32(buffer.count), &subtitle)
        }
        try LibAV.check(written, "cannot write a subtitle into \(name)")
        guard written > 0 else { return }
        av_packet_unref(packet.pointer)
        try LibAV.check(av_new_packet(packet.pointer, written), "cannot write \(name)")
        packet.pointer.pointee.data.update(from: buffer, count: Int(written))
        packet.pointer.pointee.pts = event.start
        packet.pointer.pointee.dts = event.start
        packet.pointer.pointee.duration = max(end - event.start, 0)
        try deliver(packet.pointer)
    }

    /// Hands over lines as libav's subtitle.
    private func withSubtitle(
        _ lines: [String], _ body: (inout AVSubtitle) -> Int32
    ) throws -> Int32 {
        var subtitle = AVSubtitle()
        subtitle.pts = 0
        subtitle.end_display_time = 0
        let list = try LibAV.allocated(
            av_calloc(lines.count, MemoryLayout<UnsafeMutablePointer<AVSubtitleRect>?>.stride))
        subtitle.rects = list.assumingMemoryBound(to: UnsafeMutablePointer<AVSubtitleRect>?.self)
        defer { avsubtitle_free(&subtitle) }
        for (index, line) in lines.enumerated() {
            let rect = try LibAV.allocated(av_mallocz(MemoryLayout<AVSubtitleRect>.size))
                .assumingMemoryBound(to: AVSubtitleRect.self)
            subtitle.rects[index] = rect
            subtitle.num_rects = UInt32(index + 1)
            rect.pointee.type = SUBTITLE_ASS
            rect.pointee.ass = av_strdup(line)
        }
        return body(&subtitle)
    }
}
