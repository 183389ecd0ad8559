import CLibAV
import VSRCore
import VSRImaging

/// Turns RGB frames into the planar luma and color-difference pictures that encoders take.
struct PictureFiller {
    private let encoder: YUVEncoder

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
        let data = picture.pointee.data
        let strides = picture.pointee.linesize
        guard let luma = data.0, let first = data.1, let second = data.2 else { return }
        func plane(_ base: UnsafeMutablePointer<UInt8>, _ stride: Int32) -> MutableSamplePlane {
            MutableSamplePlane(
                base: UnsafeMutableRawPointer(base), rowBytes: Int(stride),
                isWide: encoder.format.depth > 8)
        }
        let planes = MutableYUVPlanes(
            luma: plane(luma, strides.0), first: plane(first, strides.1),
            second: plane(second, strides.2))
        frame.samples.withUnsafeBufferPointer { samples in
            if let base = samples.baseAddress { encoder.encode(base, to: planes) }
        }
    }
}
