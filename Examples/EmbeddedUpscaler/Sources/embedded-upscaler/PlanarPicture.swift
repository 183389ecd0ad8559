import VSRCore

/// Memory for the planes Y, U and V of a picture, one after the other and without gaps.
final class PlanarPicture {
    let bytes: UnsafeMutableRawBufferPointer
    let y: UnsafeMutableRawBufferPointer
    let u: UnsafeMutableRawBufferPointer
    let v: UnsafeMutableRawBufferPointer

    init(_ header: Y4MHeader) {
        let chroma = header.format.subsampling.chromaSize(for: header.size)
        let luma = header.size.area * header.format.bytesPerSample
        let color = chroma.area * header.format.bytesPerSample
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: luma + 2 * color, alignment: 64)
        func plane(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
            UnsafeMutableRawBufferPointer(rebasing: bytes[range])
        }
        self.bytes = bytes
        y = plane(0..<luma)
        u = plane(luma..<luma + color)
        v = plane(luma + color..<luma + 2 * color)
    }

    deinit { bytes.deallocate() }
}
