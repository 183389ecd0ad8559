import CLibAV
import Foundation
import VSRCore

/// What a reader accepts.
public struct VideoReaderOptions: Sendable {
    /// Largest number of pixels of a frame; larger ones are refused before memory is taken.
    public var maximumArea = 8192 * 8192
    /// Decoding threads; 0 lets libav choose.
    public var threads = 0
    /// Whether damaged frames are left out instead of ending the video with an error.
    public var skipsDamage = false

    public init() {}
}

/// Decodes a video file frame by frame, in bounded memory.
///
/// Frames come in the order they are shown, with the file's own timestamps, as stored (rotation and
/// sample aspect are left to the player and reported in ``properties``). Colors are converted by
/// the stream's tags; see ``ColorTags/resolved(for:)`` for what is assumed where tags are absent.
/// Interlaced video is read as if it were progressive. Playlists and network addresses are refused.
public final class VideoReader: FrameSource {
    public let properties: VideoProperties
    private let input: MediaInput
    private let decoder: VideoDecoder
    private let pictureReader: DecodedPictureReader
    private var pending: TimedPicture?
    private var lastTimestamp: Int64?

    /// Opens `path` and decodes its first frame, from which size and format are taken.
    ///
    /// - Throws: `notFound` if there is no such file, `corruptData` if it is no video or damaged,
    ///   `unsupported` for codecs and sample formats that cannot be decoded, frames too large.
    public init(_ path: String, options: VideoReaderOptions = VideoReaderOptions()) throws {
        input = try MediaInput(path)
        decoder = try VideoDecoder(input, options: options)
        guard try decoder.advance() else {
            throw VSRError(.corruptData, "\(path) holds no frame that can be decoded")
        }
        properties = Self.properties(of: decoder, input)
        pictureReader = DecodedPictureReader(name: path, color: properties.color)
        pending = try takePicture()
    }

    /// - Throws: As ``nextPicture()``.
    public func next() throws -> TimedFrame? {
        try nextPicture().map {
            TimedFrame(
                pictureReader.frame($0.picture), timestamp: $0.timestamp, duration: $0.duration)
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
        return TimedPicture(
            try pictureReader.picture(box), timestamp: timestamp, duration: nominal)
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
        let matrix = displayMatrix(of: stream)
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
            path: input.path)
    }

    private static func displayMatrix(of stream: AVStream) -> [Int32]? {
        for index in 0..<Int(stream.nb_side_data) {
            guard let item = stream.side_data?[index], let data = item.data,
                item.type == AV_PKT_DATA_DISPLAYMATRIX, item.size >= 36
            else { continue }
            return (0..<9).map {
                UnsafeRawPointer(data).loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)
            }
        }
        return nil
    }

    private static func rotation(of matrix: [Int32]?) -> Int {
        guard let matrix else { return 0 }
        let degrees = -av_display_rotation_get(matrix)
        guard degrees.isFinite else { return 0 }
        return (Int(degrees.rounded()) % 360 + 360) % 360
    }
}
