import CLibAV
import VSRCore
import VSRImaging

/// How samples are given to an encoder: planes of luma and color differences.
struct EncoderFormat {
    let pixelFormat: AVPixelFormat
    let subsampling: YUVFormat.Subsampling
    let depth: Int
    let hasAlpha: Bool

    /// What is to be kept.
    struct Wish {
        var subsampling: YUVFormat.Subsampling
        var depth: Int
        var hasAlpha: Bool
    }

    /// The format among those of an encoder that keeps most of what is wished for, at the least
    /// cost; `nil` if none is planar YUV of a kind that can be filled.
    ///
    /// Alpha counts most, then color samples, then bits.
    ///
    /// - Parameter needsEvenSides: Whether color planes cut in half must not round up.
    static func nearest(
        to wish: Wish, among formats: [AVPixelFormat], size: FrameSize, needsEvenSides: Bool
    ) -> EncoderFormat? {
        formats.compactMap(EncoderFormat.init).filter { format in
            let halves = format.subsampling
            return !needsEvenSides
                || size.width % halves.columns == 0 && size.height % halves.rows == 0
        }.min { $0.cost(wish).lexicographicallyPrecedes($1.cost(wish)) }
    }

    /// Lower is nearer; earlier numbers count more.
    private func cost(_ wish: Wish) -> [Int] {
        let wished = wish.subsampling
        return [
            wish.hasAlpha && !hasAlpha ? 1 : 0,
            max(subsampling.columns - wished.columns, 0) + max(subsampling.rows - wished.rows, 0),
            max(wish.depth - depth, 0),
            hasAlpha && !wish.hasAlpha ? 1 : 0,
            max(wished.columns - subsampling.columns, 0) + max(wished.rows - subsampling.rows, 0),
            max(depth - wish.depth, 0),
        ]
    }

    /// `nil` for formats that are not planes of bytes or 16-bit words of the machine's byte order.
    init?(_ format: AVPixelFormat) {
        guard let descriptor = av_pix_fmt_desc_get(format)?.pointee else { return nil }
        let refused =
            AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_BAYER
            | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_BE
            | AV_PIX_FMT_FLAG_BITSTREAM
        let components = [descriptor.comp.0, descriptor.comp.1, descriptor.comp.2]
        let depth = Int(components[0].depth)
        // Formats called yuvj… are the plain ones with the range in their name.
        guard descriptor.flags & UInt64(refused) == 0, descriptor.nb_components >= 3,
            !LibAV.name(ofPixelFormat: format).hasPrefix("yuvj"),
            descriptor.log2_chroma_w <= 1, descriptor.log2_chroma_h <= 1, (8...16).contains(depth),
            components.enumerated().allSatisfy({ index, component in
                Int(component.plane) == index && component.shift == 0
                    && component.step == (depth > 8 ? 2 : 1)
            })
        else { return nil }
        pixelFormat = format
        subsampling = YUVFormat.Subsampling(
            columns: 1 << Int(descriptor.log2_chroma_w), rows: 1 << Int(descriptor.log2_chroma_h))
        self.depth = depth
        hasAlpha = descriptor.flags & UInt64(AV_PIX_FMT_FLAG_ALPHA) != 0
    }
}

extension YUVFormat.Subsampling {
    /// `4:2:0`, as people write it.
    var text: String {
        switch (columns, rows) {
        case (1, 1): "4:4:4"
        case (1, 2): "4:4:0"
        case (2, 1): "4:2:2"
        case (2, 2): "4:2:0"
        case (4, 1): "4:1:1"
        case (4, 4): "4:1:0"
        default: "\(columns)x\(rows) pixels per color sample"
        }
    }
}
