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
