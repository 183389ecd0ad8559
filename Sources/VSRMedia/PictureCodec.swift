import CLibAV
import Foundation
import VSRCore

/// A libav codec for single pictures.
final class PictureCodec {
    private let name: String
    private let context: UnsafeMutablePointer<AVCodecContext>

    /// - Throws: `unsupported` if libav was built without the decoder.
    init(decoder id: AVCodecID, name: String, maximumArea: Int) throws {
        guard let decoder = avcodec_find_decoder(id) else {
            throw VSRError(.unsupported, "libav has no decoder for \(name) here")
        }
        self.name = name
        context = try LibAV.allocated(avcodec_alloc_context3(decoder))
        context.pointee.max_pixels = Int64(maximumArea)
        context.pointee.thread_count = 1
        // Pictures are complete or refused: no concealment of damage.
        context.pointee.err_recognition =
            AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE
        try LibAV.check(avcodec_open2(context, decoder, nil), "cannot decode \(name)")
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }

    /// Decodes the one picture that `data` holds.
    func decode(_ data: Data) throws -> AVFrameBox {
        let packet = try AVPacketBox()
        try LibAV.check(
            av_new_packet(packet.pointer, Int32(data.count)), "cannot decode \(name)")
        if let target = packet.pointer.pointee.data {
            data.copyBytes(to: target, count: data.count)
        }
        let picture = try AVFrameBox()
        let broken = "\(name) is damaged"
        try LibAV.check(avcodec_send_packet(context, packet.pointer), broken)
        _ = avcodec_send_packet(context, nil)
        try LibAV.check(avcodec_receive_frame(context, picture.pointer), broken)
        guard picture.pointer.pointee.decode_error_flags == 0,
            picture.pointer.pointee.width > 0, picture.pointer.pointee.height > 0
        else { throw VSRError(.corruptData, broken + ": parts of the picture are missing") }
        return picture
    }
}
