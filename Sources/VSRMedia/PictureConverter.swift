import CLibAV
import VSRCore

/// Turns decoded pictures of any sample format into RGB frames.
///
/// Planar, interleaved, palette and grey formats of 1 to 16 bits; alpha is dropped (colours stay as
/// stored, over no background). The arithmetic is in floats, without an intermediate rounding.
struct PictureConverter {
    /// What messages call the picture's file.
    let name: String
    let colour: ColourTags

    /// - Throws: `unsupported` for sample formats outside those named above.
    func frame(_ picture: UnsafePointer<AVFrame>) throws -> Frame {
        let format = AVPixelFormat(rawValue: picture.pointee.format)
        if format == AV_PIX_FMT_PAL8 { return try paletteFrame(picture) }
        let reader = try PlaneReader(picture, name: name)
        if reader.isRGB { return rgbFrame(reader) }
        let tags = colour.resolved(for: reader.size)
        if reader.isGrey {
            // Grey formats without a tag are full range, as pictures are.
            return greyFrame(reader, isFullRange: colour.isFullRange ?? true)
        }
        return try lumaFrame(reader, tags: tags, isFullRange: tags.isFullRange ?? false)
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

    private func greyFrame(_ reader: PlaneReader, isFullRange: Bool) -> Frame {
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

    private func lumaFrame(
        _ reader: PlaneReader, tags: ColourTags, isFullRange: Bool
    ) throws -> Frame {
        let matrix = try ColourMatrix(codePoint: tags.matrix, of: name)
        let range = SampleRange(depth: reader.depth, isFull: isFullRange)
        let luma = reader.plane(0, scale: range.lumaScale, offset: range.lumaOffset)
        let differences = (1...2).map { component in
            var plane = reader.plane(
                component, scale: range.differenceScale, offset: range.differenceOffset)
            var size = reader.planeSize(component)
            if size.height != reader.size.height {
                plane = ChromaUpsampling.heightened(
                    plane, size: size, factor: reader.chromaFactorY, to: reader.size.height,
                    siting: .vertical(tags.chromaLocation))
                size.height = reader.size.height
            }
            if size.width != reader.size.width {
                plane = ChromaUpsampling.widened(
                    plane, size: size, factor: reader.chromaFactorX, to: reader.size.width,
                    siting: .horizontal(tags.chromaLocation))
            }
            return plane
        }
        return Frame(
            size: reader.size,
            samples: ColourMatrix.product(matrix.toRGB, luma + differences[0] + differences[1]))
    }

    private func paletteFrame(_ picture: UnsafePointer<AVFrame>) throws -> Frame {
        let size = FrameSize(
            width: Int(picture.pointee.width), height: Int(picture.pointee.height))
        guard let indices = picture.pointee.data.0, let palette = picture.pointee.data.1 else {
            throw VSRError(.corruptData, "\(name) has no palette: it may be damaged")
        }
        let stride = Int(picture.pointee.linesize.0)
        var frame = Frame(size: size)
        for y in 0..<size.height {
            for x in 0..<size.width {
                let entry = Int(indices[y * stride + x])
                let colour = UnsafeRawPointer(palette).loadUnaligned(
                    fromByteOffset: 4 * entry, as: UInt32.self)
                frame[0, y, x] = Float(colour >> 16 & 255) / 255
                frame[1, y, x] = Float(colour >> 8 & 255) / 255
                frame[2, y, x] = Float(colour & 255) / 255
            }
        }
        return frame
    }
}

/// How integer samples map to luma in `0...1` and colour differences in `-0.5...0.5`:
/// `value · scale + offset`.
struct SampleRange {
    let lumaScale: Float
    let lumaOffset: Float
    let differenceScale: Float
    let differenceOffset: Float

    init(depth: Int, isFull: Bool) {
        let unit = Double(1 << (depth - 8 > 0 ? depth - 8 : 0))
        let top = Double((1 << depth) - 1)
        let middle = Double(1 << (depth - 1))
        let luma = isFull ? top : 219 * unit
        let difference = isFull ? top : 224 * unit
        lumaScale = Float(1 / luma)
        lumaOffset = isFull ? 0 : Float(-16 / 219.0)
        differenceScale = Float(1 / difference)
        differenceOffset = Float(-middle / difference)
    }
}
