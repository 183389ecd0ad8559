import Dispatch
import Foundation
import VSRCore

/// Structural similarity: 1 for equal frames.
public enum SSIM {
    /// Taps of the window along each axis; frames must be at least as large.
    public static let window = 11

    /// Mean over all positions where the 11×11 Gaussian window (σ = 1.5) fits, per channel, then
    /// over channels, in double precision; C1 = (0.01 · 255)², C2 = (0.03 · 255)².
    ///
    /// Source: Wang et al.: "Image Quality Assessment: From Error Visibility to Structural
    /// Similarity", 2004, eq. 13, as in `calculate_ssim` of BasicSR.
    ///
    /// - Throws: `shapeMismatch` if the sizes differ, `invalidArgument` if the frame without its
    ///   border is smaller than the window.
    public static func measure(
        _ result: Frame, _ reference: Frame,
        conventions: MetricConventions = MetricConventions()
    ) throws -> Double {
        let pair = try MetricSamples.pair(result, reference, conventions)
        return try measure(pair.result, pair.reference)
    }

    static func measure(_ result: MetricSamples, _ reference: MetricSamples) throws -> Double {
        let size = result.size
        guard size.width >= window, size.height >= window else {
            throw VSRError(
                .invalidArgument,
                "cannot measure the SSIM of \(size): both sides must be at least \(window)")
        }
        let planes = zip(result.planes, reference.planes).map {
            SSIMPlane(size: size, result: $0, reference: $1)
        }
        return planes.reduce(0) { $0 + $1.mean() } / Double(planes.count)
    }
}

/// The structural similarity of two planes.
private struct SSIMPlane: Sendable {
    let size: FrameSize
    let result: [Double]
    let reference: [Double]

    private static let taps = Degradation.gaussian(count: SSIM.window, sigma: 1.5)
    private static let radius = SSIM.window / 2
    private static let c1 = 0.01 * 255 * (0.01 * 255)
    private static let c2 = 0.03 * 255 * (0.03 * 255)

    /// Rows that one thread takes at a time.
    private static let bandHeight = 48

    private var outputHeight: Int { size.height - 2 * Self.radius }
    private var outputWidth: Int { size.width - 2 * Self.radius }

    /// Bands are summed in order, so that the mean does not depend on the number of threads.
    func mean() -> Double {
        let bands = (outputHeight + Self.bandHeight - 1) / Self.bandHeight
        var sums = Array(repeating: 0.0, count: bands)
        sums.withUnsafeMutableBufferPointer { sums in
            let slots = BandSums(base: sums)
            DispatchQueue.concurrentPerform(iterations: bands) { band in
                let top = band * Self.bandHeight
                let bottom = min(top + Self.bandHeight, outputHeight)
                slots.base[band] = sum(rows: top..<bottom)
            }
        }
        return sums.reduce(0, +) / Double(outputHeight * outputWidth)
    }

    /// Each band writes only its own element.
    private struct BandSums: @unchecked Sendable {
        let base: UnsafeMutableBufferPointer<Double>
    }

    /// Similarities summed over some rows of the map.
    private func sum(rows: Range<Int>) -> Double {
        var columns = Array(repeating: SIMD4<Double>.zero, count: size.width)
        var sum = 0.0
        for row in rows {
            filterColumns(row, to: &columns)
            sum += sumRow(columns)
        }
        return sum
    }

    /// The window's first pass for one row of the map: for each column of the planes the weighted
    /// sums of x, y, x² + y² and xy.
    private func filterColumns(_ row: Int, to columns: inout [SIMD4<Double>]) {
        let width = size.width
        result.withUnsafeBufferPointer { result in
            reference.withUnsafeBufferPointer { reference in
                columns.withUnsafeMutableBufferPointer { columns in
                    columns.update(repeating: .zero)
                    for (tap, weight) in Self.taps.enumerated() {
                        let start = (row + tap) * width
                        for x in 0..<width {
                            let first = result[start + x]
                            let second = reference[start + x]
                            columns[x] +=
                                weight
                                * SIMD4(
                                    first, second, first * first + second * second,
                                    first * second)
                        }
                    }
                }
            }
        }
    }

    /// The second pass and the similarities of one row.
    private func sumRow(_ columns: [SIMD4<Double>]) -> Double {
        var sum = 0.0
        columns.withUnsafeBufferPointer { columns in
            Self.taps.withUnsafeBufferPointer { taps in
                for x in 0..<outputWidth {
                    var moments = SIMD4<Double>.zero
                    for tap in 0..<taps.count { moments += taps[tap] * columns[x + tap] }
                    sum += Self.similarity(moments)
                }
            }
        }
        return sum
    }

    /// - Parameter moments: Means of x, y, x² + y² and xy.
    @inline(__always)
    private static func similarity(_ moments: SIMD4<Double>) -> Double {
        let squares = moments.x * moments.x + moments.y * moments.y
        let product = moments.x * moments.y
        let variances = moments.z - squares
        let covariance = moments.w - product
        return (2 * product + c1) * (2 * covariance + c2)
            / ((squares + c1) * (variances + c2))
    }
}
