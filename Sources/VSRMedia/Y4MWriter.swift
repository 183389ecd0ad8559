import CLibAV
import Foundation
import VSRCore
import VSRImaging

/// Writes frames as YUV4MPEG2 (y4m): a header, then raw planes, to a file or to standard output.
///
/// Color planes and depth are the source's, at most a color sample per 2x2 pixels and 8, 9, 10, 12,
/// 14 or 16 bits. The format knows one frame rate, no times, no sound, no color matrix.
///
/// Source: yuv4mpeg(5) of mjpegtools; tags beyond 8 bits as FFmpeg writes them.
public final class Y4MWriter: FrameSink {
    /// Pictures whose planes are written as they are.
    public let blankPictures: BlankPictures?
    public private(set) var warnings: [String] = []

    private let name: String
    private let size: FrameSize
    private let format: EncoderFormat
    private let filler: PictureFiller
    private let picture: AVFrameBox
    private let target: ByteTarget
    private let secondsPerTick: Double
    private let frameRate: Rational
    private var count = 0
    private var firstTime: Double?
    private var hasIrregularTimes = false
    private var isOpen = true

    /// Writes a file that appears when it is finished; into pipes and devices it goes at once.
    ///
    /// - Throws: `invalidArgument` for frames that are empty, `io` if the file cannot be written.
    public convenience init(
        _ path: String, size: FrameSize, like source: VideoProperties,
        options: VideoWriterOptions = VideoWriterOptions(), cancellation: Cancellation? = nil
    ) throws {
        try self.init(
            to: try ByteTarget(path, cancellation), path, size: size, like: source,
            options: options)
    }

    /// Writes to standard output.
    ///
    /// - Throws: `invalidArgument` if it is closed or a terminal.
    public convenience init(
        standardOutput size: FrameSize, like source: VideoProperties,
        options: VideoWriterOptions = VideoWriterOptions(), cancellation: Cancellation? = nil
    ) throws {
        try self.init(
            to: try ByteTarget(standardOutput: cancellation), "standard output", size: size,
            like: source, options: options)
    }

    private init(
        to target: ByteTarget, _ name: String, size: FrameSize, like source: VideoProperties,
        options: VideoWriterOptions
    ) throws {
        try options.validate()
        guard size.width > 0, size.height > 0, size.width <= 65535, size.height <= 65535 else {
            throw VSRError(
                .invalidArgument, "cannot write frames of \(size) to \(name): sides are 1 to 65535")
        }
        self.name = name
        self.size = size
        self.target = target
        let wish = EncoderFormat.Wish(source, options)
        let formats = Self.pixelFormats.keys.map { AVPixelFormat(rawValue: $0) }
        let nearest = EncoderFormat.nearest(
            to: wish, among: formats, size: size, needsEvenSides: false)
        guard let format = nearest else {
            throw VSRError(.unsupported, "\(name) takes no frames of \(size)")
        }
        self.format = format
        let tags = source.color.forVideo(of: source.size)
        filler = try PictureFiller(
            size: size, depth: format.depth, factorX: format.subsampling.columns,
            factorY: format.subsampling.rows, tags: tags, name: name)
        let pictures = EncoderPictures(
            size: size, pixelFormat: format.pixelFormat.rawValue, tags: tags, name: name)
        picture = try pictures.make()
        blankPictures = BlankPictures(filler.format, pictures)
        frameRate = source.frameRate ?? Rational(25, 1)
        secondsPerTick = source.timeBase.value
        warnings = try source.lossOfStreams(in: name, options)
        if source.frameRate == nil {
            warnings.append("\(name) says 25 frames per second, since the source names no rate")
        }
        try target.write(Array(header(like: source).utf8))
    }

