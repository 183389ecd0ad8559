import VSRCore

/// Sums over a square of brightness planes, in 8-bit levels, by vectors of eight pixels.
enum SquareStatistics {
    private typealias Lanes = SIMD8<Float>

    /// How a picture differs from the one before and from a reference.
    struct Change {
        /// Mean square difference to the picture before, in levels².
        var recent: Float
        /// Mean difference to the reference, in levels.
        var shift: Float
        /// Mean square difference to the reference beyond that shift, in levels².
        var total: Float
    }

    /// Writes `(R + 2 G + B) / 4` in levels of planes `[3, count]` in 0…1.
    static func brightness(
        of planes: UnsafePointer<Float>, count: Int, into result: UnsafeMutablePointer<Float>
    ) {
        let red = planes
        let green = planes + count
        let blue = planes + 2 * count
        let scale: Float = 255 / 4
        for index in 0..<count {
            result[index] = (red[index] + 2 * green[index] + blue[index]) * scale
        }
    }

    /// - Parameter stride: Floats from row to row of all three planes.
    static func change(
        _ picture: UnsafePointer<Float>, before: UnsafePointer<Float>,
        reference: UnsafePointer<Float>, stride: Int, _ area: PixelArea
    ) -> Change {
        var recent = Lanes.zero
        var total = Lanes.zero
        var shift = Lanes.zero
        for y in area.top..<area.bottom {
            let row = y * stride
            var x = row + area.left
            let end = row + area.right
            while x + Lanes.scalarCount <= end {
                let pixels = lanes(picture + x)
                let step = pixels - lanes(before + x)
                let difference = pixels - lanes(reference + x)
                recent += step * step
                total += difference * difference
                shift += difference
                x += Lanes.scalarCount
            }
            while x < end {
                let step = picture[x] - before[x]
                let difference = picture[x] - reference[x]
                recent[0] += step * step
                total[0] += difference * difference
                shift[0] += difference
                x += 1
            }
        }
        let count = Float(area.count)
        let mean = shift.sum() / count
        return Change(
            recent: recent.sum() / count, shift: mean,
            total: max(0, total.sum() / count - mean * mean))
    }

    /// The least mean square slope in any direction, in levels² per pixel²: a move by d pixels
    /// changes the square by about d² times this or more.
    ///
    /// It is the smaller eigenvalue of the structure tensor of central differences, whose own
    /// noise is a quarter of `noise`, the mean square difference of two pictures, and is taken off.
    static func texture(
        _ picture: UnsafePointer<Float>, stride: Int, _ area: PixelArea, noise: Float
    ) -> Float {
        guard area.width > 2, area.height > 2 else { return 0 }
        var xx: Float = 0
        var xy: Float = 0
        var yy: Float = 0
        for y in area.top + 1..<area.bottom - 1 {
            for x in area.left + 1..<area.right - 1 {
                let pixel = picture + (y * stride + x)
                let dx = (pixel[1] - pixel[-1]) / 2
                let dy = (pixel[stride] - pixel[-stride]) / 2
                xx += dx * dx
                xy += dx * dy
                yy += dy * dy
            }
        }
        let count = Float((area.width - 2) * (area.height - 2))
        let half = (xx + yy) / 2
        let difference = (xx - yy) / 2
        let smaller = half - (difference * difference + xy * xy).squareRoot()
        return max(0, smaller / count - noise / 4)
    }

    @inline(__always)
    private static func lanes(_ pointer: UnsafePointer<Float>) -> Lanes {
        UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
    }
}
