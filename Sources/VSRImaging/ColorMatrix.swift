import VSRCore

/// The linear relation between RGB and luma with two color differences.
///
/// Luma in `0...1`, color differences in `-0.5...0.5`.
///
/// Source: ITU-R BT.601-7, BT.709-6, BT.2020-2 (non-constant luminance), ITU-T H.273 table 4.
package struct ColorMatrix: Sendable, Equatable {
    /// Row by row: R, G, B from (Y, Cb, Cr).
    package let toRGB: [Float]
    /// Row by row: Y, Cb, Cr from (R, G, B).
    package let fromRGB: [Float]

    package init(_ matrix: YUVFormat.Matrix) {
        switch matrix {
        case .bt709: self.init(red: 0.2126, blue: 0.0722)
        case .fcc: self.init(red: 0.30, blue: 0.11)
        case .bt601: self.init(red: 0.299, blue: 0.114)
        case .smpte240: self.init(red: 0.212, blue: 0.087)
        case .bt2020: self.init(red: 0.2627, blue: 0.0593)
        case .yCgCo:
            self.init(
                toRGB: [1, -1, 1, 1, 1, 0, 1, -1, -1],
                fromRGB: [0.25, 0.5, 0.25, -0.25, 0.5, -0.25, 0.5, 0, -0.5])
        }
    }

    /// The matrix with luma weights `red` and `blue`.
    private init(red: Double, blue: Double) {
        let green = 1 - red - blue
        let cb = 1 / (2 * (1 - blue))
        let cr = 1 / (2 * (1 - red))
        self.init(
            toRGB: [
                1, 0, 2 * (1 - red),
                1, -2 * blue * (1 - blue) / green, -2 * red * (1 - red) / green,
                1, 2 * (1 - blue), 0,
            ],
            fromRGB: [
                red, green, blue,
                -red * cb, -green * cb, (1 - blue) * cb,
                (1 - red) * cr, -green * cr, -blue * cr,
            ])
    }

    private init(toRGB: [Double], fromRGB: [Double]) {
        self.toRGB = toRGB.map { Float($0) }
        self.fromRGB = fromRGB.map { Float($0) }
    }

    /// `matrix · (a, b, c)` for `count` samples of each; rows are written to three targets.
    static func product(
        _ matrix: [Float], _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
        _ c: UnsafePointer<Float>, count: Int,
        into targets: (
            UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
        )
    ) {
        row(matrix[0], matrix[1], matrix[2], a, b, c, count, targets.0)
        row(matrix[3], matrix[4], matrix[5], a, b, c, count, targets.1)
        row(matrix[6], matrix[7], matrix[8], a, b, c, count, targets.2)
    }

    @inline(__always)
    private static func row(
        _ x: Float, _ y: Float, _ z: Float, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
        _ c: UnsafePointer<Float>, _ count: Int, _ target: UnsafeMutablePointer<Float>
    ) {
        for index in 0..<count {
            let near = a[index] * x + b[index] * y
            target[index] = near + c[index] * z
        }
    }
}
