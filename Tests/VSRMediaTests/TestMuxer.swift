import CLibAV
import Foundation
import VSRCore

@testable import VSRMedia

/// Writes files for tests packet by packet, through libav's muxers alone.
final class TestMuxer {
    let context: UnsafeMutablePointer<AVFormatContext>
    private let path: String
    private var isStarted = false

    init(_ path: String, format: String) throws {
        self.path = path
        var made: UnsafeMutablePointer<AVFormatContext>?
        try LibAV.check(avformat_alloc_output_context2(&made, nil, format, path), path)
        context = try LibAV.allocated(made)
        context.pointee.strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL
        try LibAV.check(avio_open(&context.pointee.pb, path, AVIO_FLAG_WRITE), path)
    }

    deinit {
        avio_closep(&context.pointee.pb)
        avformat_free_context(context)
    }

    /// Adds a stream; its packets' times are in ticks of `base`.
    @discardableResult
    func add(
        _ kind: AVMediaType, _ codec: AVCodecID, base: Rational = Rational(1, 1000),
        tags: [String: String] = [:], disposition: Int32 = 0, header: Data? = nil
    ) throws -> Int {
        let stream = try LibAV.allocated(avformat_new_stream(context, nil))
        stream.pointee.codecpar.pointee.codec_type = kind
        stream.pointee.codecpar.pointee.codec_id = codec
        stream.pointee.time_base = base.av
        stream.pointee.disposition = disposition
        for (key, value) in tags { av_dict_set(&stream.pointee.metadata, key, value, 0) }
        if let header { try setHeader(header, of: stream) }
        return Int(stream.pointee.index)
    }

    /// Adds a stream like one of another file.
    func add(
        like source: TestProbe.Stream, tags: [String: String] = [:], disposition: Int32? = nil
    ) throws -> Int {
        let stream = try LibAV.allocated(avformat_new_stream(context, nil))
        avcodec_parameters_copy(stream.pointee.codecpar, source.pointer.pointee.codecpar)
        stream.pointee.codecpar.pointee.codec_tag = 0
        stream.pointee.time_base = source.pointer.pointee.time_base
        stream.pointee.avg_frame_rate = source.pointer.pointee.avg_frame_rate
        stream.pointee.disposition = disposition ?? source.pointer.pointee.disposition
        for (key, value) in tags { av_dict_set(&stream.pointee.metadata, key, value, 0) }
        return Int(stream.pointee.index)
    }

    private func setHeader(_ data: Data, of stream: UnsafeMutablePointer<AVStream>) throws {
        let memory = try LibAV.allocated(av_mallocz(data.count + 64))
        data.withUnsafeBytes { bytes in
            if let base = bytes.baseAddress {
                memory.copyMemory(from: base, byteCount: data.count)
            }
        }
        stream.pointee.codecpar.pointee.extradata = memory.assumingMemoryBound(to: UInt8.self)
        stream.pointee.codecpar.pointee.extradata_size = Int32(data.count)
    }

    /// Adds a chapter; milliseconds.
    func addChapter(_ title: String, from start: Int64, to end: Int64) throws {
        let count = Int(context.pointee.nb_chapters)
        let list = try LibAV.allocated(
            av_realloc(
                context.pointee.chapters,
                (count + 1) * MemoryLayout<UnsafeMutablePointer<AVChapter>?>.stride))
        context.pointee.chapters = list.assumingMemoryBound(
            to: UnsafeMutablePointer<AVChapter>?.self)
        let chapter = try LibAV.allocated(av_mallocz(MemoryLayout<AVChapter>.size))
            .assumingMemoryBound(to: AVChapter.self)
        chapter.pointee.id = Int64(count) + 1
        chapter.pointee.time_base = AVRational(num: 1, den: 1000)
        chapter.pointee.start = start
        chapter.pointee.end = end
        av_dict_set(&chapter.pointee.metadata, "title", title, 0)
        context.pointee.chapters[count] = chapter
        context.pointee.nb_chapters += 1
    }

    func start(_ options: [String: String] = [:]) throws {
        var settings: OpaquePointer?
        defer { av_dict_free(&settings) }
        for (key, value) in options { av_dict_set(&settings, key, value, 0) }
        try LibAV.check(avformat_write_header(context, &settings), path)
    }

    /// Writes a packet whose times are in ticks of `base`.
    func write(
        _ data: Data, stream index: Int, pts: Int64?, dts: Int64? = nil, duration: Int64 = 0,
        base: Rational, isKey: Bool = true
    ) throws {
        let packet = try AVPacketBox()
        try LibAV.check(av_new_packet(packet.pointer, Int32(data.count)), path)
        data.copyBytes(to: packet.pointer.pointee.data, count: data.count)
        packet.pointer.pointee.pts = pts ?? LibAV.noTimestamp
        packet.pointer.pointee.dts = dts ?? pts ?? LibAV.noTimestamp
        packet.pointer.pointee.duration = duration
        packet.pointer.pointee.stream_index = Int32(index)
        if isKey { packet.pointer.pointee.flags |= AV_PKT_FLAG_KEY }
        let stream = try LibAV.allocated(context.pointee.streams[index])
        av_packet_rescale_ts(packet.pointer, base.av, stream.pointee.time_base)
        try LibAV.check(av_interleaved_write_frame(context, packet.pointer), path)
    }

