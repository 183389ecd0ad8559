import CLibAV
import VSRCore

/// Turns RGB frames into the planar luma and colour-difference pictures that encoders take.
///
/// Samples are clamped to `0...1`. Colour differences are averaged over the luma samples around
/// their site and everything is rounded once, to nearest.
struct PictureFiller {
    let size: FrameSize
    let depth: Int
    /// Luma columns and rows per colour sample: 1 or 2.
    let factorX: Int
    let factorY: Int
    private let matrix: ColourMatrix
    private let range: SampleRange
    private let horizontal: ChromaUpsampling.Siting
    private let vertical: ChromaUpsampling.Siting

    /// - Parameter tags: Resolved tags: matrix and range are stated.
    init(
        size: FrameSize, depth: Int, factorX: Int, factorY: Int, tags: ColourTags, name: String
    ) throws {
        self.size = size
        self.depth = depth
        self.factorX = factorX
        self.factorY = factorY
        matrix = try ColourMatrix(codePoint: tags.matrix, of: name)
        range = SampleRange(depth: depth, isFull: tags.isFullRange ?? false)
        horizontal = .horizontal(tags.chromaLocation)
        vertical = .vertical(tags.chromaLocation)
    }

    /// Writes the frame into a picture with buffers of the right format and size.
    func fill(_ picture: UnsafeMutablePointer<AVFrame>, with frame: Frame) {
        // NaN falls to 0, as in ByteFrame.
        let clamped = [Float](unsafeUninitializedCapacity: frame.samples.count) { output, count in
            frame.samples.withUnsafeBufferPointer { input in
                for index in 0..<input.count {
                    let value = input[index]
                    output[index] = value > 0 ? (value < 1 ? value : 1) : 0
                }
            }
            count = frame.samples.count
        }
        let planes = ColourMatrix.product(matrix.fromRGB, clamped)
        let area = size.area
        store(
            Array(planes[0..<area]), size, 1 / range.lumaScale,
            -range.lumaOffset / range.lumaScale, picture.pointee.data.0,
            picture.pointee.linesize.0)
        for component in 1...2 {
            var plane = Array(planes[component * area..<(component + 1) * area])
            var small = size
            if factorX == 2 { (plane, small) = narrowed(plane, small) }
            if factorY == 2 { (plane, small) = lowered(plane, small) }
            let isFirst = component == 1
            store(
                plane, small, 1 / range.differenceScale,
                -range.differenceOffset / range.differenceScale,
                isFirst ? picture.pointee.data.1 : picture.pointee.data.2,
                isFirst ? picture.pointee.linesize.1 : picture.pointee.linesize.2)
        }
    }

    /// Weights of the luma samples at 2i - 1, 2i, 2i + 1 that make colour sample i.
    private static func weights(_ siting: ChromaUpsampling.Siting) -> (Float, Float, Float) {
        switch siting {
        case .first: (0.25, 0.5, 0.25)
        case .centre: (0, 0.5, 0.5)
        case .last: (0, 0, 1)
        }
    }

    private func narrowed(_ plane: [Float], _ size: FrameSize) -> ([Float], FrameSize) {
        let small = FrameSize(width: (size.width + 1) / 2, height: size.height)
        let (a, b, c) = Self.weights(horizontal)
        let result = [Float](unsafeUninitializedCapacity: small.area) { output, count in
            plane.withUnsafeBufferPointer { plane in
                for y in 0..<size.height {
                    let row = y * size.width
                    for x in 0..<small.width {
                        let left = plane[row + max(2 * x - 1, 0)]
                        let right = plane[row + min(2 * x + 1, size.width - 1)]
                        output[y * small.width + x] = left * a + plane[row + 2 * x] * b + right * c
                    }
                }
            }
            count = small.area
        }
        return (result, small)
    }

    private func lowered(_ plane: [Float], _ size: FrameSize) -> ([Float], FrameSize) {
        let small = FrameSize(width: size.width, height: (size.height + 1) / 2)
        let (a, b, c) = Self.weights(vertical)
        let result = [Float](unsafeUninitializedCapacity: small.area) { output, count in
            plane.withUnsafeBufferPointer { plane in
                for y in 0..<small.height {
                    let above = max(2 * y - 1, 0) * size.width
                    let middle = 2 * y * size.width
                    let below = min(2 * y + 1, size.height - 1) * size.width
                    for x in 0..<size.width {
                        let near = plane[above + x] * a + plane[middle + x] * b
                        output[y * small.width + x] = near + plane[below + x] * c
                    }
                }
            }
            count = small.area
        }
        return (result, small)
    }

    private func store(
        _ plane: [Float], _ size: FrameSize, _ scale: Float, _ offset: Float,
        _ data: UnsafeMutablePointer<UInt8>?, _ stride: Int32
    ) {
        guard let data else { return }
        let top = Float((1 << depth) - 1)
        plane.withUnsafeBufferPointer { plane in
            for y in 0..<size.height {
                let row = data + y * Int(stride)
                let source = y * size.width
                if depth > 8 {
                    let wide = UnsafeMutableRawPointer(row).assumingMemoryBound(to: UInt16.self)
                    for x in 0..<size.width {
                        let level = plane[source + x] * scale + offset + 0.5
                        wide[x] = UInt16(truncatingIfNeeded: Int32(min(max(level, 0), top)))
                    }
                } else {
                    for x in 0..<size.width {
                        let level = plane[source + x] * scale + offset + 0.5
                        row[x] = UInt8(truncatingIfNeeded: Int32(min(max(level, 0), top)))
                    }
                }
            }
        }
    }
}
