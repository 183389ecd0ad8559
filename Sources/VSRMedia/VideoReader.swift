import CLibAV
import Foundation
import VSRCore

/// What a reader accepts.
public struct VideoReaderOptions: Sendable {
    /// Largest number of pixels of a frame; larger ones are refused before memory is taken.
    public var maximumArea = 8192 * 8192
    /// Decoding threads; 0 lets libav choose.
    public var threads = 0
    /// What is done where the file is damaged.
    public var damage = DamagePolicy.refuse
    /// Whether frames of another size than the first are scaled to it instead of ending the video
    /// with an error.
    public var scalesChangedSizes = false
    /// Looked at while a pipe is waited for; once requested, reading throws `cancelled`.
    public var cancellation: Cancellation?

    public init() {}
}

/// What is done where a file is damaged or cut off.
public enum DamagePolicy: String, Sendable, Codable, CaseIterable {
    /// An error.
    case refuse
    /// All frames are handed out that can be decoded, patched up as the decoder does it.
    case skip
    /// The video ends there as if it were complete.
    case stop
}

/// Decodes a video file frame by frame, in bounded memory.
///
/// Frames come in the order they are shown, with the file's own timestamps, as stored (rotation and
/// sample aspect are left to the player and reported in ``properties``). Colors are converted by
/// the stream's tags; see ``ColorTags/resolved(for:)`` for what is assumed where tags are absent.
/// Interlaced video is read as if it were progressive. Playlists and network addresses are refused.
public final class VideoReader: FrameSource {
    public let properties: VideoProperties
    public let log: ReadingLog?
    private let input: MediaInput
    private let decoder: VideoDecoder
    private let pictureReader: DecodedPictureReader
    private var pending: TimedPicture?
    private var lastTimestamp: Int64?

    /// Opens `path` and decodes its first frame, from which size and format are taken.
    ///
    /// - Throws: `notFound` if there is no such file, `corruptData` if it is no video or damaged,
    ///   `unsupported` for codecs and sample formats that cannot be decoded, frames too large.
    public convenience init(
        _ path: String, options: VideoReaderOptions = VideoReaderOptions()
    ) throws {
        try self.init(try Self.opened(path, options.cancellation), options: options)
    }

    /// Reads a video from standard input, which must begin with what describes it, as y4m does.
    ///
    /// - Throws: `invalidArgument` if standard input is closed or a terminal, and as for a file.
    public convenience init(
        standardInput options: VideoReaderOptions = VideoReaderOptions()
    ) throws {
        try self.init(
            try MediaInput(standardInputFor: options.cancellation), options: options)
    }

    private init(_ input: MediaInput, options: VideoReaderOptions) throws {
        let path = input.path
        self.input = input
        let log = ReadingLog()
        self.log = log
        decoder = try VideoDecoder(input, options: options, log: log)
        guard try decoder.advance() else {
            try options.cancellation?.check()
            throw VSRError(.corruptData, "\(path) holds no frame that can be decoded")
        }
        properties = Self.properties(of: decoder, input)
        pictureReader = DecodedPictureReader(name: path, color: properties.color)
        pending = try takePicture()
    }

    private static func opened(
        _ path: String, _ cancellation: Cancellation?
    ) throws -> MediaInput {
        do {
            return try MediaInput(path, cancellation: cancellation)
        } catch let error as VSRError where error.code == .corruptData {
            guard MediaInput.isSeekable(path), CutFile.isCut(path) else { throw error }
            throw VSRError(
                .corruptData,
                "\(path) is cut off or damaged before its index, without which it cannot be read: "
                    + "copy it again from where it came", cause: error)
        }
    }

    public func stop() { input.stop() }

    /// - Throws: As ``nextPicture()``.
    public func next() throws -> TimedFrame? {
        try nextPicture().map {
            TimedFrame(
                pictureReader.frame($0.picture), timestamp: $0.timestamp, duration: $0.duration,
                alpha: $0.alpha)
        }
    }

    /// - Throws: `corruptData` where the file is damaged or cut off, `shapeMismatch` where the
    ///   frame size changes.
    public func nextPicture() throws -> TimedPicture? {
        if let picture = pending {
            pending = nil
            return picture
        }
        guard try decoder.advance() else { return nil }
        return try takePicture()
    }

