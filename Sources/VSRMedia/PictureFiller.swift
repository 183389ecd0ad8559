import CLibAV
import VSRCore
import VSRImaging

/// Turns RGB frames into the planar luma and color-difference pictures that encoders take.
struct PictureFiller {
    private let encoder: YUVEncoder

    /// What the pictures hold.
    var format: YUVFormat { encoder.format }

    /// - Parameters:
    ///   - factorX, factorY: Luma columns and rows per color sample: 1 or 2.
    ///   - tags: Resolved tags: matrix and range are stated.
    init(
        size: FrameSize, depth: Int, factorX: Int, factorY: Int, tags: ColorTags, name: String
    ) throws {
        let format = try tags.format(
            .init(columns: factorX, rows: factorY), depth: depth, of: name)
        encoder = try YUVEncoder(size: size, format: format)
    }

    /// Writes the frame into a picture with buffers of the right format and size.
    func fill(_ picture: UnsafeMutablePointer<AVFrame>, with frame: Frame) {
        guard let planes = Self.planes(of: picture, format) else { return }
        frame.samples.withUnsafeBufferPointer { samples in
            if let base = samples.baseAddress {
                encoder.encode(
                    base,
                    to: MutableYUVPlanes(
                        luma: planes.luma.mutable, first: planes.first.mutable,
                        second: planes.second.mutable))
            }
        }
    }

    /// Writes the fourth plane of a picture: opaque where nothing else is said.
    func fillAlpha(of picture: UnsafeMutablePointer<AVFrame>, with alpha: AlphaPlane?) {
        guard let data = picture.pointee.data.3 else { return }
        let plane = MutableSamplePlane(
            base: UnsafeMutableRawPointer(data), rowBytes: Int(picture.pointee.linesize.3),
            isWide: format.depth > 8)
        let width = Int(picture.pointee.width)
        let top = Float((1 << format.depth) - 1)
        let opaque = [Float](repeating: 1, count: alpha == nil ? width : 0)
        (alpha?.samples ?? opaque).withUnsafeBufferPointer { samples in
            guard let base = samples.baseAddress else { return }
            for y in 0..<Int(picture.pointee.height) {
                plane.write(
                    row: y, count: width, from: base + (alpha == nil ? 0 : y * width), scale: top,
                    offset: 0, top: top)
            }
        }
    }

    /// The three planes of a planar picture; `nil` if it has no buffers.
    static func planes(
        of picture: UnsafeMutablePointer<AVFrame>, _ format: YUVFormat
    ) -> YUVPlanes? {
        let data = picture.pointee.data
        let strides = picture.pointee.linesize
        guard let luma = data.0, let first = data.1, let second = data.2 else { return nil }
        func plane(_ base: UnsafeMutablePointer<UInt8>, _ stride: Int32) -> SamplePlane {
            SamplePlane(
                base: UnsafeRawPointer(base), rowBytes: Int(stride), isWide: format.depth > 8)
        }
        return YUVPlanes(
            luma: plane(luma, strides.0), first: plane(first, strides.1),
            second: plane(second, strides.2))
    }
}
