import CLibAV
import VSRCore
import VSRImaging

/// Encodes frames as H.264 into an MP4, MOV or MKV file that appears whole or not at all.
///
/// Timestamps (variable rates too), color tags, sample aspect ratio and rotation are those of the
/// source; its audio and subtitles are copied packet by packet where the container can hold them.
/// Where the source left matrix or range open, those used to read it are written. Frames of odd
/// width or height are written as 4:4:4, since H.264's 4:2:0 holds even sizes only.
public final class VideoWriter: FrameSink {
    /// Streams of the source that the container cannot hold, as `stream 2 (hdmv_pgs_subtitle)`.
    public let droppedStreams: [String]

    /// Pictures that go to the encoder as they are.
    public let blankPictures: BlankPictures?

    private let path: String
    private let size: FrameSize
    private let encoder: VideoEncoder
    private let muxer: Muxer
    private let copier: StreamCopier?
    private let filler: PictureFiller
    private let picture: AVFrameBox
    private var lastTimestamp: Int64?
    private var isOpen = true

    /// Opens the encoder and a temporary neighbor of `path`.
    ///
    /// - Parameters:
    ///   - size: Size of the frames to come.
    ///   - source: Properties of the video that the frames were made from.
    /// - Throws: `invalidArgument` for options and extensions that are not known, `unsupported`
    ///   without an H.264 encoder, `io` if the file cannot be written.
    public init(
        _ path: String, size: FrameSize, like source: VideoProperties,
        options: VideoWriterOptions = VideoWriterOptions()
    ) throws {
        try options.validate()
        guard size.width > 0, size.height > 0, size.width <= 16384, size.height <= 16384 else {
            throw VSRError(
                .invalidArgument,
                "cannot encode frames of \(size) into \(path): H.264 takes 1 to 16384 pixels a side"
            )
        }
        self.path = path
        self.size = size
        let tags = Self.tags(of: source)
        muxer = try Muxer(path)
        encoder = try VideoEncoder(
            size: size, like: source, tags: tags, options: options, needsHeader: muxer.needsHeader,
            name: path)
        filler = try PictureFiller(
            size: size, depth: encoder.depth, factorX: encoder.factorX, factorY: encoder.factorY,
            tags: tags, name: path)
        picture = try encoder.pictures.make()
        blankPictures = BlankPictures(filler.format, encoder.pictures)
        try muxer.addVideo(encoder, like: source, size: size)
        if options.copiesOtherStreams, let file = source.path {
            let copier = try StreamCopier(file, into: muxer)
            droppedStreams = copier.dropped
            self.copier = copier.isEmpty ? nil : copier
        } else {
            droppedStreams = []
            copier = nil
        }
        try muxer.start()
    }

    /// The tags that are written: those by which the source was read.
    private static func tags(of source: VideoProperties) -> ColorTags {
        var tags = source.color
        if tags.matrix == 0 {
            // Pictures and RGB video: BT.709, limited, as every player expects.
            tags.matrix = 1
            tags.isFullRange = false
            if tags.primaries == 2 { tags.primaries = 1 }
            if tags.transfer == 2 { tags.transfer = 1 }
        }
        return tags.resolved(for: source.size)
    }

    /// - Throws: `shapeMismatch` for a frame of another size, `invalidArgument` for timestamps
    ///   that do not rise, `io` if the disk is full.
    public func write(_ frame: TimedFrame) throws {
        try accept(frame.frame.size, frame.timestamp)
        try LibAV.check(av_frame_make_writable(picture.pointer), "cannot encode \(path)")
        filler.fill(picture.pointer, with: frame.frame)
        try encoder.encode(
            picture.pointer, timestamp: frame.timestamp, duration: frame.duration, deliver)
    }

    /// - Throws: As ``write(_:)-(TimedFrame)``.
    public func write(_ picture: TimedPicture) throws {
        guard case .yuv(let planes) = picture.picture,
            let filled = blankPictures?.picture(of: planes)
        else { return try write(picture.frame) }
        try accept(planes.size, picture.timestamp)
        try encoder.encode(
            filled, timestamp: picture.timestamp, duration: picture.duration, deliver)
    }

    /// Checks what is to be written next.
    private func accept(_ size: FrameSize, _ timestamp: Int64) throws {
        guard isOpen else {
            throw VSRError(.invalidArgument, "\(path) is finished: no more frames can be added")
        }
        guard size == self.size else {
            throw VSRError(.shapeMismatch, "a frame for \(path) is \(size), expected \(self.size)")
        }
        if let last = lastTimestamp, timestamp <= last {
            throw VSRError(
                .invalidArgument,
                "timestamp \(timestamp) for \(path) does not follow \(last): they must rise")
        }
        lastTimestamp = timestamp
    }

    public func finish() throws {
        guard isOpen else { return }
        isOpen = false
        do {
            try encoder.flush(deliver)
            try copier?.copyRest()
            try muxer.finish()
        } catch {
            muxer.discard()
            throw error
        }
    }

    public func cancel() {
        guard isOpen else { return }
        isOpen = false
        muxer.discard()
    }

    deinit { cancel() }

    /// Muxes a packet of the encoder after the copied ones that come before it.
    private func deliver(_ packet: UnsafeMutablePointer<AVPacket>) throws {
        try copier?.copy(until: Double(packet.pointee.dts) * encoder.timeBase.value)
        try muxer.write(packet, stream: 0, timeBase: encoder.timeBase)
    }
}