    /// The decoder's picture, which is then no longer the decoder's.
    private func takePicture() throws -> TimedPicture {
        let box = try AVFrameBox()
        av_frame_move_ref(box.pointer, decoder.picture.pointer)
        let nominal = max(box.pointer.pointee.pkt_duration, 0)
        var timestamp = box.pointer.pointee.best_effort_timestamp
        let step = max(nominal > 0 ? nominal : nominalDuration, 1)
        if timestamp == LibAV.noTimestamp { timestamp = lastTimestamp.map { $0 &+ step } ?? 0 }
        // Muxers need strictly rising times; a repeated one is moved by the least that helps.
        if let last = lastTimestamp, timestamp <= last { timestamp = last &+ 1 }
        guard timestamp.magnitude < 1 << 60, step < 1 << 60 else {
            throw VSRError(.corruptData, "\(input.path) has impossible timestamps (\(timestamp))")
        }
        lastTimestamp = timestamp
        let field: TimedPicture.Field? =
            !vsr_frame_is_interlaced(box.pointer)
            ? nil : vsr_frame_is_top_field_first(box.pointer) ? .top : .bottom
        var alpha = properties.hasAlpha ? try pictureReader.alpha(box.pointer) : nil
        let isOfFirstSize = decoder.pictureSize == decoder.frameSize
        if !isOfFirstSize { alpha = try alpha?.resized(to: decoder.frameSize) }
        var picture = TimedPicture(
            isOfFirstSize ? try pictureReader.picture(box) : .rgb(try scaled(box)),
            timestamp: timestamp, duration: nominal, alpha: alpha,
            firstField: isOfFirstSize ? field : nil)
        picture.startsAnew = decoder.changesSize
        return picture
    }

    /// A picture of another size than the first, stretched to it.
    private func scaled(_ box: AVFrameBox) throws -> Frame {
        var frame = try pictureReader.frame(box.pointer).resized(to: decoder.frameSize)
        for index in frame.samples.indices {
            frame.samples[index] = min(max(frame.samples[index], 0), 1)
        }
        return frame
    }

    /// Ticks per frame at the average rate; 0 if unknown.
    private var nominalDuration: Int64 {
        guard let rate = properties.frameRate else { return 0 }
        let ticks = 1 / (rate.value * properties.timeBase.value)
        return ticks.isFinite && ticks < 1e15 ? Int64(ticks.rounded()) : 0
    }

    private static func properties(of decoder: VideoDecoder, _ input: MediaInput)
        -> VideoProperties
    {
        let picture = decoder.picture.pointer.pointee
        let stream = decoder.stream.pointee
        let format = AVPixelFormat(rawValue: picture.format)
        let rate = Rational(av_guess_frame_rate(input.context, decoder.stream, nil))
        let timeBase = Rational(stream.time_base)
        let duration =
            stream.duration > 0
            ? Double(stream.duration) * timeBase.value
            : input.context.pointee.duration > 0
                ? Double(input.context.pointee.duration) / Double(AV_TIME_BASE) : nil
        var count = stream.nb_frames > 0 ? Int(stream.nb_frames) : nil
        if count == nil, let duration, rate.isPositive {
            let estimate = (duration * rate.value).rounded()
            count = estimate >= 1 && estimate < 1e12 ? Int(estimate) : nil
        }
        var aspect = Rational(
            av_guess_sample_aspect_ratio(input.context, decoder.stream, decoder.picture.pointer))
        if !aspect.isPositive { aspect = Rational(1, 1) }
        let matrix = DisplayMatrix(of: decoder.stream)?.numbers
        return VideoProperties(
            size: decoder.frameSize, timeBase: timeBase, frameRate: rate.isPositive ? rate : nil,
            frameCount: count, duration: duration,
            color: ColorTags(
                space: picture.colorspace, primaries: picture.color_primaries,
                transfer: picture.color_trc, range: picture.color_range,
                location: picture.chroma_location),
            sampleAspectRatio: aspect, rotation: rotation(of: matrix), displayMatrix: matrix,
            pixelFormat: LibAV.name(ofPixelFormat: format),
            depth: Int(av_pix_fmt_desc_get(format)?.pointee.comp.0.depth ?? 8),
            codec: String(cString: avcodec_get_name(stream.codecpar.pointee.codec_id)),
            path: input.streams.count > 1 || !input.isPipe ? input.path : nil,
            subsampling: subsampling(of: format, stream.codecpar.pointee.codec_id),
            hasAlpha: av_pix_fmt_desc_get(format).map {
                $0.pointee.flags & UInt64(AV_PIX_FMT_FLAG_ALPHA) != 0
            } ?? false,
            hdr: HDRMetadata(decoder.picture.pointer, stream: stream), isReadOnce: input.isPipe)
    }

    /// The color planes that are worth keeping.
    private static func subsampling(
        of format: AVPixelFormat, _ codec: AVCodecID
    ) -> YUVFormat.Subsampling {
        guard let descriptor = av_pix_fmt_desc_get(format)?.pointee,
            descriptor.nb_components >= 3, codec != AV_CODEC_ID_GIF
        else { return .yuv420 }
        return YUVFormat.Subsampling(
            columns: 1 << Int(descriptor.log2_chroma_w), rows: 1 << Int(descriptor.log2_chroma_h))
    }

    private static func rotation(of matrix: [Int32]?) -> Int {
        guard let matrix else { return 0 }
        let degrees = -av_display_rotation_get(matrix)
        guard degrees.isFinite else { return 0 }
        return (Int(degrees.rounded()) % 360 + 360) % 360
    }
}
