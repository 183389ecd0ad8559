import VSRCore

/// Brings colour planes of fewer samples to the size of the luma plane by cubic interpolation
/// (Keys, a = -0.5), with edges repeated.
enum ChromaUpsampling {
    /// Where a colour sample sits among the luma samples it belongs to, along one axis.
    enum Siting {
        case first, centre, last

        /// Along x, for libav's chroma location; left where the stream leaves it open, as H.264
        /// prescribes.
        static func horizontal(_ location: Int) -> Siting {
            [2, 4, 6].contains(location) ? .centre : .first
        }

        /// Along y.
        static func vertical(_ location: Int) -> Siting {
            switch location {
            case 3, 4: .first
            case 5, 6: .last
            default: .centre
            }
        }

        /// Position of output sample `phase` of the group of `factor`, in input samples.
        func position(phase: Int, factor: Int) -> Double {
            let phase = Double(phase)
            let factor = Double(factor)
            return switch self {
            case .first: phase / factor
            case .centre: (phase + 0.5) / factor - 0.5
            case .last: (phase - factor + 1) / factor
            }
        }
    }

    /// One phase of the interpolation: the first tap's offset and four weights.
    struct Phase {
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

    /// Samples repeated beyond both ends of a row; above any phase's reach.
    private static let margin = 4

    /// Widens rows `factor` times and keeps `width` samples of each.
    static func widened(
        _ plane: [Float], size: FrameSize, factor: Int, to width: Int, siting: Siting
    ) -> [Float] {
        let phases = (0..<factor).map {
            Phase(position: siting.position(phase: $0, factor: factor))
        }
        var row = [Float](repeating: 0, count: size.width + 2 * margin)
        return [Float](unsafeUninitializedCapacity: width * size.height) { output, count in
            for y in 0..<size.height {
                let source = y * size.width
                for x in 0..<row.count {
                    row[x] = plane[source + min(max(x - margin, 0), size.width - 1)]
                }
                for (index, phase) in phases.enumerated() {
                    spread(
                        row, phase, into: output, from: y * width + index, step: factor,
                        count: (width - index + factor - 1) / factor)
                }
            }
            count = width * size.height
        }
    }

    @inline(__always)
    private static func spread(
        _ row: [Float], _ phase: Phase, into output: UnsafeMutableBufferPointer<Float>,
        from start: Int, step: Int, count: Int
    ) {
        let first = margin + phase.offset
        let (a, b, c, d) = phase.weights
        row.withUnsafeBufferPointer { row in
            for x in 0..<max(count, 0) {
                let near = row[first + x] * a + row[first + x + 1] * b
                output[start + x * step] = near + row[first + x + 2] * c + row[first + x + 3] * d
            }
        }
    }

    /// Makes the plane `factor` times as high and keeps `height` rows.
    static func heightened(
        _ plane: [Float], size: FrameSize, factor: Int, to height: Int, siting: Siting
    ) -> [Float] {
        let width = size.width
        return [Float](unsafeUninitializedCapacity: width * height) { output, count in
            plane.withUnsafeBufferPointer { plane in
                for y in 0..<height {
                    let phase = Phase(position: siting.position(phase: y % factor, factor: factor))
                    let first = y / factor + phase.offset
                    let rows = (0..<4).map { min(max(first + $0, 0), size.height - 1) * width }
                    let (a, b, c, d) = phase.weights
                    for x in 0..<width {
                        let near = plane[rows[0] + x] * a + plane[rows[1] + x] * b
                        output[y * width + x] =
                            near + plane[rows[2] + x] * c + plane[rows[3] + x] * d
                    }
                }
            }
            count = width * height
        }
    }
}
