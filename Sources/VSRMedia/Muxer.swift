import CLibAV
import Foundation
import VSRCore

/// Writes packets into a container file that appears when it is finished.
final class Muxer {
    private let path: String
    private let pending: PendingFile
    private var context: UnsafeMutablePointer<AVFormatContext>
    private var isStarted = false

    private static let containers = ["mp4": "mp4", "m4v": "mp4", "mov": "mov", "mkv": "matroska"]

    /// - Throws: `invalidArgument` for extensions other than mp4, m4v, mov and mkv.
    init(_ path: String) throws {
        _ = LibAV.quiet
        let suffix = (path as NSString).pathExtension.lowercased()
        guard let format = Self.containers[suffix] else {
            throw VSRError(
                .invalidArgument,
                "\(path) does not say which video to write: end it in .mp4, .mov or .mkv")
        }
        self.path = path
        pending = try PendingFile(path)
        var made: UnsafeMutablePointer<AVFormatContext>?
        // The muxer itself opens the file a second time to move the index to its front.
        let url = LibAV.url(pending.temporaryPath)
        try LibAV.check(
            avformat_alloc_output_context2(&made, nil, format, url), "cannot write \(path)")
        context = try LibAV.allocated(made)
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

    /// Whether the container can hold a codec.
    func accepts(_ codec: AVCodecID) -> Bool {
        avformat_query_codec(context.pointee.oformat, codec, FF_COMPLIANCE_NORMAL) == 1
    }

    func addVideo(
        _ encoder: VideoEncoder, like source: VideoProperties, size: FrameSize
    ) throws {
        let stream = try LibAV.allocated(avformat_new_stream(context, nil))
        try LibAV.check(
            avcodec_parameters_from_context(stream.pointee.codecpar, encoder.context),
            "cannot write \(path)")
        stream.pointee.time_base = encoder.timeBase.av
        stream.pointee.sample_aspect_ratio = source.sampleAspectRatio.av
        if let rate = source.frameRate { stream.pointee.avg_frame_rate = rate.av }
        guard let matrix = source.displayMatrix, matrix.count == 9 else { return }
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

    /// Adds a stream whose packets are copied; returns its index.
    func addCopy(of source: UnsafeMutablePointer<AVStream>) throws -> Int {
        let stream = try LibAV.allocated(avformat_new_stream(context, nil))
        try LibAV.check(
            avcodec_parameters_copy(stream.pointee.codecpar, source.pointee.codecpar),
            "cannot write \(path)")
        // Tags differ between containers; the muxer chooses its own.
        stream.pointee.codecpar.pointee.codec_tag = 0
        stream.pointee.time_base = source.pointee.time_base
        stream.pointee.disposition = source.pointee.disposition
        av_dict_copy(&stream.pointee.metadata, source.pointee.metadata, 0)
        return Int(stream.pointee.index)
    }

    func copyMetadata(from source: OpaquePointer?) {
        av_dict_copy(&context.pointee.metadata, source, 0)
    }

    /// Writes the header; streams cannot be added after it.
    func start() throws {
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        // Puts the index first, so that players can start before the whole file has arrived.
        av_dict_set(&options, "movflags", "faststart", 0)
        try checkIO(avformat_write_header(context, &options))
        isStarted = true
    }

    /// Writes a packet, whose times are in `timeBase`; its content is taken.
    func write(
        _ packet: UnsafeMutablePointer<AVPacket>, stream index: Int, timeBase: Rational
    ) throws {
        guard let stream = context.pointee.streams[index] else { return }
        packet.pointee.stream_index = Int32(index)
        packet.pointee.pos = -1
        av_packet_rescale_ts(packet, timeBase.av, stream.pointee.time_base)
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
