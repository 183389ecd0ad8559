import CLibAV
import VSRCore
import VSRImaging

/// Reads the components of a decoded picture as planes of floats, whatever their layout in memory.
///
/// Most pictures of videos need none of this: their planes are taken as they are (``yuvPlanes``).
struct PlaneReader: SampleRowSource {
    let size: FrameSize
    let depth: Int
    let isRGB: Bool
    let isGray: Bool
    /// Luma columns and rows per color sample.
    let chromaFactorX: Int
    let chromaFactorY: Int
    private let picture: UnsafePointer<AVFrame>
    private let descriptor: UnsafePointer<AVPixFmtDescriptor>

    /// - Throws: `unsupported` for sample formats that hold no plain integers.
    init(_ picture: UnsafePointer<AVFrame>, name: String) throws {
        let format = AVPixelFormat(rawValue: picture.pointee.format)
        guard let descriptor = av_pix_fmt_desc_get(format) else {
            throw VSRError(.unsupported, "\(name) has an unknown sample format")
        }
        let refused =
            AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_BAYER
            | AV_PIX_FMT_FLAG_PAL
        let depths = [descriptor.pointee.comp.0.depth, descriptor.pointee.comp.1.depth]
        guard descriptor.pointee.flags & UInt64(refused) == 0, (1...16).contains(depths[0]),
            format != AV_PIX_FMT_MONOWHITE, format != AV_PIX_FMT_XYZ12LE,
            format != AV_PIX_FMT_XYZ12BE
        else {
            throw VSRError(
                .unsupported,
                "\(name) has sample format \(LibAV.name(ofPixelFormat: format)): convert it to "
                    + "yuv420p, yuv444p or rgb24 first")
        }
        self.picture = picture
        self.descriptor = descriptor
        size = FrameSize(width: Int(picture.pointee.width), height: Int(picture.pointee.height))
        isGray = descriptor.pointee.nb_components < 3
        isRGB = descriptor.pointee.flags & UInt64(AV_PIX_FMT_FLAG_RGB) != 0
        depth = Int(depths[0])
        chromaFactorX = 1 << Int(descriptor.pointee.log2_chroma_w)
        chromaFactorY = 1 << Int(descriptor.pointee.log2_chroma_h)
    }

    /// The planes as they lie in memory; `nil` for RGB, gray, and layouts beyond bytes and 16-bit
    /// words of the machine's byte order in their low bits.
    var yuvPlanes: YUVPlanes? {
        guard !isRGB, !isGray, let luma = samplePlane(0), let first = samplePlane(1),
            let second = samplePlane(2)
        else { return nil }
        return YUVPlanes(luma: luma, first: first, second: second)
    }

    /// The samples of 8-bit RGB as they are, `[3, height, width]`; `nil` for other formats.
    var rgbBytes: [UInt8]? {
        guard isRGB, depth == 8 else { return nil }
        let planes = (0..<3).compactMap { samplePlane($0) }
        guard planes.count == 3, !planes.contains(where: \.isWide) else { return nil }
        return [UInt8](unsafeUninitializedCapacity: 3 * size.area) { output, count in
            for plane in planes {
                for y in 0..<size.height {
                    let row = plane.base.advanced(by: y * plane.rowBytes)
                        .assumingMemoryBound(to: UInt8.self)
                    for x in 0..<size.width { output[count + x] = row[x * plane.step] }
                    count += size.width
                }
            }
        }
    }

    /// How opaque the picture is; `nil` for formats without transparency.
    var alpha: AlphaPlane? {
        guard descriptor.pointee.flags & UInt64(AV_PIX_FMT_FLAG_ALPHA) != 0 else { return nil }
        let component = Int(descriptor.pointee.nb_components) - 1
        // Divided, as colors are: levels of pictures come back exactly.
        let top = Float((1 << depth) - 1)
        let samples = plane(component, scale: 1, offset: 0).map { $0 / top }
        return AlphaPlane(size: size, samples: samples)
    }

