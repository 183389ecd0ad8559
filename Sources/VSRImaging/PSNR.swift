import Foundation
import VSRCore

/// Peak signal-to-noise ratio, in decibels.
public enum PSNR {
    /// 10 · log10(255² / MSE) in double precision, one mean over all channels; equal frames give
    /// infinity.
    ///
    /// Source: `calculate_psnr` of BasicSR.
    ///
    /// - Throws: `shapeMismatch` if the sizes differ, `invalidArgument` if the border leaves
    ///   nothing.
    public static func measure(
        _ result: Frame, _ reference: Frame,
        conventions: MetricConventions = MetricConventions()
    ) throws -> Double {
        let pair = try MetricSamples.pair(result, reference, conventions)
        return measure(pair.result, pair.reference)
    }

    static func measure(_ result: MetricSamples, _ reference: MetricSamples) -> Double {
        var sum = 0.0
        for (first, second) in zip(result.planes, reference.planes) {
            sum += squaredDistance(first, second)
        }
        let mean = sum / Double(result.planes.count * result.size.area)
        return 10 * log10(255 * 255 / mean)
    }

    private static func squaredDistance(_ first: [Double], _ second: [Double]) -> Double {
        first.withUnsafeBufferPointer { first in
            second.withUnsafeBufferPointer { second in
                var sum = 0.0
                for index in 0..<first.count {
                    let difference = first[index] - second[index]
                    sum += difference * difference
                }
                return sum
            }
        }
    }
}
