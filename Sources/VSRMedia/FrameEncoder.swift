import CLibAV
import VSRCore
import VSRImaging

/// Fills an encoder with the frames of one video, in the order they are shown.
final class FrameEncoder {
    let holdsAlpha: Bool
    let warnings: [String]
    /// Pictures that go to the encoder as they are.
    let blankPictures: BlankPictures?
    private(set) var encoder: VideoEncoder

    private let path: String
    private let size: FrameSize
    private let makeEncoder: () throws -> VideoEncoder
    private let filler: PictureFiller
    private let picture: AVFrameBox
    /// What is taken off all times, in ticks of the source.
    var start: Int64 = 0
    private var lastTimestamp: Int64?
    /// When the last frame ends, in seconds from ``start``.
    private(set) var lastEnd = 0.0

    /// - Throws: As `VideoWriter`.
    init(
        _ path: String, size: FrameSize, like source: VideoProperties,
        options: VideoWriterOptions, codec: VideoCodec, ordersByTime: Bool, needsHeader: Bool
    ) throws {
        try options.validate()
        guard size.width > 0, size.height > 0, size.width <= 16384, size.height <= 16384 else {
            throw VSRError(
                .invalidArgument,
                "cannot encode frames of \(size) into \(path): it takes 1 to 16384 pixels a side"
            )
        }
        self.path = path
        self.size = size
        let tags = source.color.forVideo(of: source.size)
        makeEncoder = {
            try VideoEncoder(
                size: size, like: source, tags: tags, options: options, codec: codec,
                ordersByTime: ordersByTime, needsHeader: needsHeader, name: path)
        }
        encoder = try makeEncoder()
        holdsAlpha = encoder.format.hasAlpha
        warnings = encoder.warnings
        filler = try PictureFiller(
            size: size, depth: encoder.format.depth,
            factorX: encoder.format.subsampling.columns, factorY: encoder.format.subsampling.rows,
            tags: tags, name: path)
        picture = try encoder.pictures.make()
        blankPictures = BlankPictures(filler.format, encoder.pictures)
    }

    /// Takes a new encoder of the same kind; what is in the old one is lost unless flushed.
    func restart() throws { encoder = try makeEncoder() }

    /// Packets that became ready go to `deliver` in decoding order.
    ///
    /// - Throws: `shapeMismatch` for a frame of another size, `invalidArgument` for timestamps
    ///   that do not rise, and what `deliver` throws.
    func write(
        _ frame: TimedFrame, _ deliver: (UnsafeMutablePointer<AVPacket>) throws -> Void
    ) throws {
        try accept(frame.frame.size, frame.timestamp, frame.duration)
        try LibAV.check(av_frame_make_writable(picture.pointer), "cannot encode \(path)")
        filler.fill(picture.pointer, with: frame.frame)
        if holdsAlpha { filler.fillAlpha(of: picture.pointer, with: frame.alpha) }
        try encoder.encode(
            picture.pointer, timestamp: frame.timestamp - start, duration: frame.duration, deliver)
    }

    /// - Throws: As ``write(_:_:)-(TimedFrame,_)``.
    func write(
        _ picture: TimedPicture, _ deliver: (UnsafeMutablePointer<AVPacket>) throws -> Void
    ) throws {
        guard case .yuv(let planes) = picture.picture,
            let filled = blankPictures?.picture(of: planes)
        else { return try write(picture.frame, deliver) }
        try accept(planes.size, picture.timestamp, picture.duration)
        if holdsAlpha { filler.fillAlpha(of: filled, with: picture.alpha) }
        try encoder.encode(
            filled, timestamp: picture.timestamp - start, duration: picture.duration, deliver)
    }

    /// Checks what is to be written next.
    private func accept(_ size: FrameSize, _ timestamp: Int64, _ duration: Int64) throws {
        guard size == self.size else {
            throw VSRError(.shapeMismatch, "a frame for \(path) is \(size), expected \(self.size)")
        }
        if let last = lastTimestamp, timestamp <= last {
            throw VSRError(
                .invalidArgument,
                "timestamp \(timestamp) for \(path) does not follow \(last): they must rise")
        }
        lastTimestamp = timestamp
        lastEnd = Double(timestamp - start + encoder.shown(duration)) * encoder.timeBase.value
    }
}
