/// How pictures are interpolated when resized.
public enum Interpolation: String, Sendable, Codable, CaseIterable {
    /// Triangle kernel, 2 samples wide.
    case bilinear
    /// Keys' cubic kernel with a = −0.5, 4 samples wide.
    case bicubic

    /// Width of the kernel's support, in input samples when enlarging.
    var width: Double {
        switch self {
        case .bilinear: 2
        case .bicubic: 4
        }
    }

    /// The kernel at distance `x` from the sample.
    ///
    /// Source: Keys: "Cubic Convolution Interpolation for Digital Image Processing", 1981, eq. 15.
    func weight(at x: Double) -> Double {
        let distance = abs(x)
        switch self {
        case .bilinear: return max(1 - distance, 0)
        case .bicubic:
            let square = distance * distance
            let cube = square * distance
            if distance <= 1 { return 1.5 * cube - 2.5 * square + 1 }
            if distance <= 2 { return -0.5 * cube + 2.5 * square - 4 * distance + 2 }
            return 0
        }
    }
}
