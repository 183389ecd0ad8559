import VSRCore

/// Turns luma and color differences into RGB planes, for pictures of one size and format.
///
/// The arithmetic is in floats, without an intermediate rounding. All memory is allocated
/// at the beginning. Bands of rows may be shared by threads: first all of ``readColors(_:of:)``, then all
/// of ``decode(_:of:to:thread:)``; any split gives the same bits.
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
    private let scratch: [Scratch]

    /// What one thread works with.
    private struct Scratch {
        /// A row of a color plane with its margins.
        let narrow: UnsafeMutablePointer<Float>
        /// A row of each component at the picture's width.
        let rows: UnsafeMutablePointer<Float>
    }

    /// - Parameter threads: How many may share the work.
    package init(size: FrameSize, format: YUVFormat, threads: Int = 1) {
        self.size = size
        self.format = format
        let chromaSize = format.subsampling.chromaSize(for: size)
        matrix = ColorMatrix(format.matrix)
        range = SampleRange(depth: format.depth, isFull: format.isFullRange)
        vertical = ChromaInterpolation(
            factor: format.subsampling.rows, siting: .init(vertical: format.chromaLocation))
        horizontal = ChromaInterpolation(
            factor: format.subsampling.columns, siting: .init(horizontal: format.chromaLocation))
        chroma = .allocate(capacity: 2 * chromaSize.area)
        self.chromaSize = chromaSize
        scratch = (0..<threads).map { _ in
            Scratch(
                narrow: .allocate(capacity: chromaSize.width + 2 * ChromaInterpolation.margin),
                rows: .allocate(capacity: 3 * size.width))
        }
    }

    deinit {
        chroma.deallocate()
        for scratch in scratch {
            scratch.narrow.deallocate()
            scratch.rows.deallocate()
        }
    }

    /// Bytes of memory held.
    package var bytes: Int {
        let floats = 2 * chromaSize.area + scratch.count * (chromaSize.width + 3 * size.width)
        return floats * MemoryLayout<Float>.stride
    }

    /// Rows of the picture's color planes.
    package var colorRows: Int { chromaSize.height }

    /// Writes dense planes `[3, height, width]` of values around `0...1`.
    package func decode(_ source: some SampleRowSource, to rgb: UnsafeMutablePointer<Float>) {
        readColors(0..<chromaSize.height, of: source)
        decode(0..<size.height, of: source, to: rgb, thread: 0)
    }

    /// Reads rows of both color planes.
    package func readColors(_ rows: Range<Int>, of source: some SampleRowSource) {
        for component in 1...2 {
            for y in rows {
                source.read(
                    component: component, row: y, count: chromaSize.width,
                    to: plane(component) + y * chromaSize.width, scale: range.differenceScale,
                    offset: range.differenceOffset)
            }
        }
    }

    /// Writes rows of the planes `[3, height, width]`, once all colors are read.
    ///
    /// - Parameter thread: No two calls at a time have the same.
    package func decode(
        _ band: Range<Int>, of source: some SampleRowSource, to rgb: UnsafeMutablePointer<Float>,
        thread: Int
    ) {
        let scratch = self.scratch[thread]
        for y in band {
            source.read(
                component: 0, row: y, count: size.width, to: scratch.rows, scale: range.lumaScale,
                offset: range.lumaOffset)
            let target = rgb + y * size.width
            ColorMatrix.product(
                matrix.toRGB, scratch.rows, differences(1, row: y, scratch),
                differences(2, row: y, scratch), count: size.width,
                into: (target, target + size.area, target + 2 * size.area))
        }
    }

    private func plane(_ component: Int) -> UnsafeMutablePointer<Float> {
        chroma + (component - 1) * chromaSize.area
    }

    /// A color component at every luma sample of row `y`.
    private func differences(
        _ component: Int, row y: Int, _ scratch: Scratch
    ) -> UnsafePointer<Float> {
        let plane = plane(component)
        let isWide = chromaSize.width == size.width
        let result = scratch.rows + component * size.width
        let margined = scratch.narrow + ChromaInterpolation.margin
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
