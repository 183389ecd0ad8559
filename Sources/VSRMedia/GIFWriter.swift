import CLibAV
import VSRCore
import VSRImaging

/// Writes frames as an animated GIF, which appears whole or not at all: 256 colors per frame
/// (``ColorPalette``), pixels transparent or not, times in hundredths of a second.
///
/// Viewers show frames of less than two hundredths for ten: frames that would follow each other
/// faster are left out.
public final class GIFWriter: FrameSink {
    public private(set) var warnings: [String] = []
    public let holdsAlpha = true

    private let path: String
    private let size: FrameSize
    private let muxer: Muxer
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: AVPacketBox
    private let secondsPerTick: Double
    private var first: Double?
    private var last: Int64?
    private var leavesFramesOut = false
    private var isOpen = true

    private static let timeBase = Rational(1, 100)
    private static let leastDelay: Int64 = 2

    /// - Throws: `invalidArgument` for frames that are too large, `io` if it cannot be written.
    public init(
        _ path: String, size: FrameSize, like source: VideoProperties,
        options: VideoWriterOptions = VideoWriterOptions()
    ) throws {
        guard (1...65535).contains(size.width), (1...65535).contains(size.height) else {
            throw VSRError(
                .invalidArgument, "cannot write frames of \(size) to \(path): sides are 1 to 65535")
        }
        guard let codec = avcodec_find_encoder(AV_CODEC_ID_GIF) else {
            throw VSRError(.unsupported, "libav has no encoder of GIF here for \(path)")
        }
        self.path = path
        self.size = size
        secondsPerTick = source.timeBase.value
        muxer = try Muxer(path)
        packet = try AVPacketBox()
        context = try LibAV.allocated(avcodec_alloc_context3(codec))
        context.pointee.width = Int32(size.width)
        context.pointee.height = Int32(size.height)
        context.pointee.pix_fmt = AV_PIX_FMT_PAL8
        context.pointee.time_base = Self.timeBase.av
        try LibAV.check(avcodec_open2(context, codec, nil), "cannot encode \(path)")
        warnings = try source.lossOfStreams(in: path, options)
        try muxer.addPictures(of: context)
        try muxer.start()
    }

    /// - Throws: `shapeMismatch` for a frame of another size, `io`.
    public func write(_ frame: TimedFrame) throws {
        guard isOpen else {
            throw VSRError(.invalidArgument, "\(path) is finished: no more frames can be added")
        }
        guard frame.frame.size == size else {
            throw VSRError(
                .shapeMismatch, "a frame for \(path) is \(frame.frame.size), expected \(size)")
        }
        let seconds = Double(frame.timestamp) * secondsPerTick
        let start = first ?? seconds
        first = start
        let time = Int64(((seconds - start) / Self.timeBase.value).rounded())
        if let last, time < last + Self.leastDelay {
            if !leavesFramesOut {
                leavesFramesOut = true
                warnings.append(
                    "\(path) leaves out frames beyond 50 per second, which GIF cannot show")
            }
            return
        }
        last = time
        let picture = try drawn(ByteFrame(rounding: frame.frame), frame.alpha)
        picture.pointer.pointee.pts = time
        try LibAV.check(
            avcodec_send_frame(context, picture.pointer), "cannot encode \(path)")
        try drain()
    }

    /// The frame in a palette of its own, the last entry of which is for transparent pixels.
    private func drawn(_ frame: ByteFrame, _ alpha: AlphaPlane?) throws -> AVFrameBox {
        let isTransparent = alpha.map { !$0.isOpaque } ?? false
        var palette = ColorPalette(of: frame, limit: isTransparent ? 255 : 256)
        let indices = palette.indices(of: frame)
        let picture = try AVFrameBox()
        picture.pointer.pointee.format = AV_PIX_FMT_PAL8.rawValue
        picture.pointer.pointee.width = Int32(size.width)
        picture.pointer.pointee.height = Int32(size.height)
        try LibAV.check(av_frame_get_buffer(picture.pointer, 0), "cannot encode \(path)")
        let data = try LibAV.allocated(picture.pointer.pointee.data.0)
        let entries = UnsafeMutableRawPointer(
            try LibAV.allocated(picture.pointer.pointee.data.1))
        for index in 0..<256 {
            let color = index < palette.colors.count ? palette.colors[index] : 0
            let isHole = isTransparent && index == 255
            entries.storeBytes(
                of: isHole ? 0 : 0xFF00_0000 | color, toByteOffset: 4 * index, as: UInt32.self)
        }
        for y in 0..<size.height {
            let row = data + y * Int(picture.pointer.pointee.linesize.0)
            for x in 0..<size.width {
                let position = y * size.width + x
                let isHole = isTransparent && (alpha?.samples[position] ?? 1) < 0.5
                row[x] = isHole ? 255 : indices[position]
            }
        }
        return picture
    }

    private func drain() throws {
        while true {
            let status = avcodec_receive_packet(context, packet.pointer)
            if status == LibAV.again || status == LibAV.endOfFile { return }
            try LibAV.check(status, "cannot encode \(path)")
            defer { av_packet_unref(packet.pointer) }
            try muxer.write(packet.pointer, stream: 0, timeBase: Self.timeBase)
        }
    }

    public func finish() throws {
        guard isOpen else { return }
        isOpen = false
        do {
            try LibAV.check(avcodec_send_frame(context, nil), "cannot encode \(path)")
            try drain()
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

    deinit {
        cancel()
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }
}
