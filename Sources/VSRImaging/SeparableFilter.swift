import VSRCore

/// A sample that separable filters read, and write after computing in double precision.
protocol FilteredSample: Sendable {
    var filterValue: Double { get }
    /// Four results in the type's precision.
    static func rounded(_ values: SIMD4<Double>) -> SIMD4<Double>
    /// A value that ``rounded(_:)`` returned.
    init(filterResult: Double)
}

extension UInt8: FilteredSample {
    @inline(__always) var filterValue: Double { Double(self) }

    /// Clamped to `0...255`; half a level more, so that cutting off the fraction is
    /// `floor(x + 0.5)`.
    @inline(__always) static func rounded(_ values: SIMD4<Double>) -> SIMD4<Double> {
        let lower = values.replacing(with: 0, where: values .< 0)
        return lower.replacing(with: 255, where: lower .> 255) + 0.5
    }

    @inline(__always) init(filterResult: Double) {
        self = UInt8(truncatingIfNeeded: Int32(filterResult))
    }
}

extension Float: FilteredSample {
    @inline(__always) var filterValue: Double { Double(self) }
    @inline(__always) static func rounded(_ values: SIMD4<Double>) -> SIMD4<Double> { values }
    @inline(__always) init(filterResult: Double) { self = Float(filterResult) }
}

/// A filter along columns (which makes the output's rows), then one along rows, in double
/// precision with one rounding at the end.
struct SeparableFilter: Sendable {
    let input: FrameSize
    let vertical: ResamplingTaps
    let horizontal: ResamplingTaps

    var output: FrameSize { FrameSize(width: horizontal.length, height: vertical.length) }

    /// Output rows computed together: the lanes of the second pass.
    private static let lanes = 4

    /// Filters planes `[planes, height, width]`.
    func apply<Sample: FilteredSample>(
        _ samples: [Sample], planes: Int = Frame.channels
    ) -> [Sample] {
        [Sample](unsafeUninitializedCapacity: planes * output.area) { result, count in
            samples.withUnsafeBufferPointer { source in
                var scratch = Scratch(input: input)
                for channel in 0..<planes {
                    let plane = UnsafeBufferPointer(
                        rebasing: source[channel * input.area..<(channel + 1) * input.area])
                    let target = UnsafeMutableBufferPointer(
                        rebasing: result[channel * output.area..<(channel + 1) * output.area])
                    apply(plane, to: target, &scratch)
                }
            }
            count = planes * output.area
        }
    }

    private struct Scratch {
        var plane: [Double]
        var rows: [Double]
        var tile: [SIMD4<Double>]

        init(input: FrameSize) {
            plane = Array(repeating: 0, count: input.area)
            rows = Array(repeating: 0, count: lanes * input.width)
            tile = Array(repeating: .zero, count: input.width)
        }
    }

    private func apply<Sample: FilteredSample>(
        _ source: UnsafeBufferPointer<Sample>, to target: UnsafeMutableBufferPointer<Sample>,
        _ scratch: inout Scratch
    ) {
        scratch.plane.withUnsafeMutableBufferPointer { plane in
            for index in 0..<plane.count { plane[index] = source[index].filterValue }
        }
        for top in stride(from: 0, to: output.height, by: Self.lanes) {
            let height = min(Self.lanes, output.height - top)
            filterColumns(rows: top..<top + height, &scratch)
            interleave(&scratch)
            filterRows(scratch.tile, to: target, rows: top..<top + height)
        }
    }

    /// First pass: some output rows at the input's width.
    private func filterColumns(rows: Range<Int>, _ scratch: inout Scratch) {
        let width = input.width
        scratch.plane.withUnsafeBufferPointer { plane in
            scratch.rows.withUnsafeMutableBufferPointer { results in
                for (lane, row) in rows.enumerated() {
                    let result = UnsafeMutableBufferPointer(
                        rebasing: results[lane * width..<(lane + 1) * width])
                    result.update(repeating: 0)
                    var tap = row * vertical.count
                    // Pairs of taps halve the loads and stores of partial sums.
                    while tap + 1 < (row + 1) * vertical.count {
                        Self.add(
                            plane, rows: (vertical.indices[tap], vertical.indices[tap + 1]),
                            weights: (vertical.weights[tap], vertical.weights[tap + 1]),
                            to: result)
                        tap += 2
                    }
                    if tap < (row + 1) * vertical.count {
                        Self.add(
                            plane, row: vertical.indices[tap], weight: vertical.weights[tap],
                            to: result)
                    }
                }
            }
        }
    }

    @inline(__always)
    private static func add(
        _ plane: UnsafeBufferPointer<Double>, rows: (Int, Int), weights: (Double, Double),
        to result: UnsafeMutableBufferPointer<Double>
    ) {
        let first = rows.0 * result.count
        let second = rows.1 * result.count
        for x in 0..<result.count {
            result[x] =
                result[x] + weights.0 * plane[first + x] + weights.1 * plane[second + x]
        }
    }

    @inline(__always)
    private static func add(
        _ plane: UnsafeBufferPointer<Double>, row: Int, weight: Double,
        to result: UnsafeMutableBufferPointer<Double>
    ) {
        let first = row * result.count
        for x in 0..<result.count { result[x] += weight * plane[first + x] }
    }

    /// Puts the rows' samples of one column side by side.
    private func interleave(_ scratch: inout Scratch) {
        let width = input.width
        scratch.rows.withUnsafeBufferPointer { rows in
            scratch.tile.withUnsafeMutableBufferPointer { tile in
                for x in 0..<width {
                    tile[x] = SIMD4(
                        rows[x], rows[width + x], rows[2 * width + x], rows[3 * width + x])
                }
            }
        }
    }

    /// Second pass: the output rows at the output's width.
    private func filterRows<Sample: FilteredSample>(
        _ tile: [SIMD4<Double>], to target: UnsafeMutableBufferPointer<Sample>, rows: Range<Int>
    ) {
        let count = horizontal.count
        let width = horizontal.length
        tile.withUnsafeBufferPointer { tile in
            horizontal.indices.withUnsafeBufferPointer { indices in
                horizontal.weights.withUnsafeBufferPointer { weights in
                    for x in 0..<width {
                        var sum = SIMD4<Double>.zero
                        for tap in x * count..<(x + 1) * count {
                            sum += weights[tap] * tile[indices[tap]]
                        }
                        let values = Sample.rounded(sum)
                        for (lane, row) in rows.enumerated() {
                            target[row * width + x] = Sample(filterResult: values[lane])
                        }
                    }
                }
            }
        }
    }
}