    /// Formats and their names in the header; of 4:2:0 with 8 bits the site is said too.
    private static let pixelFormats: [Int32: String] = [
        AV_PIX_FMT_YUV420P.rawValue: "420", AV_PIX_FMT_YUV422P.rawValue: "422",
        AV_PIX_FMT_YUV444P.rawValue: "444", AV_PIX_FMT_YUV420P9LE.rawValue: "420p9",
        AV_PIX_FMT_YUV422P9LE.rawValue: "422p9", AV_PIX_FMT_YUV444P9LE.rawValue: "444p9",
        AV_PIX_FMT_YUV420P10LE.rawValue: "420p10", AV_PIX_FMT_YUV422P10LE.rawValue: "422p10",
        AV_PIX_FMT_YUV444P10LE.rawValue: "444p10", AV_PIX_FMT_YUV420P12LE.rawValue: "420p12",
        AV_PIX_FMT_YUV422P12LE.rawValue: "422p12", AV_PIX_FMT_YUV444P12LE.rawValue: "444p12",
        AV_PIX_FMT_YUV420P14LE.rawValue: "420p14", AV_PIX_FMT_YUV422P14LE.rawValue: "422p14",
        AV_PIX_FMT_YUV444P14LE.rawValue: "444p14", AV_PIX_FMT_YUV420P16LE.rawValue: "420p16",
        AV_PIX_FMT_YUV422P16LE.rawValue: "422p16", AV_PIX_FMT_YUV444P16LE.rawValue: "444p16",
    ]

    private func header(like source: VideoProperties) -> String {
        var name = Self.pixelFormats[format.pixelFormat.rawValue] ?? "420"
        if name == "420" {
            switch filler.format.chromaLocation {
            case .center: name = "420jpeg"
            case .topLeft: name = "420paldv"
            default: name = "420mpeg2"
            }
        }
        let aspect = source.sampleAspectRatio
        let range = filler.format.isFullRange ? "FULL" : "LIMITED"
        return "YUV4MPEG2 W\(size.width) H\(size.height) "
            + "F\(frameRate.numerator):\(frameRate.denominator) Ip "
            + "A\(aspect.numerator):\(aspect.denominator) C\(name) XYSCSS=\(name.uppercased()) "
            + "XCOLORRANGE=\(range)\n"
    }

    /// - Throws: `shapeMismatch` for a frame of another size, `io`, `cancelled`.
    public func write(_ frame: TimedFrame) throws {
        try accept(frame.frame.size, frame.timestamp)
        filler.fill(picture.pointer, with: frame.frame)
        try writePlanes(of: picture.pointer)
    }

    /// - Throws: As ``write(_:)-(TimedFrame)``.
    public func write(_ picture: TimedPicture) throws {
        guard case .yuv(let planes) = picture.picture,
            let filled = blankPictures?.picture(of: planes)
        else { return try write(picture.frame) }
        try accept(planes.size, picture.timestamp)
        try writePlanes(of: filled)
    }

    private func accept(_ size: FrameSize, _ timestamp: Int64) throws {
        guard isOpen else {
            throw VSRError(.invalidArgument, "\(name) is finished: no more frames can be added")
        }
        guard size == self.size else {
            throw VSRError(.shapeMismatch, "a frame for \(name) is \(size), expected \(self.size)")
        }
        let time = Double(timestamp) * secondsPerTick
        let first = firstTime ?? time
        firstTime = first
        let frames = (time - first) * frameRate.value
        if abs(frames - Double(count)) > 0.75, !hasIrregularTimes {
            hasIrregularTimes = true
            warnings.append(
                "frame \(count) is not shown when \(name) has it: y4m knows one rate, "
                    + "\(frameRate), and no times")
        }
        count += 1
    }

    private func writePlanes(of picture: UnsafeMutablePointer<AVFrame>) throws {
        guard let planes = PictureFiller.planes(of: picture, filler.format) else { return }
        let chroma = format.subsampling.chromaSize(for: size)
        var bytes = Array("FRAME\n".utf8)
        bytes.reserveCapacity(
            bytes.count + (size.area + 2 * chroma.area) * filler.format.bytesPerSample)
        for (plane, size) in [
            (planes.luma, size), (planes.first, chroma), (planes.second, chroma),
        ] {
            for y in 0..<size.height {
                let row = UnsafeRawBufferPointer(
                    start: plane.base + y * plane.rowBytes,
                    count: size.width * filler.format.bytesPerSample)
                bytes.append(contentsOf: row)
            }
        }
        try target.write(bytes)
    }

    public func finish() throws {
        guard isOpen else { return }
        isOpen = false
        try target.finish()
    }

    public func cancel() {
        isOpen = false
        target.discard()
    }

    deinit { cancel() }
}
