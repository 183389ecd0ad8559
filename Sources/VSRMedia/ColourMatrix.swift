import VSRCore

/// The linear relation between RGB and luma with two colour differences.
///
/// Luma in `0...1`, colour differences in `-0.5...0.5`.
///
/// Source: ITU-R BT.601-7, BT.709-6, BT.2020-2 (non-constant luminance), ITU-T H.273 table 4.
struct ColourMatrix: Equatable {
    /// Row by row: R, G, B from (Y, Cb, Cr).
    let toRGB: [Double]
    /// Row by row: Y, Cb, Cr from (R, G, B).
    let fromRGB: [Double]

    /// The matrix with luma weights `red` and `blue`.
    init(red: Double, blue: Double) {
        let green = 1 - red - blue
        toRGB = [
            1, 0, 2 * (1 - red),
            1, -2 * blue * (1 - blue) / green, -2 * red * (1 - red) / green,
            1, 2 * (1 - blue), 0,
        ]
        let cb = 1 / (2 * (1 - blue))
        let cr = 1 / (2 * (1 - red))
        fromRGB = [
            red, green, blue,
            -red * cb, -green * cb, (1 - blue) * cb,
            (1 - red) * cr, -green * cr, -blue * cr,
        ]
    }

    /// YCgCo, whose planes 1 and 2 are Cg and Co.
    static let yCgCo = ColourMatrix(
        toRGB: [1, -1, 1, 1, 1, 0, 1, -1, -1],
        fromRGB: [0.25, 0.5, 0.25, -0.25, 0.5, -0.25, 0.5, 0, -0.5])

    private init(toRGB: [Double], fromRGB: [Double]) {
        self.toRGB = toRGB
        self.fromRGB = fromRGB
    }

    /// The matrix of a code point of H.273.
    ///
    /// - Throws: `unsupported` for those that are no matrix (constant luminance, ICtCp).
    init(codePoint: Int, of name: String) throws {
        switch codePoint {
        case 1: self.init(red: 0.2126, blue: 0.0722)
        case 4: self.init(red: 0.30, blue: 0.11)
        case 5, 6: self.init(red: 0.299, blue: 0.114)
        case 7: self.init(red: 0.212, blue: 0.087)
        case 8: self = .yCgCo
        case 9: self.init(red: 0.2627, blue: 0.0593)
        default:
            throw VSRError(
                .unsupported,
                "\(name) uses colour matrix \(codePoint) of H.273, which is not linear in RGB: "
                    + "convert it to BT.709 first")
        }
    }

    /// The three planes of `matrix · (a, b, c)`, where `planes` holds a, b and c one after another.
    static func product(_ matrix: [Double], _ planes: [Float]) -> [Float] {
        let area = planes.count / 3
        return [Float](unsafeUninitializedCapacity: 3 * area) { output, count in
            planes.withUnsafeBufferPointer { planes in
                for row in 0..<3 {
                    let x = Float(matrix[3 * row])
                    let y = Float(matrix[3 * row + 1])
                    let z = Float(matrix[3 * row + 2])
                    let start = row * area
                    for index in 0..<area {
                        let near = planes[index] * x + planes[area + index] * y
                        output[start + index] = near + planes[2 * area + index] * z
                    }
                }
            }
            count = 3 * area
        }
    }
}
