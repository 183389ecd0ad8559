import VSRCore

/// How opaque a picture's pixels are: 0 transparent, 1 opaque.
///
/// It is enlarged beside the colors, by bicubic interpolation: networks know colors only.
public struct AlphaPlane: Sendable, Equatable {
    public let size: FrameSize

    /// `[height, width]`.
    public var samples: [Float]

    /// Takes `width · height` samples, row by row.
    public init(size: FrameSize, samples: [Float]) {
        precondition(samples.count == size.area, "a plane holds width × height samples")
        self.size = size
        self.samples = samples
    }

    /// An opaque plane.
    public init(size: FrameSize) {
        self.init(size: size, samples: Array(repeating: 1, count: size.area))
    }

    /// Whether no pixel is transparent in the least.
    public var isOpaque: Bool { samples.allSatisfy { $0 >= 1 } }

    /// The plane stretched to `target` by bicubic interpolation, bounded to `0...1`; antialiased
    /// where it shrinks.
    ///
    /// - Throws: `invalidArgument` if either size is empty or the result would be too large.
    public func resized(to target: FrameSize) throws -> AlphaPlane {
        guard target != size else { return self }
        guard !isOpaque else { return AlphaPlane(size: target) }
        let filter = try SeparableFilter(size, to: target, .bicubic, true)
        let resized = filter.apply(samples, planes: 1)
        return AlphaPlane(size: target, samples: resized.map { min(max($0, 0), 1) })
    }
}
