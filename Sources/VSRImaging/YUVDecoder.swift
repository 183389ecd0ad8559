import VSRCore

/// Turns luma and color differences into RGB planes, for pictures of one size and format.
///
/// The arithmetic is in floats, without an intermediate rounding. All memory is had at the
/// beginning; one thread at a time.
package final class YUVDecoder {
    package let size: FrameSize
    package let format: YUVFormat
    private let chromaSize: FrameSize
    private let matrix: ColorMatrix
    private let range: SampleRange
    private let vertical: ChromaInterpolation
    private let horizontal: ChromaInterpolation
    /// The picture's color planes in their own size, one after the other.
    private let chroma: UnsafeMutablePointer<Float>
    /// A row of a color plane with its margins.
    private let narrow: UnsafeMutablePointer<Float>
    /// A row of each component at the picture's width.
    private let rows: UnsafeMutablePointer<Float>

    package init(size: FrameSize, format: YUVFormat) {
        self.size = size
        self.format = format
        chromaSize = format.subsampling.chromaSize(for: size)
        matrix = ColorMatrix(format.matrix)
        range = SampleRange(depth: format.depth, isFull: format.isFullRange)
        vertical = ChromaInterpolation(
            factor: format.subsampling.rows, siting: .init(vertical: format.chromaLocation))
        horizontal = ChromaInterpolation(
            factor: format.subsampling.columns, siting: .init(horizontal: format.chromaLocation))
        chroma = .allocate(capacity: 2 * chromaSize.area)
        narrow = .allocate(capacity: chromaSize.width + 2 * ChromaInterpolation.margin)
        rows = .allocate(capacity: 3 * size.width)
    }

    deinit {
        chroma.deallocate()
        narrow.deallocate()
        rows.deallocate()
    }

    /// Bytes of memory held.
    package var bytes: Int {
        (2 * chromaSize.area + chromaSize.width + 3 * size.width) * MemoryLayout<Float>.stride
    }

    /// Writes dense planes `[3, height, width]` of values around `0...1`.
    package func decode(_ source: some SampleRowSource, to rgb: UnsafeMutablePointer<Float>) {
        for component in 1...2 {
            for y in 0..<chromaSize.height {
                source.read(
                    component: component, row: y, count: chromaSize.width,
                    to: plane(component) + y * chromaSize.width, scale: range.differenceScale,
                    offset: range.differenceOffset)
            }
        }
        for y in 0..<size.height {
            source.read(
                component: 0, row: y, count: size.width, to: rows, scale: range.lumaScale,
                offset: range.lumaOffset)
            let target = rgb + y * size.width
            ColorMatrix.product(
                matrix.toRGB, rows, differences(1, row: y), differences(2, row: y),
                count: size.width, into: (target, target + size.area, target + 2 * size.area))
        }
    }

    private func plane(_ component: Int) -> UnsafeMutablePointer<Float> {
        chroma + (component - 1) * chromaSize.area
    }

    /// A color component at every luma sample of row `y`.
    private func differences(_ component: Int, row y: Int) -> UnsafePointer<Float> {
        let plane = plane(component)
        let isWide = chromaSize.width == size.width
        let result = rows + component * size.width
        let margined = narrow + ChromaInterpolation.margin
        if chromaSize.height != size.height {
            let target = isWide ? result : margined
            vertical.heighten(plane, size: chromaSize, row: y, to: target)
            if isWide { return UnsafePointer(result) }
        } else {
            let row = plane + y * chromaSize.width
            if isWide { return UnsafePointer(row) }
            margined.update(from: row, count: chromaSize.width)
        }
        horizontal.widen(margined, count: chromaSize.width, to: result, length: size.width)
        return UnsafePointer(result)
    }
}
