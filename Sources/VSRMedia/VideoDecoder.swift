import CLibAV
import VSRCore

/// Decodes the main video stream of an input, picture by picture.
final class VideoDecoder {
    let stream: UnsafeMutablePointer<AVStream>
    /// The picture of the last ``advance()`` that returned true.
    let picture: AVFrameBox
    /// The size of every picture.
    private(set) var frameSize = FrameSize(width: 0, height: 0)

    private let input: MediaInput
    private let options: VideoReaderOptions
    private let codec: UnsafeMutablePointer<AVCodecContext>
    private let packet: AVPacketBox
    private var packetCount = 0
    private var frameCount = 0
    private var fruitlessReads = 0
    private var isDraining = false

    /// More reads than any codec holds pictures back.
    private static let maximumFruitlessReads = 100_000

    init(_ input: MediaInput, options: VideoReaderOptions) throws {
        try input.probe(maximumArea: options.maximumArea)
        self.input = input
        self.options = options
        picture = try AVFrameBox()
        packet = try AVPacketBox()
        (stream, codec) = try Self.openStream(of: input, options)
        for other in input.streams where other != stream {
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
        guard let decoder = avcodec_find_decoder(parameters.codec_id) else {
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

    /// Decodes the next picture into ``picture``; false after the last.
    func advance() throws -> Bool {
        while true {
            let status = avcodec_receive_frame(codec, picture.pointer)
            if status == 0 {
                if try accept() { return true }
            } else if status == LibAV.endOfFile {
                return false
            } else if status == LibAV.again, !isDraining {
                try feed()
            } else if options.skipsDamage, status != LibAV.again, !isDraining {
                try feed()
            } else {
                throw damage(status)
            }
        }
    }

    /// Whether the picture is to be handed out.
    private func accept() throws -> Bool {
        fruitlessReads = 0
        let size = FrameSize(
            width: Int(picture.pointer.pointee.width), height: Int(picture.pointer.pointee.height))
        guard size.width > 0, size.height > 0, size.area <= options.maximumArea else {
            throw VSRError(.corruptData, "\(input.path) has a frame of \(size) pixels")
        }
        if picture.pointer.pointee.decode_error_flags != 0 {
            if options.skipsDamage { return false }
            throw damage(nil)
        }
        if frameCount == 0 { frameSize = size }
        guard size == frameSize else {
            throw VSRError(
                .shapeMismatch,
                "\(input.path) changes its frame size from \(frameSize) to \(size) at frame "
                    + "\(frameCount): cut it there and process the parts separately")
        }
        frameCount += 1
        return true
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
                if options.skipsDamage { return try drain() }
                throw damage(status)
            }
            if packet.pointee.stream_index == stream.pointee.index { break }
        }
        packetCount += 1
        if packet.pointee.flags & AV_PKT_FLAG_CORRUPT != 0 {
            if options.skipsDamage { return }
            throw damage(nil)
        }
        let status = avcodec_send_packet(codec, packet)
        if status < 0, !options.skipsDamage { throw damage(status) }
    }

    private func drain() throws {
        isDraining = true
        let promised = Int(stream.pointee.nb_frames)
        if !options.skipsDamage, input.isExhausted, packetCount < promised {
            throw VSRError(
                .corruptData,
                "\(input.path) is cut off: it holds \(packetCount) of \(promised) frames")
        }
        _ = avcodec_send_packet(codec, nil)
    }

    private func damage(_ status: Int32?) -> VSRError {
        let reason = status.map { " (\(LibAV.text($0)))" } ?? ""
        return VSRError(
            status.map(LibAV.code) ?? .corruptData,
            "\(input.path) is damaged at frame \(frameCount)\(reason): repair or cut it")
    }
}
