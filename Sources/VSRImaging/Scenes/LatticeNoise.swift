/// Smooth noise that repeats after a power of two lattice cells.
struct LatticeNoise: Sendable {
    let seed: UInt32

    /// Several octaves, each twice as fine and `roughness` times as strong as the one before;
    /// within `0...1`.
    ///
    /// - Parameter mask: Cells after which the first octave repeats, less one.
    @inline(__always)
    func fractal(_ x: Float, _ y: Float, octaves: Int, roughness: Float, mask: Int32) -> Float {
        var sum: Float = 0
        var strength: Float = 1
        var total: Float = 0
        var frequency: Float = 1
        var period = mask
        for octave in 0..<octaves {
            let value = value(
                x * frequency, y * frequency, octave: UInt32(truncatingIfNeeded: octave), period)
            sum += strength * value
            total += strength
            strength *= roughness
            frequency *= 2
            period = period &* 2 &+ 1
        }
        return sum / total
    }

    /// One octave: random numbers at lattice points, cubically eased between.
    @inline(__always)
    private func value(_ x: Float, _ y: Float, octave: UInt32, _ mask: Int32) -> Float {
        let column = Self.floor(x)
        let row = Self.floor(y)
        let u = Self.ease(x - Float(column))
        let v = Self.ease(y - Float(row))
        let left = column & mask
        let right = (column &+ 1) & mask
        let top = row & mask
        let bottom = (row &+ 1) & mask
        let upper = Self.mix(number(left, top, octave), number(right, top, octave), u)
        let lower = Self.mix(number(left, bottom, octave), number(right, bottom, octave), u)
        return Self.mix(upper, lower, v)
    }

    /// The random number of a lattice point, in `0..<1`.
    @inline(__always)
    func number(_ column: Int32, _ row: Int32, _ salt: UInt32 = 0) -> Float {
        var hash = seed &+ salt &* 0x9E37_79B9
        hash ^= UInt32(bitPattern: column) &* 0x85EB_CA6B
        hash = (hash ^ (hash >> 15)) &* 0x2C1B_3C6D
        hash ^= UInt32(bitPattern: row) &* 0xC2B2_AE35
        hash = (hash ^ (hash >> 13)) &* 0x297A_2D39
        hash ^= hash >> 16
        return Float(hash >> 8) * (1 / Float(1 << 24))
    }

    /// The largest integer not above `x`, which must fit.
    @inline(__always)
    static func floor(_ x: Float) -> Int32 {
        let whole = Int32(x)
        return Float(whole) > x ? whole &- 1 : whole
    }

    @inline(__always)
    private static func ease(_ t: Float) -> Float { t * t * (3 - 2 * t) }

    @inline(__always)
    private static func mix(_ a: Float, _ b: Float, _ t: Float) -> Float { a + (b - a) * t }
}
