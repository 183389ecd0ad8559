import VSRCore

/// The samples of a frame as metrics see them: planes of doubles in `0...255`.
struct MetricSamples {
    let size: FrameSize
    /// Y, or R, G and B: each `[height, width]`.
    let planes: [[Double]]

    /// - Throws: `invalidArgument` if the border leaves nothing.
    init(_ frame: Frame, _ conventions: MetricConventions) throws {
        let inner = try frame.cropped(by: conventions.border)
        size = inner.size
        let area = size.area
        let levels = Self.levels(inner, conventions.measurement)
        switch conventions.channels {
        case .rgb: planes = (0..<3).map { Array(levels[$0 * area..<($0 + 1) * area]) }
        case .luma: planes = [Self.luma(levels, area: area)]
        }
    }

    /// Two frames of one size.
    ///
    /// - Throws: `shapeMismatch` if the sizes differ, `invalidArgument` if the border leaves
    ///   nothing.
    static func pair(
        _ result: Frame, _ reference: Frame, _ conventions: MetricConventions
    ) throws -> (result: MetricSamples, reference: MetricSamples) {
        guard result.size == reference.size else {
            throw VSRError(
                .shapeMismatch,
                "cannot measure a frame of \(result.size) against one of \(reference.size): "
                    + "their sizes must be equal")
        }
        return (
            try MetricSamples(result, conventions), try MetricSamples(reference, conventions)
        )
    }

    /// `[3, height, width]` in `0...255`; NaN counts as 0.
    private static func levels(_ frame: Frame, _ measurement: MeasurementProtocol) -> [Double] {
        switch measurement {
        case .paper: return ByteFrame(rounding: frame).samples.map(Double.init)
        case .mmagic:
            return frame.samples.map { sample in
                let scaled = Double(sample) * 255
                return scaled > 0 ? (scaled < 255 ? scaled : 255) : 0
            }
        }
    }

    private static func luma(_ levels: [Double], area: Int) -> [Double] {
        let weights = LumaWeights.self
        return [Double](unsafeUninitializedCapacity: area) { luma, count in
            levels.withUnsafeBufferPointer { levels in
                for index in 0..<area {
                    luma[index] =
                        weights.offset
                        + (weights.red * levels[index] + weights.green * levels[area + index]
                            + weights.blue * levels[2 * area + index]) / 255
                }
            }
            count = area
        }
    }
}

extension Frame {
    /// Without `border` pixels along every edge.
    fileprivate func cropped(by border: Int) throws -> Frame {
        // The first comparison keeps the product from overflowing.
        guard border >= 0, border < size.width, 2 * border < min(size.width, size.height) else {
            throw VSRError(
                .invalidArgument,
                "cannot measure a frame of \(size) without a border of \(border): "
                    + "nothing is left")
        }
        let inner = FrameSize(width: size.width - 2 * border, height: size.height - 2 * border)
        return try cropped(to: inner, x: border, y: border)
    }
}
