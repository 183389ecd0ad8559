import CLibAV
import Foundation
import VSRCore
import VSRImaging

/// A libav encoder for single PNG or JPEG pictures.
final class PictureEncoder {
    private let name: String
    private let format: ImageFormat
    private let depth: Int
    private let hasAlpha: Bool
    /// Samples of a pixel.
    private var channels: Int { hasAlpha ? 4 : 3 }
    private let context: UnsafeMutablePointer<AVCodecContext>

    /// - Parameter hasAlpha: Whether pictures come with alpha; JPEG leaves it out.
    init(
        _ size: FrameSize, _ format: ImageFormat, _ options: ImageOptions, hasAlpha: Bool = false,
        name: String
    ) throws {
        let id = format == .png ? AV_CODEC_ID_PNG : AV_CODEC_ID_MJPEG
        guard let codec = avcodec_find_encoder(id) else {
            throw VSRError(.unsupported, "libav has no \(format.rawValue) encoder here for \(name)")
        }
        self.name = name
        self.format = format
        depth = format == .png ? options.depth : 8
        self.hasAlpha = hasAlpha && format == .png
        context = try LibAV.allocated(avcodec_alloc_context3(codec))
        context.pointee.width = Int32(size.width)
        context.pointee.height = Int32(size.height)
        context.pointee.time_base = AVRational(num: 1, den: 25)
        context.pointee.thread_count = 1
        switch format {
        case .png:
            context.pointee.pix_fmt =
                depth == 16
                ? self.hasAlpha ? AV_PIX_FMT_RGBA64BE : AV_PIX_FMT_RGB48BE
                : self.hasAlpha ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24
        case .jpeg:
            context.pointee.pix_fmt = AV_PIX_FMT_YUVJ444P
            context.pointee.color_range = AVCOL_RANGE_JPEG
            // Quantizer from 1 (best) to 31, of which quality 100 takes the first.
            let quantizer = 1 + Int32((Double(100 - options.quality) * 30 / 99).rounded())
            context.pointee.qmin = 1
            context.pointee.flags |= AV_CODEC_FLAG_QSCALE
            context.pointee.global_quality = quantizer * FF_QP2LAMBDA
        }
        try LibAV.check(avcodec_open2(context, codec, nil), "cannot encode \(name)")
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }

    /// - Parameter alpha: Of the frame's size; opaque if `nil`.
    func encode(_ frame: Frame, _ alpha: AlphaPlane? = nil) throws -> Data {
        let picture = try AVFrameBox()
        picture.pointer.pointee.format = context.pointee.pix_fmt.rawValue
        picture.pointer.pointee.width = context.pointee.width
        picture.pointer.pointee.height = context.pointee.height
        picture.pointer.pointee.color_range = context.pointee.color_range
        picture.pointer.pointee.quality = context.pointee.global_quality
        try LibAV.check(av_frame_get_buffer(picture.pointer, 0), "cannot encode \(name)")
        if format == .jpeg {
            let tags = ColorTags(matrix: 6, isFullRange: true)
            try PictureFiller(
                size: frame.size, depth: 8, factorX: 1, factorY: 1, tags: tags, name: name
            ).fill(picture.pointer, with: frame)
        } else if depth == 16 {
            fill16(picture.pointer, frame)
        } else {
            fill8(picture.pointer, ByteFrame(rounding: frame))
        }
        if hasAlpha { fillAlpha(picture.pointer, alpha ?? AlphaPlane(size: frame.size)) }
        return try packet(for: picture)
    }

    private func packet(for picture: AVFrameBox) throws -> Data {
        let packet = try AVPacketBox()
        try LibAV.check(avcodec_send_frame(context, picture.pointer), "cannot encode \(name)")
        try LibAV.check(avcodec_send_frame(context, nil), "cannot encode \(name)")
        try LibAV.check(avcodec_receive_packet(context, packet.pointer), "cannot encode \(name)")
        guard let bytes = packet.pointer.pointee.data else {
            throw VSRError(.corruptData, "libav made no data of \(name)")
        }
        return Data(bytes: bytes, count: Int(packet.pointer.pointee.size))
    }

    private func fill8(_ picture: UnsafeMutablePointer<AVFrame>, _ frame: ByteFrame) {
        guard let data = picture.pointee.data.0 else { return }
        let area = frame.size.area
        frame.samples.withUnsafeBufferPointer { samples in
            for y in 0..<frame.height {
                let row = data + y * Int(picture.pointee.linesize.0)
                for x in 0..<frame.width {
                    let source = y * frame.width + x
                    row[channels * x] = samples[source]
                    row[channels * x + 1] = samples[area + source]
                    row[channels * x + 2] = samples[2 * area + source]
                }
            }
        }
    }

    private func fill16(_ picture: UnsafeMutablePointer<AVFrame>, _ frame: Frame) {
        guard let data = picture.pointee.data.0 else { return }
        let area = frame.size.area
        for y in 0..<frame.height {
            let row = data + y * Int(picture.pointee.linesize.0)
            for x in 0..<frame.width {
                for channel in 0..<3 {
                    let value = frame.samples[channel * area + y * frame.width + x]
                    let level = Self.level(value, top: 65535)
                    row[2 * (channels * x + channel)] = UInt8(level >> 8)
                    row[2 * (channels * x + channel) + 1] = UInt8(level & 255)
                }
            }
        }
    }

    /// Fills the fourth sample of each pixel.
    private func fillAlpha(_ picture: UnsafeMutablePointer<AVFrame>, _ alpha: AlphaPlane) {
        guard let data = picture.pointee.data.0 else { return }
        let bytes = depth / 8
        for y in 0..<alpha.size.height {
            let row = data + y * Int(picture.pointee.linesize.0)
            for x in 0..<alpha.size.width {
                let value = alpha.samples[y * alpha.size.width + x]
                let level = Self.level(value, top: Double((1 << depth) - 1))
                let target = row + bytes * (channels * x + 3)
                if depth == 16 { target[0] = UInt8(level >> 8) }
                target[bytes - 1] = UInt8(level & 255)
            }
        }
    }

    /// The nearest level; the comparisons send NaN to 0.
    private static func level(_ value: Float, top: Double) -> UInt16 {
        let bounded = value > 0 ? (value < 1 ? value : 1) : 0
        return UInt16((Double(bounded) * top).rounded())
    }
}