    /// Writes all packets of a file's stream, moved by `shift` seconds.
    func write(_ source: TestProbe.Stream, as index: Int, shift: Double = 0) throws {
        let base = Rational(source.pointer.pointee.time_base)
        let ticks = Int64((shift / base.value).rounded())
        for packet in source.packets {
            try write(
                packet.data, stream: index, pts: packet.pts.map { $0 + ticks },
                dts: packet.dts.map { $0 + ticks }, duration: packet.duration, base: base,
                isKey: packet.isKey)
        }
    }

    func finish() throws {
        try LibAV.check(av_write_trailer(context), path)
        try LibAV.check(avio_closep(&context.pointee.pb), path)
    }
}

/// What a file holds, read through libav's demuxers alone.
final class TestProbe {
    private let opened: Opened
    private(set) var streams: [Stream] = []

    var context: UnsafeMutablePointer<AVFormatContext> { opened.context }

    /// Closes the file with the last of its streams.
    private final class Opened {
        let context: UnsafeMutablePointer<AVFormatContext>

        init(_ path: String) throws {
            var opened: UnsafeMutablePointer<AVFormatContext>?
            try LibAV.check(avformat_open_input(&opened, path, nil, nil), path)
            context = try LibAV.allocated(opened)
        }

        deinit {
            var context: UnsafeMutablePointer<AVFormatContext>? = context
            avformat_close_input(&context)
        }
    }

    struct Stream {
        fileprivate let owner: AnyObject
        let pointer: UnsafeMutablePointer<AVStream>
        var packets: [Packet] = []

        var kind: AVMediaType { pointer.pointee.codecpar.pointee.codec_type }
        var codec: String {
            String(cString: avcodec_get_name(pointer.pointee.codecpar.pointee.codec_id))
        }
        var header: Data {
            let parameters = pointer.pointee.codecpar.pointee
            return parameters.extradata.map {
                Data(bytes: $0, count: Int(parameters.extradata_size))
            } ?? Data()
        }
        var payload: [Data] { packets.map(\.data) }
        var disposition: Int32 { pointer.pointee.disposition }
        var base: Rational { Rational(pointer.pointee.time_base) }
        /// When packets are shown, in whole milliseconds.
        var milliseconds: [Int] {
            packets.compactMap(\.pts).map { Int((Double($0) * base.value * 1000).rounded()) }
        }
        /// How long packets are shown, in whole milliseconds.
        var durations: [Int] {
            packets.map { Int((Double($0.duration) * base.value * 1000).rounded()) }
        }

        func tag(_ key: String) -> String? {
            av_dict_get(pointer.pointee.metadata, key, nil, 0)
                .map { String(cString: $0.pointee.value) }
        }
    }

    struct Packet {
        let data: Data
        let pts: Int64?
        let dts: Int64?
        let duration: Int64
        let isKey: Bool
    }

    init(_ path: String) throws {
        opened = try Opened(path)
        let context = opened.context
        try LibAV.check(avformat_find_stream_info(context, nil), path)
        let packet = try AVPacketBox()
        var packets: [Int: [Packet]] = [:]
        while av_read_frame(context, packet.pointer) >= 0 {
            let value = packet.pointer.pointee
            let read = Packet(
                data: value.data.map { Data(bytes: $0, count: Int(value.size)) } ?? Data(),
                pts: value.pts == LibAV.noTimestamp ? nil : value.pts,
                dts: value.dts == LibAV.noTimestamp ? nil : value.dts, duration: value.duration,
                isKey: value.flags & AV_PKT_FLAG_KEY != 0)
            packets[Int(value.stream_index), default: []].append(read)
            av_packet_unref(packet.pointer)
        }
        for index in 0..<Int(context.pointee.nb_streams) {
            guard let stream = context.pointee.streams[index] else { continue }
            streams.append(
                Stream(owner: opened, pointer: stream, packets: packets[index] ?? []))
        }
    }

    func streams(_ kind: AVMediaType) -> [Stream] { streams.filter { $0.kind == kind } }

    /// Streams of pictures that move.
    var videos: [Stream] {
        streams(AVMEDIA_TYPE_VIDEO).filter { $0.disposition & AV_DISPOSITION_ATTACHED_PIC == 0 }
    }

    var covers: [Stream] {
        streams.filter { $0.disposition & AV_DISPOSITION_ATTACHED_PIC != 0 }
    }

    var chapters: [(title: String, start: Int, end: Int)] {
        (0..<Int(context.pointee.nb_chapters)).compactMap { index in
            guard let chapter = context.pointee.chapters[index]?.pointee else { return nil }
            let scale = Rational(chapter.time_base).value * 1000
            let title = av_dict_get(chapter.metadata, "title", nil, 0)
            return (
                title.map { String(cString: $0.pointee.value) } ?? "",
                Int((Double(chapter.start) * scale).rounded()),
                Int((Double(chapter.end) * scale).rounded())
            )
        }
    }

    func tag(_ key: String) -> String? {
        av_dict_get(context.pointee.metadata, key, nil, 0)
            .map { String(cString: $0.pointee.value) }
    }
}
