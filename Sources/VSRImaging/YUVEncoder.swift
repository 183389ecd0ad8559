import VSRCore

/// Turns RGB planes into luma and color differences, for pictures of one size and format.
///
/// Samples are clamped to `0...1`. Color differences are averaged over the luma samples around
/// their site and everything is rounded once, to nearest. All memory is had at the beginning; one
/// thread at a time.
package final class YUVEncoder {
    package let size: FrameSize
    package let format: YUVFormat
    private let chromaSize: FrameSize
    private let matrix: ColorMatrix
    private let range: SampleRange
    private let horizontal: Weights
    private let vertical: Weights
    /// A row of each color, then of each component.
    private let rows: UnsafeMutablePointer<Float>
    /// The last three rows of both color components at the color planes' width, and one more
    /// for an average of them.
    private let narrow: UnsafeMutablePointer<Float>
    private static let heldRows = 3

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

    /// - Throws: `unsupported` for a color sample per more than two luma samples.
    package init(size: FrameSize, format: YUVFormat) throws {
        let subsampling = format.subsampling
        try Self.check(subsampling)
        self.size = size
        self.format = format
        chromaSize = subsampling.chromaSize(for: size)
        matrix = ColorMatrix(format.matrix)
        range = SampleRange(depth: format.depth, isFull: format.isFullRange)
        horizontal = Weights(.init(horizontal: format.chromaLocation))
        vertical = Weights(.init(vertical: format.chromaLocation))
        rows = .allocate(capacity: 6 * size.width)
        narrow = .allocate(capacity: (2 * Self.heldRows + 1) * chromaSize.width)
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
        rows.deallocate()
        narrow.deallocate()
    }

    /// Bytes of memory held.
    package var bytes: Int {
        let floats = 6 * size.width + (2 * Self.heldRows + 1) * chromaSize.width
        return floats * MemoryLayout<Float>.stride
    }

    /// Writes the picture of dense planes `[3, height, width]`.
    package func encode(_ rgb: UnsafePointer<Float>, to planes: MutableYUVPlanes) {
        let width = size.width
        let components = rows + 3 * width
        for y in 0..<size.height {
            for channel in 0..<3 {
                clamp(rgb + (channel * size.height + y) * width, to: rows + channel * width)
            }
            ColorMatrix.product(
                matrix.fromRGB, rows, rows + width, rows + 2 * width, count: width,
                into: (components, components + width, components + 2 * width))
            planes.luma.write(
                row: y, count: width, from: components, scale: 1 / range.lumaScale,
                offset: -range.lumaOffset / range.lumaScale, top: top)
            for component in 1...2 {
                let narrowed = held(component, row: y)
                narrowRow(components + component * width, to: narrowed)
                write(component, to: component == 1 ? planes.first : planes.second, after: y)
            }
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

    private func held(_ component: Int, row: Int) -> UnsafeMutablePointer<Float> {
        let index = (component - 1) * Self.heldRows + row % Self.heldRows
        return narrow + index * chromaSize.width
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
    private func write(_ component: Int, to plane: MutableSamplePlane, after y: Int) {
        guard format.subsampling.rows == 2 else {
            return write(held(component, row: y), row: y, to: plane)
        }
        guard y % 2 == 1 || y == size.height - 1 else { return }
        let middle = y / 2 * 2
        let above = held(component, row: max(middle - 1, 0))
        let center = held(component, row: middle)
        let below = held(component, row: y)
        let target = narrow + 2 * Self.heldRows * chromaSize.width
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
