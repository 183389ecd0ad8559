import VSRCore

/// Turns RGB planes into luma and color differences, for pictures of one size and format.
///
/// Samples are clamped to `0...1`. Color differences are averaged over the luma samples around
/// their site and everything is rounded once, to nearest. All memory is allocated at the
/// beginning. Bands of rows may be shared by threads; any split gives the same bits.
package final class YUVEncoder {
    package let size: FrameSize
    package let format: YUVFormat
    private let chromaSize: FrameSize
    private let matrix: ColorMatrix
    private let range: SampleRange
    private let horizontal: Weights
    private let vertical: Weights
    private let scratch: [Scratch]
    private static let heldRows = 3

    /// What one thread works with.
    private struct Scratch {
        /// A row of each color, then of each component.
        let rows: UnsafeMutablePointer<Float>
        /// The last three rows of both color components at the color planes' width, and one more
        /// for an average of them.
        let narrow: UnsafeMutablePointer<Float>
    }

    /// Weights of the luma samples at 2i - 1, 2i, 2i + 1 that make color sample i.
    private struct Weights {
        let before: Float
        let at: Float
        let after: Float

        init(_ siting: ChromaInterpolation.Siting) {
            (before, at, after) =
                switch siting {
                case .first: (0.25, 0.5, 0.25)
                case .center: (0, 0.5, 0.5)
                case .last: (0, 0, 1)
                }
        }
    }

    /// - Parameter threads: How many may share the work.
    /// - Throws: `unsupported` for a color sample per more than two luma samples.
    package init(size: FrameSize, format: YUVFormat, threads: Int = 1) throws {
        let subsampling = format.subsampling
        try Self.check(subsampling)
        self.size = size
        self.format = format
        let chromaSize = subsampling.chromaSize(for: size)
        self.chromaSize = chromaSize
        matrix = ColorMatrix(format.matrix)
        range = SampleRange(depth: format.depth, isFull: format.isFullRange)
        horizontal = Weights(.init(horizontal: format.chromaLocation))
        vertical = Weights(.init(vertical: format.chromaLocation))
        scratch = (0..<threads).map { _ in
            Scratch(
                rows: .allocate(capacity: 6 * size.width),
                narrow: .allocate(capacity: (2 * Self.heldRows + 1) * chromaSize.width))
        }
    }

    /// - Throws: `unsupported` for a color sample per more than two luma samples.
    package static func check(_ subsampling: YUVFormat.Subsampling) throws {
        guard (1...2).contains(subsampling.columns), (1...2).contains(subsampling.rows) else {
            throw VSRError(
                .unsupported,
                "color planes with a sample per \(subsampling.columns)x\(subsampling.rows) luma "
                    + "samples are not written: use 4:2:0, 4:2:2 or 4:4:4")
        }
    }

    deinit {
        for scratch in scratch {
            scratch.rows.deallocate()
            scratch.narrow.deallocate()
        }
    }

    /// Bytes of memory held.
    package var bytes: Int {
        let floats = 6 * size.width + (2 * Self.heldRows + 1) * chromaSize.width
        return scratch.count * floats * MemoryLayout<Float>.stride
    }

    /// Writes the picture of dense planes `[3, height, width]`.
    package func encode(_ rgb: UnsafePointer<Float>, to planes: MutableYUVPlanes) {
        encode(0..<size.height, of: rgb, to: planes, thread: 0)
    }

    /// Writes luma rows of the picture and the color rows that begin in them.
    ///
    /// - Parameters:
    ///   - band: Begins at an even row.
    ///   - thread: No two calls at a time have the same.
    package func encode(
        _ band: Range<Int>, of rgb: UnsafePointer<Float>, to planes: MutableYUVPlanes, thread: Int
    ) {
        let scratch = self.scratch[thread]
        let components = scratch.rows + 3 * size.width
        // The first color row averages the row above it too.
        if format.subsampling.rows == 2, band.lowerBound > 0 {
            convert(row: band.lowerBound - 1, of: rgb, scratch)
        }
        for y in band {
            convert(row: y, of: rgb, scratch)
            planes.luma.write(
                row: y, count: size.width, from: components, scale: 1 / range.lumaScale,
                offset: -range.lumaOffset / range.lumaScale, top: top)
            write(1, to: planes.first, after: y, scratch)
            write(2, to: planes.second, after: y, scratch)
        }
    }

    /// Brings a row's components into the scratch memory, colors at their planes' width.
    private func convert(row y: Int, of rgb: UnsafePointer<Float>, _ scratch: Scratch) {
        let width = size.width
        let (rows, components) = (scratch.rows, scratch.rows + 3 * width)
        for channel in 0..<3 {
            clamp(rgb + (channel * size.height + y) * width, to: rows + channel * width)
        }
        ColorMatrix.product(
            matrix.fromRGB, rows, rows + width, rows + 2 * width, count: width,
            into: (components, components + width, components + 2 * width))
        for component in 1...2 {
            narrowRow(components + component * width, to: held(component, row: y, scratch))
        }
    }

    private var top: Float { Float((1 << format.depth) - 1) }

    /// NaN falls to 0, as in `ByteFrame`.
    private func clamp(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>) {
        for x in 0..<size.width {
            let value = source[x]
            target[x] = value > 0 ? (value < 1 ? value : 1) : 0
        }
    }

    private func held(
        _ component: Int, row: Int, _ scratch: Scratch
    ) -> UnsafeMutablePointer<Float> {
        let index = (component - 1) * Self.heldRows + row % Self.heldRows
        return scratch.narrow + index * chromaSize.width
    }

    private func narrowRow(_ row: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>) {
        guard format.subsampling.columns == 2 else {
            return target.update(from: row, count: size.width)
        }
        let (a, b, c) = (horizontal.before, horizontal.at, horizontal.after)
        for x in 0..<chromaSize.width {
            let left = row[max(2 * x - 1, 0)]
            let right = row[min(2 * x + 1, size.width - 1)]
            target[x] = left * a + row[2 * x] * b + right * c
        }
    }

    /// Writes the row of a color plane that is complete after luma row `y`, if one is.
    private func write(
        _ component: Int, to plane: MutableSamplePlane, after y: Int, _ scratch: Scratch
    ) {
        guard format.subsampling.rows == 2 else {
            return write(held(component, row: y, scratch), row: y, to: plane)
        }
        guard y % 2 == 1 || y == size.height - 1 else { return }
        let middle = y / 2 * 2
        let above = held(component, row: max(middle - 1, 0), scratch)
        let center = held(component, row: middle, scratch)
        let below = held(component, row: y, scratch)
        let target = scratch.narrow + 2 * Self.heldRows * chromaSize.width
        let (a, b, c) = (vertical.before, vertical.at, vertical.after)
        for x in 0..<chromaSize.width {
            let near = above[x] * a + center[x] * b
            target[x] = near + below[x] * c
        }
        write(target, row: y / 2, to: plane)
    }

    private func write(_ row: UnsafePointer<Float>, row y: Int, to plane: MutableSamplePlane) {
        plane.write(
            row: y, count: chromaSize.width, from: row, scale: 1 / range.differenceScale,
            offset: -range.differenceOffset / range.differenceScale, top: top)
    }
}
