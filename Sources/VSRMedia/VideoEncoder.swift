import CLibAV
import Foundation
import VSRCore

/// A video encoder of libav.
final class VideoEncoder {
    let timeBase: Rational
    /// What it is given.
    let format: EncoderFormat
    /// What is not kept, a sentence each.
    let warnings: [String]
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
        options: VideoWriterOptions, codec kind: VideoCodec, ordersByTime: Bool = false,
        needsHeader: Bool, name: String
    ) throws {
        let encoderName = kind.encoderName(for: size)
        guard let codec = avcodec_find_encoder_by_name(encoderName) else {
            throw VSRError(
                .unsupported,
                "libav has no encoder \(encoderName) here, so \(name) cannot be written: "
                    + "install FFmpeg's libraries with it, name another codec, or write a folder of "
                    + "PNG pictures")
        }
        guard source.timeBase.isPositive else {
            throw VSRError(
                .invalidArgument, "the time base \(source.timeBase) for \(name) is not positive")
        }
        self.name = name
        self.size = size
        // It would print by itself at each part.
        if kind == .av1 { setenv("SVT_LOG", "1", 0) }
        timeBase = source.timeBase
        let wish = EncoderFormat.Wish(source, options)
        format = try Self.format(wish, codec, size: size, kind, name: name)
        warnings = Self.losses(wish, format, source, kind, name: name)
        packet = try AVPacketBox()
        context = try LibAV.allocated(avcodec_alloc_context3(codec))
        pictures = EncoderPictures(
            size: size, pixelFormat: format.pixelFormat.rawValue, tags: tags, name: name)
        let ticks = source.frameRate.map { 1 / ($0.value * source.timeBase.value) } ?? 0
        nominalDuration = ticks >= 1 && ticks < 1e15 ? Int64(ticks.rounded()) : 1
        configure(like: source, tags: tags, options: options)
        if needsHeader { context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
        // Containers without times of showing want frames in the order they are shown.
        if ordersByTime { context.pointee.max_b_frames = 0 }
        var settings: OpaquePointer?
        defer { av_dict_free(&settings) }
        set(options, of: kind, hdr: source.hdr, in: &settings)
        if ordersByTime, options.encoderOptions["bf"] != nil {
            throw VSRError(
                .invalidArgument,
                "\(name) cannot hold B-frames: leave -e bf out, or name an .mkv file")
        }
        for (key, value) in options.encoderOptions {
            // Lists of settings go to those of the program.
            let own = av_dict_get(settings, key, nil, 0).map { String(cString: $0.pointee.value) }
            let isList = ["x264-params", "x265-params", "svtav1-params"].contains(key)
            av_dict_set(&settings, key, isList && own != nil ? "\(own ?? ""):\(value)" : value, 0)
        }
        let status = avcodec_open2(context, codec, &settings)
        guard status >= 0 || options.encoderOptions.isEmpty else {
            let given = options.encoderOptions.map { "\($0.key)=\($0.value)" }.sorted()
            throw VSRError(
                .invalidArgument,
                "\(kind.title)'s encoder does not take \(given.joined(separator: ", ")) for \(name): "
                    + "\(LibAV.text(status)) (ffmpeg -h encoder=\(encoderName) lists what it "
                    + "takes)")
        }
        try LibAV.check(status, "cannot encode \(name)")
        // What the encoder did not take is left in the list.
        if let unknown = options.encoderOptions.keys.sorted().first(where: {
            av_dict_get(settings, $0, nil, 0) != nil
        }) {
            throw VSRError(
                .invalidArgument,
                "\(kind.title)'s encoder has no option \(unknown): ffmpeg -h "
                    + "encoder=\(encoderName) lists those it has")
        }
    }

    private func set(
        _ options: VideoWriterOptions, of codec: VideoCodec, hdr: HDRMetadata?,
        in settings: inout OpaquePointer?
    ) {
        for (key, value) in codec.rateSettings(options, for: size) {
            av_dict_set(&settings, key, value, 0)
        }
        let display = hdr?.masteringText
        let level = hdr?.lightLevel.map { "\($0.content),\($0.frameAverage)" }
        switch codec {
        case .h264:
            let values = [
                display.map { "mastering-display=\($0)" }, level.map { "cll=\($0)" },
            ].compactMap { $0 }
            if !values.isEmpty {
                av_dict_set(&settings, "x264-params", values.joined(separator: ":"), 0)
            }
        case .hevc:
            // x265 prints by itself.
            let values = [
                // Without the note on the processor, which would tell parts of one video apart.
                "log-level=none:info=0", options.threads > 0 ? "pools=\(options.threads)" : nil,
                display.map { "master-display=\($0)" }, level.map { "max-cll=\($0)" },
                display ?? level == nil ? nil : "hdr10=1:repeat-headers=1",
            ].compactMap { $0 }
            av_dict_set(&settings, "x265-params", values.joined(separator: ":"), 0)
        case .prores:
            // 3 is HQ of 4:2:2, 4 is 4444.
            let is444 = format.subsampling == .yuv444
            av_dict_set(&settings, "profile", is444 ? "4" : "3", 0)
            av_dict_set(&settings, "alpha_bits", format.hasAlpha ? "16" : "0", 0)
            av_dict_set(&settings, "vendor", "apl0", 0)
        case .vp9, .av1:
            break
        case .ffv1:
            av_dict_set(&settings, "level", "3", 0)
            av_dict_set(&settings, "slicecrc", "1", 0)
        }
    }

    private static func format(
        _ wish: EncoderFormat.Wish, _ encoder: UnsafePointer<AVCodec>, size: FrameSize,
        _ codec: VideoCodec, name: String
    ) throws -> EncoderFormat {
        var formats: [AVPixelFormat] = []
        while let next = encoder.pointee.pix_fmts?[formats.count], next != AV_PIX_FMT_NONE {
            formats.append(next)
        }
        let nearest = EncoderFormat.nearest(
            to: wish, among: formats, size: size, needsEvenSides: codec.needsEvenSides)
        guard let nearest else {
            throw VSRError(
                .unsupported,
                "\(codec.title) takes no frames of \(size), as \(name) has them: name another codec"
            )
        }
        return nearest
    }

    /// What is lost, and what keeps it.
    private static func losses(
        _ wish: EncoderFormat.Wish, _ format: EncoderFormat, _ source: VideoProperties,
        _ codec: VideoCodec, name: String
    ) -> [String] {
        var lost: [String] = []
        if format.depth < wish.depth {
            lost.append(
                "\(wish.depth)-bit samples are written with \(format.depth) bits, the most that "
                    + "\(codec.title) takes here")
        }
        let (kept, wished) = (format.subsampling, wish.subsampling)
        if kept.columns > wished.columns || kept.rows > wished.rows {
            lost.append(
                "\(wished.text) colors are written as \(kept.text), which is what "
                    + "\(codec.title) takes here")
        }
        var texts = lost.map { "\(name): \($0); --codec ffv1 and .mkv keep all" }
        if source.hdr?.hasDynamic ?? false {
            texts.append("\(name): dynamic HDR metadata (HDR10+, Dolby Vision) is left out")
        }
        if source.colorProfile != nil {
            texts.append("\(name): the pictures' ICC profile is left out, which videos do not hold")
        }
        return texts
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

    /// How long a frame is shown, in ticks, where its duration may be unknown (0).
    func shown(_ duration: Int64) -> Int64 { duration > 0 ? duration : nominalDuration }

    /// Encodes one picture; packets that became ready go to `deliver` in decoding order.
    func encode(
        _ picture: UnsafeMutablePointer<AVFrame>, timestamp: Int64, duration: Int64,
        _ deliver: (UnsafeMutablePointer<AVPacket>) throws -> Void
    ) throws {
        picture.pointee.pts = timestamp
        durations[timestamp] = shown(duration)
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

extension EncoderFormat.Wish {
    /// What the source has, unless options say otherwise; color samples for at most 2x2 pixels.
    init(_ source: VideoProperties, _ options: VideoWriterOptions) {
        let kept = source.subsampling
        self.init(
            subsampling: options.chroma?.subsampling
                ?? .init(columns: min(kept.columns, 2), rows: min(kept.rows, 2)),
            depth: options.depth ?? max(source.depth, 8), hasAlpha: source.hasAlpha)
    }
}
