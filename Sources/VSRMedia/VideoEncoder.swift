import CLibAV
import VSRCore

/// An H.264 encoder of libav.
final class VideoEncoder {
    let timeBase: Rational
    let depth: Int
    let factorX: Int
    let factorY: Int
    let context: UnsafeMutablePointer<AVCodecContext>
    /// Pictures as the encoder takes them.
    let pictures: EncoderPictures
    private let name: String
    private let size: FrameSize
    private let packet: AVPacketBox
    private let nominalDuration: Int64
    /// Durations of frames that are still inside the encoder.
    private var durations: [Int64: Int64] = [:]

    init(
        size: FrameSize, like source: VideoProperties, tags: ColorTags,
        options: VideoWriterOptions, needsHeader: Bool, name: String
    ) throws {
        guard let codec = avcodec_find_encoder_by_name("libx264") else {
            throw VSRError(
                .unsupported,
                "libav has no encoder libx264 here, so \(name) cannot be written: install FFmpeg's "
                    + "libraries with x264, or write a folder of PNG pictures")
        }
        guard source.timeBase.isPositive else {
            throw VSRError(
                .invalidArgument, "the time base \(source.timeBase) for \(name) is not positive")
        }
        let isOdd = (x: size.width % 2 != 0, y: size.height % 2 != 0)
        var chroma = options.chroma
        if chroma == .yuv420, isOdd.x || isOdd.y { chroma = .yuv444 }
        if chroma == .yuv422, isOdd.x { chroma = .yuv444 }
        self.name = name
        self.size = size
        timeBase = source.timeBase
        depth = options.depth ?? (source.depth > 8 ? 10 : 8)
        factorX = chroma == .yuv444 ? 1 : 2
        factorY = chroma == .yuv420 ? 2 : 1
        packet = try AVPacketBox()
        context = try LibAV.allocated(avcodec_alloc_context3(codec))
        let pixelFormat = av_get_pix_fmt(chroma.rawValue + (depth > 8 ? "p10le" : "p"))
        pictures = EncoderPictures(
            size: size, pixelFormat: pixelFormat.rawValue, tags: tags, name: name)
        let ticks = source.frameRate.map { 1 / ($0.value * source.timeBase.value) } ?? 0
        nominalDuration = ticks >= 1 && ticks < 1e15 ? Int64(ticks.rounded()) : 1
        configure(like: source, tags: tags, options: options)
        if needsHeader { context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
        var settings: OpaquePointer?
        defer { av_dict_free(&settings) }
        av_dict_set(&settings, "crf", String(options.quality), 0)
        av_dict_set(&settings, "preset", options.preset, 0)
        try LibAV.check(avcodec_open2(context, codec, &settings), "cannot encode \(name)")
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }

    private func configure(
        like source: VideoProperties, tags: ColorTags, options: VideoWriterOptions
    ) {
        context.pointee.width = Int32(size.width)
        context.pointee.height = Int32(size.height)
        context.pointee.pix_fmt = AVPixelFormat(rawValue: pictures.pixelFormat)
        context.pointee.time_base = timeBase.av
        if let rate = source.frameRate, rate.isPositive { context.pointee.framerate = rate.av }
        context.pointee.sample_aspect_ratio = source.sampleAspectRatio.av
        context.pointee.colorspace = tags.avSpace
        context.pointee.color_primaries = tags.avPrimaries
        context.pointee.color_trc = tags.avTransfer
        context.pointee.color_range = tags.avRange
        context.pointee.chroma_sample_location = tags.avLocation
        context.pointee.thread_count = Int32(clamping: options.threads)
    }

    /// Encodes one picture; packets that became ready go to `deliver` in decoding order.
    func encode(
        _ picture: UnsafeMutablePointer<AVFrame>, timestamp: Int64, duration: Int64,
        _ deliver: (UnsafeMutablePointer<AVPacket>) throws -> Void
    ) throws {
        picture.pointee.pts = timestamp
        durations[timestamp] = duration > 0 ? duration : nominalDuration
        try LibAV.check(avcodec_send_frame(context, picture), "cannot encode \(name)")
        try drain(deliver)
    }

    /// Encodes what is held back.
    func flush(_ deliver: (UnsafeMutablePointer<AVPacket>) throws -> Void) throws {
        try LibAV.check(avcodec_send_frame(context, nil), "cannot encode \(name)")
        try drain(deliver)
    }

    private func drain(_ deliver: (UnsafeMutablePointer<AVPacket>) throws -> Void) throws {
        while true {
            let status = avcodec_receive_packet(context, packet.pointer)
            if status == LibAV.again || status == LibAV.endOfFile { return }
            try LibAV.check(status, "cannot encode \(name)")
            defer { av_packet_unref(packet.pointer) }
            let timestamp = packet.pointer.pointee.pts
            packet.pointer.pointee.duration =
                durations.removeValue(forKey: timestamp) ?? nominalDuration
            try deliver(packet.pointer)
        }
    }
}
