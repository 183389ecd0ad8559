import CLibAV
import Foundation
import VSRCore

@testable import VSRMedia

/// Audio for tests, made and read with libav itself.
enum TestStreams {
    /// One packet of a stream as it lies in a file.
    struct Packet: Equatable {
        let seconds: Double
        let data: Data
    }

    /// Writes a Matroska file that holds a sawtooth and nothing else.
    static func writeAudio(
        _ path: String, encoder name: String, seconds: Double, rate: Int = 44100
    ) throws {
        let codec = try LibAV.allocated(avcodec_find_encoder_by_name(name))
        var context: UnsafeMutablePointer<AVCodecContext>? = avcodec_alloc_context3(codec)
        defer { avcodec_free_context(&context) }
        let encoder = try LibAV.allocated(context)
        encoder.pointee.sample_rate = Int32(rate)
        encoder.pointee.sample_fmt = try LibAV.allocated(codec.pointee.sample_fmts).pointee
        av_channel_layout_default(&encoder.pointee.ch_layout, 1)
        encoder.pointee.time_base = AVRational(num: 1, den: Int32(rate))
        encoder.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
        encoder.pointee.strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL
        try LibAV.check(avcodec_open2(encoder, codec, nil), name)

        var made: UnsafeMutablePointer<AVFormatContext>?
        try LibAV.check(avformat_alloc_output_context2(&made, nil, "matroska", path), path)
        let output = try LibAV.allocated(made)
        defer { avformat_free_context(output) }
        try LibAV.check(avio_open(&output.pointee.pb, path, AVIO_FLAG_WRITE), path)
        defer { avio_closep(&output.pointee.pb) }
        let stream = try LibAV.allocated(avformat_new_stream(output, nil))
        avcodec_parameters_from_context(stream.pointee.codecpar, encoder)
        av_dict_set(&stream.pointee.metadata, "language", "fra", 0)
        try LibAV.check(avformat_write_header(output, nil), path)

        let length = encoder.pointee.frame_size > 0 ? Int(encoder.pointee.frame_size) : 1024
        let packet = try AVPacketBox()
        func drain() throws {
            while avcodec_receive_packet(encoder, packet.pointer) == 0 {
                av_packet_rescale_ts(
                    packet.pointer, encoder.pointee.time_base, stream.pointee.time_base)
                try LibAV.check(av_interleaved_write_frame(output, packet.pointer), path)
            }
        }
        for start in stride(from: 0, to: Int(seconds * Double(rate)), by: length) {
            let frame = try AVFrameBox()
            frame.pointer.pointee.format = encoder.pointee.sample_fmt.rawValue
            frame.pointer.pointee.nb_samples = Int32(length)
            frame.pointer.pointee.sample_rate = Int32(rate)
            av_channel_layout_default(&frame.pointer.pointee.ch_layout, 1)
            try LibAV.check(av_frame_get_buffer(frame.pointer, 0), path)
            fill(frame.pointer, start: start, length: length)
            frame.pointer.pointee.pts = Int64(start)
            try LibAV.check(avcodec_send_frame(encoder, frame.pointer), path)
            try drain()
        }
        avcodec_send_frame(encoder, nil)
        try drain()
        try LibAV.check(av_write_trailer(output), path)
    }

    /// Writes a Matroska file that holds subtitles and nothing else, each shown for 0.2 s.
    static func writeSubtitles(_ path: String, _ lines: [(milliseconds: Int64, text: String)])
        throws
    {
        var made: UnsafeMutablePointer<AVFormatContext>?
        try LibAV.check(avformat_alloc_output_context2(&made, nil, "matroska", path), path)
        let output = try LibAV.allocated(made)
        defer { avformat_free_context(output) }
        try LibAV.check(avio_open(&output.pointee.pb, path, AVIO_FLAG_WRITE), path)
        defer { avio_closep(&output.pointee.pb) }
        let stream = try LibAV.allocated(avformat_new_stream(output, nil))
        stream.pointee.codecpar.pointee.codec_type = AVMEDIA_TYPE_SUBTITLE
        stream.pointee.codecpar.pointee.codec_id = AV_CODEC_ID_SUBRIP
        stream.pointee.time_base = AVRational(num: 1, den: 1000)
        av_dict_set(&stream.pointee.metadata, "language", "fra", 0)
        try LibAV.check(avformat_write_header(output, nil), path)
        for line in lines {
            let packet = try AVPacketBox()
            let bytes = Array(line.text.utf8)
            try LibAV.check(av_new_packet(packet.pointer, Int32(bytes.count)), path)
            packet.pointer.pointee.data.update(from: bytes, count: bytes.count)
            packet.pointer.pointee.pts = line.milliseconds
            packet.pointer.pointee.dts = line.milliseconds
            packet.pointer.pointee.duration = 200
            try LibAV.check(av_interleaved_write_frame(output, packet.pointer), path)
        }
        try LibAV.check(av_write_trailer(output), path)
    }

    private static func fill(_ frame: UnsafeMutablePointer<AVFrame>, start: Int, length: Int) {
        guard let data = frame.pointee.data.0 else { return }
        for index in 0..<length {
            let level = Float((start + index) % 100) / 200 - 0.25
            let format = AVSampleFormat(rawValue: frame.pointee.format)
            if format == AV_SAMPLE_FMT_S16 || format == AV_SAMPLE_FMT_S16P {
                UnsafeMutableRawPointer(data).storeBytes(
                    of: Int16(level * 20000), toByteOffset: 2 * index, as: Int16.self)
            } else {
                UnsafeMutableRawPointer(data).storeBytes(
                    of: level, toByteOffset: 4 * index, as: Float.self)
            }
        }
    }

    /// All packets of a file's streams of one kind, and the streams' languages.
    static func packets(
        of path: String, kind: AVMediaType
    ) throws -> (packets: [Packet], languages: [String]) {
        let input = try MediaInput(path)
        try input.probe(maximumArea: 1 << 26)
        let wanted = input.streams.filter { $0.pointee.codecpar.pointee.codec_type == kind }
        let packet = try AVPacketBox()
        var found: [Packet] = []
        while av_read_frame(input.context, packet.pointer) >= 0 {
            defer { av_packet_unref(packet.pointer) }
            let value = packet.pointer.pointee
            guard let stream = wanted.first(where: { $0.pointee.index == value.stream_index })
            else { continue }
            found.append(
                Packet(
                    seconds: Double(value.pts) * Rational(stream.pointee.time_base).value,
                    data: Data(bytes: value.data, count: Int(value.size))))
        }
        let languages = wanted.map { stream in
            av_dict_get(stream.pointee.metadata, "language", nil, 0)
                .map { String(cString: $0.pointee.value) } ?? ""
        }
        return (found, languages)
    }
}