    /// The size of a component's plane; color planes round up.
    func planeSize(_ component: Int) -> FrameSize {
        guard (1...2).contains(component), !isRGB, !isGray else { return size }
        return FrameSize(
            width: (size.width + chromaFactorX - 1) / chromaFactorX,
            height: (size.height + chromaFactorY - 1) / chromaFactorY)
    }

    /// `sample · scale + offset` over one component's plane, row by row.
    func plane(_ component: Int, scale: Float, offset: Float) -> [Float] {
        let plane = planeSize(component)
        return [Float](unsafeUninitializedCapacity: plane.area) { output, count in
            count = plane.area
            guard var target = output.baseAddress else { return }
            for y in 0..<plane.height {
                read(
                    component: component, row: y, count: plane.width, to: target, scale: scale,
                    offset: offset)
                target += plane.width
            }
        }
    }

    func read(
        component: Int, row: Int, count: Int, to target: UnsafeMutablePointer<Float>, scale: Float,
        offset: Float
    ) {
        let layout = layout(of: component)
        // Components of one picture may differ in depth (rgb565); each fills the same range.
        let scale = scale * Float((1 << depth) - 1) / Float((1 << Int(layout.depth)) - 1)
        let (data, _) = row0(Int(layout.plane))
        guard data != nil else { return target.update(repeating: offset, count: count) }
        guard let plane = samplePlane(component) else {
            return gather(component, row: row, count, target, scale, offset)
        }
        plane.read(row: row, count: count, to: target, scale: scale, offset: offset)
    }

    private func layout(of component: Int) -> AVComponentDescriptor {
        withUnsafeBytes(of: descriptor.pointee.comp) {
            $0.bindMemory(to: AVComponentDescriptor.self)[component]
        }
    }

    /// A component's samples where they are plain bytes or words.
    private func samplePlane(_ component: Int) -> SamplePlane? {
        let layout = layout(of: component)
        let isBigEndian = descriptor.pointee.flags & UInt64(AV_PIX_FMT_FLAG_BE) != 0
        let isBitstream = descriptor.pointee.flags & UInt64(AV_PIX_FMT_FLAG_BITSTREAM) != 0
        let isWide = layout.step == 2 && layout.depth > 8 && !isBigEndian
        let (data, stride) = row0(Int(layout.plane))
        guard let data, layout.shift == 0, !isBitstream, layout.depth == 8 || isWide else {
            return nil
        }
        return SamplePlane(
            base: UnsafeRawPointer(data + Int(layout.offset)), rowBytes: stride,
            step: isWide ? 1 : Int(layout.step), isWide: isWide)
    }

    private func row0(_ plane: Int) -> (UnsafePointer<UInt8>?, Int) {
        let data = withUnsafeBytes(of: picture.pointee.data) {
            $0.bindMemory(to: Optional<UnsafePointer<UInt8>>.self)[plane]
        }
        let stride = withUnsafeBytes(of: picture.pointee.linesize) {
            $0.bindMemory(to: Int32.self)[plane]
        }
        return (data, Int(stride))
    }

    /// Any other layout, through libav's own description of it.
    private func gather(
        _ component: Int, row: Int, _ width: Int, _ target: UnsafeMutablePointer<Float>,
        _ scale: Float, _ offset: Float
    ) {
        var buffer = [UInt16](repeating: 0, count: width)
        var data = picture.pointee.data
        withUnsafeMutableBytes(of: &data) { data in
            let planes = UnsafeMutablePointer(
                mutating: data.bindMemory(to: Optional<UnsafePointer<UInt8>>.self).baseAddress)
            withUnsafeBytes(of: picture.pointee.linesize) { strides in
                av_read_image_line2(
                    &buffer, planes, strides.bindMemory(to: Int32.self).baseAddress, descriptor, 0,
                    Int32(row), Int32(component), Int32(width), 0, 2)
            }
        }
        buffer.withUnsafeBufferPointer {
            guard let source = $0.baseAddress else { return }
            SamplePlane.convert(source, 1, width, target, scale, offset)
        }
    }
}
