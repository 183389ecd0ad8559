import CLibAV
import VSRCore
import VSRImaging

/// Takes over decoded pictures of any sample format, as they are or as RGB frames.
///
/// Planar, interleaved, palette and gray formats of 1 to 16 bits; alpha is apart from the colors,
/// which stay as stored. The arithmetic is in floats, without an intermediate rounding.
final class DecodedPictureReader {
    /// What messages call the picture's file.
    let name: String
    let color: ColorTags
    private var codecs = YUVCodecs()

    init(name: String, color: ColorTags) {
        self.name = name
        self.color = color
    }

    /// The picture as it is where its planes are plain, else in RGB.
    ///
    /// - Throws: As ``frame(_:)-(UnsafePointer<AVFrame>)``.
    func picture(_ box: AVFrameBox) throws -> Picture {
        let format = AVPixelFormat(rawValue: box.pointer.pointee.format)
        guard format != AV_PIX_FMT_PAL8 else { return .rgb(try frame(box.pointer)) }
        let reader = try PlaneReader(box.pointer, name: name)
        guard let planes = reader.yuvPlanes else { return .rgb(try frame(box.pointer)) }
        return .yuv(
            YUVPicture(
                size: reader.size, format: try yuvFormat(of: reader), planes: planes, memory: box))
    }

    /// A picture of ``picture(_:)`` in RGB.
    func frame(_ picture: Picture) -> Frame { codecs.frame(picture) }

    /// - Throws: `unsupported` for sample formats outside those named above.
    func frame(_ picture: UnsafePointer<AVFrame>) throws -> Frame {
        let format = AVPixelFormat(rawValue: picture.pointee.format)
        if format == AV_PIX_FMT_PAL8 { return try paletteFrame(picture) }
        let reader = try PlaneReader(picture, name: name)
        if reader.isRGB { return rgbFrame(reader) }
        if reader.isGray {
            // Gray formats without a tag are full range, as pictures are.
            return grayFrame(reader, isFullRange: color.isFullRange ?? true)
        }
        return try lumaFrame(reader)
    }

    /// The picture rounded to 8 bits; samples of 8-bit RGB are taken as they are.
    ///
    /// - Throws: As ``frame(_:)-(UnsafePointer<AVFrame>)``.
    func byteFrame(_ picture: UnsafePointer<AVFrame>) throws -> ByteFrame {
        let format = AVPixelFormat(rawValue: picture.pointee.format)
        if format != AV_PIX_FMT_PAL8 {
            let reader = try PlaneReader(picture, name: name)
            if let samples = reader.rgbBytes {
                return ByteFrame(size: reader.size, samples: samples)
            }
        }
        return ByteFrame(rounding: try frame(picture))
    }

    /// How opaque the picture is; `nil` where its format or its palette knows no transparency.
    func alpha(_ picture: UnsafePointer<AVFrame>) throws -> AlphaPlane? {
        guard AVPixelFormat(rawValue: picture.pointee.format) == AV_PIX_FMT_PAL8 else {
            return try PlaneReader(picture, name: name).alpha
        }
        var alpha = AlphaPlane(
            size: FrameSize(
                width: Int(picture.pointee.width), height: Int(picture.pointee.height)))
        try forEachPaletteColor(of: picture) { position, color in
            alpha.samples[position] = Float(color >> 24) / 255
        }
        return alpha.isOpaque ? nil : alpha
    }

    private func rgbFrame(_ reader: PlaneReader) -> Frame {
        // Divided, not multiplied by the inverse: 8-bit levels are to equal those of ByteFrame.
        let top = Float((1 << reader.depth) - 1)
        var samples: [Float] = []
        samples.reserveCapacity(3 * reader.size.area)
        for component in 0..<3 {
            samples += reader.plane(component, scale: 1, offset: 0).map { $0 / top }
        }
        return Frame(size: reader.size, samples: samples)
    }

    private func grayFrame(_ reader: PlaneReader, isFullRange: Bool) -> Frame {
        let plane: [Float]
        if isFullRange {
            let top = Float((1 << reader.depth) - 1)
            plane = reader.plane(0, scale: 1, offset: 0).map { $0 / top }
        } else {
            let range = SampleRange(depth: reader.depth, isFull: false)
            plane = reader.plane(0, scale: range.lumaScale, offset: range.lumaOffset)
        }
        return Frame(size: reader.size, samples: plane + plane + plane)
    }

    private func lumaFrame(_ reader: PlaneReader) throws -> Frame {
        let size = reader.size
        let decoder = codecs.decoder(size, try yuvFormat(of: reader))
        let samples = [Float](unsafeUninitializedCapacity: Frame.channels * size.area) {
            output, count in
            if let base = output.baseAddress { decoder.decode(reader, to: base) }
            count = Frame.channels * size.area
        }
        return Frame(size: size, samples: samples)
    }

    private func yuvFormat(of reader: PlaneReader) throws -> YUVFormat {
        try color.resolved(for: reader.size).format(
            .init(columns: reader.chromaFactorX, rows: reader.chromaFactorY), depth: reader.depth,
            of: name)
    }

    private func paletteFrame(_ picture: UnsafePointer<AVFrame>) throws -> Frame {
        let size = FrameSize(
            width: Int(picture.pointee.width), height: Int(picture.pointee.height))
        var frame = Frame(size: size)
        try forEachPaletteColor(of: picture) { position, color in
            frame.samples[position] = Float(color >> 16 & 255) / 255
            frame.samples[size.area + position] = Float(color >> 8 & 255) / 255
            frame.samples[2 * size.area + position] = Float(color & 255) / 255
        }
        return frame
    }

    /// Hands over each pixel's position, row by row, and its color as 0xAARRGGBB.
    private func forEachPaletteColor(
        of picture: UnsafePointer<AVFrame>, _ body: (_ position: Int, _ color: UInt32) -> Void
    ) throws {
        let (width, height) = (Int(picture.pointee.width), Int(picture.pointee.height))
        guard let indices = picture.pointee.data.0, let palette = picture.pointee.data.1 else {
            throw VSRError(.corruptData, "\(name) has no palette: it may be damaged")
        }
        let stride = Int(picture.pointee.linesize.0)
        for y in 0..<height {
            for x in 0..<width {
                let entry = Int(indices[y * stride + x])
                let color = UnsafeRawPointer(palette).loadUnaligned(
                    fromByteOffset: 4 * entry, as: UInt32.self)
                body(y * width + x, color)
            }
        }
    }
}
