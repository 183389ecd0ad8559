import VSRCore

/// Brings color planes of fewer samples to the size of the luma plane by cubic interpolation
/// (Keys, a = -0.5), with edges repeated; row by row, in the caller's memory.
struct ChromaInterpolation {
    /// Where a color sample sits among the luma samples it belongs to, along one axis.
    enum Siting {
        case first, center, last

        init(horizontal location: YUVFormat.ChromaLocation) {
            switch location {
            case .left, .topLeft, .bottomLeft: self = .first
            case .center, .top, .bottom: self = .center
            }
        }

        init(vertical location: YUVFormat.ChromaLocation) {
            switch location {
            case .topLeft, .top: self = .first
            case .left, .center: self = .center
            case .bottomLeft, .bottom: self = .last
            }
        }

        /// Position of output sample `phase` of the group of `factor`, in input samples.
        fileprivate func position(phase: Int, factor: Int) -> Double {
            let phase = Double(phase)
            let factor = Double(factor)
            return switch self {
            case .first: phase / factor
            case .center: (phase + 0.5) / factor - 0.5
            case .last: (phase - factor + 1) / factor
            }
        }
    }

    /// One phase of the interpolation: the first tap's offset and four weights.
    private struct Phase {
        let offset: Int
        let weights: (Float, Float, Float, Float)

        init(position: Double) {
            let whole = position.rounded(.down)
            let fraction = position - whole
            offset = Int(whole) - 1
            weights = (
                Phase.cubic(fraction + 1), Phase.cubic(fraction), Phase.cubic(1 - fraction),
                Phase.cubic(2 - fraction)
            )
        }

        /// Source: Keys, "Cubic convolution interpolation for digital image processing", 1981.
        private static func cubic(_ x: Double) -> Float {
            Float(
                x <= 1
                    ? (1.5 * x - 2.5) * x * x + 1
                    : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0)
        }
    }

    /// Samples that ``widen(_:count:to:length:)`` repeats beyond both ends of a row; above any
    /// phase's reach.
    static let margin = 4

    private let phases: [Phase]

    /// - Parameter factor: Luma samples per color sample along the axis.
    init(factor: Int, siting: Siting) {
        phases = (0..<factor).map {
            Phase(position: siting.position(phase: $0, factor: factor))
        }
    }

    /// Writes output row `y` of the plane made higher: `width` samples from four of its rows.
    func heighten(
        _ plane: UnsafePointer<Float>, size: FrameSize, row y: Int,
        to target: UnsafeMutablePointer<Float>
    ) {
        let phase = phases[y % phases.count]
        let first = y / phases.count + phase.offset
        func row(_ index: Int) -> UnsafePointer<Float> {
            plane + min(max(first + index, 0), size.height - 1) * size.width
        }
        let (top, upper, lower, bottom) = (row(0), row(1), row(2), row(3))
        let (a, b, c, d) = phase.weights
        for x in 0..<size.width {
            let near = top[x] * a + upper[x] * b
            target[x] = near + lower[x] * c + bottom[x] * d
        }
    }

    /// Writes the first `length` samples of a row made wider.
    ///
    /// - Parameter row: `count` samples, before and after which ``margin`` samples of memory are
    ///   free to be written to.
    func widen(
        _ row: UnsafeMutablePointer<Float>, count: Int, to target: UnsafeMutablePointer<Float>,
        length: Int
    ) {
        for index in 1...Self.margin {
            row[-index] = row[0]
            row[count - 1 + index] = row[count - 1]
        }
        for (index, phase) in phases.enumerated() {
            Self.spread(
                row + phase.offset, phase.weights, to: target + index, step: phases.count,
                count: max(0, (length - index + phases.count - 1) / phases.count))
        }
    }

    @inline(__always)
    private static func spread(
        _ row: UnsafeMutablePointer<Float>, _ weights: (Float, Float, Float, Float),
        to target: UnsafeMutablePointer<Float>, step: Int, count: Int
    ) {
        let (a, b, c, d) = weights
        for x in 0..<count {
            let near = row[x] * a + row[x + 1] * b
            target[x * step] = near + row[x + 2] * c + row[x + 3] * d
        }
    }
}
