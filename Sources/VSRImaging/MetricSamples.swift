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
        planes =
            switch conventions.measurement {
            case .paper:
                Self.planes(ByteFrame(rounding: inner).samples, conventions.channels) {
                    Double($0)
                }
            case .mmagic: Self.planes(inner.samples, conventions.channels) { Self.bounded($0) }
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

    /// Planes of three that lie one after another; `level` makes a sample a number of `0...255`.
    @inline(__always)
    private static func planes<Sample>(
        _ samples: [Sample], _ channels: MetricChannels, _ level: (Sample) -> Double
    ) -> [[Double]] {
        let area = samples.count / Frame.channels
        return samples.withUnsafeBufferPointer { samples in
            func plane(_ value: (Int) -> Double) -> [Double] {
                [Double](unsafeUninitializedCapacity: area) { plane, count in
                    for index in 0..<area { plane[index] = value(index) }
                    count = area
                }
            }
            switch channels {
            case .rgb:
                return (0..<Frame.channels).map { channel in
                    plane { level(samples[channel * area + $0]) }
                }
            case .luma:
                return [
                    plane {
                        LumaWeights.offset
                            + (LumaWeights.red * level(samples[$0])
                                + LumaWeights.green * level(samples[area + $0])
                                + LumaWeights.blue * level(samples[2 * area + $0])) / 255
                    }
                ]
            }
        }
    }

    /// Clamped; NaN counts as 0.
    @inline(__always)
    private static func bounded(_ sample: Float) -> Double {
        let scaled = Double(sample) * 255
        return scaled > 0 ? (scaled < 255 ? scaled : 255) : 0
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
