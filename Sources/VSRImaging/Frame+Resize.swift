import VSRCore

extension Frame {
    /// The picture `numerator / denominator` times as large, as MATLAB's `imresize` makes it, in
    /// double precision and not rounded; sides are rounded up.
    ///
    /// - Parameter antialiased: Widens the kernel where the picture shrinks.
    /// - Throws: `invalidArgument` if the frame is empty, the scale is not positive, or the result
    ///   would be too large.
    public func resized(
        by numerator: Int, over denominator: Int = 1, interpolation: Interpolation = .bicubic,
        antialiased: Bool = true
    ) throws -> Frame {
        let filter = try SeparableFilter(
            size, by: numerator, over: denominator, interpolation, antialiased)
        return Frame(size: filter.output, samples: filter.apply(samples))
    }

    /// The picture stretched to `target`, as MATLAB's `imresize` makes it, in double precision and
    /// not rounded.
    ///
    /// Enlarging with `.bilinear` is PyTorch's `interpolate` with `align_corners=False`.
    ///
    /// - Throws: `invalidArgument` if either size is empty or the result would be too large.
    public func resized(
        to target: FrameSize, interpolation: Interpolation = .bicubic, antialiased: Bool = true
    ) throws -> Frame {
        let filter = try SeparableFilter(size, to: target, interpolation, antialiased)
        return Frame(size: filter.output, samples: filter.apply(samples))
    }
}

extension ByteFrame {
    /// The picture `numerator / denominator` times as large, as MATLAB's `imresize` makes it from
    /// 8-bit values: double precision, one final `floor(x + 0.5)`; sides are rounded up.
    ///
    /// - Throws: `invalidArgument` if the frame is empty, the scale is not positive, or the result
    ///   would be too large.
    public func resized(
        by numerator: Int, over denominator: Int = 1, interpolation: Interpolation = .bicubic,
        antialiased: Bool = true
    ) throws -> ByteFrame {
        let filter = try SeparableFilter(
            size, by: numerator, over: denominator, interpolation, antialiased)
        return ByteFrame(size: filter.output, samples: filter.apply(samples))
    }

    /// The picture stretched to `target`, rounded as in ``resized(by:over:interpolation:antialiased:)``.
    ///
    /// - Throws: `invalidArgument` if either size is empty or the result would be too large.
    public func resized(
        to target: FrameSize, interpolation: Interpolation = .bicubic, antialiased: Bool = true
    ) throws -> ByteFrame {
        let filter = try SeparableFilter(size, to: target, interpolation, antialiased)
        return ByteFrame(size: filter.output, samples: filter.apply(samples))
    }
}

extension SeparableFilter {
    /// Pixels that a resized picture may have: far more than any video format, far less than what
    /// overflows.
    private static let largestArea = 1 << 32

    init(
        _ input: FrameSize, by numerator: Int, over denominator: Int,
        _ interpolation: Interpolation, _ antialiased: Bool
    ) throws {
        // With sides, numerator and denominator below 2³¹ no product overflows.
        let limit = 1 << 31
        guard (1..<limit).contains(numerator), (1..<limit).contains(denominator) else {
            throw VSRError(
                .invalidArgument,
                "cannot resize by \(numerator)/\(denominator): both must be positive")
        }
        func side(_ length: Int) -> Int {
            (length * numerator + denominator - 1) / denominator
        }
        try Self.check(input, role: "resize a frame of")
        let target = FrameSize(width: side(input.width), height: side(input.height))
        try self.init(
            input, to: target, scales: ((numerator, denominator), (numerator, denominator)),
            interpolation, antialiased)
    }

    init(
        _ input: FrameSize, to target: FrameSize, _ interpolation: Interpolation,
        _ antialiased: Bool
    ) throws {
        try Self.check(input, role: "resize a frame of")
        try self.init(
            input, to: target,
            scales: ((target.width, input.width), (target.height, input.height)), interpolation,
            antialiased)
    }

    private init(
        _ input: FrameSize, to target: FrameSize,
        scales: (horizontal: (Int, Int), vertical: (Int, Int)), _ interpolation: Interpolation,
        _ antialiased: Bool
    ) throws {
        try Self.check(target, role: "resize a frame of \(input) to")
        self.init(
            input: input,
            vertical: ResamplingTaps(
                input: input.height, length: target.height, scale: scales.vertical,
                interpolation: interpolation, antialiased: antialiased),
            horizontal: ResamplingTaps(
                input: input.width, length: target.width, scale: scales.horizontal,
                interpolation: interpolation, antialiased: antialiased))
    }

    private static func check(_ size: FrameSize, role: String) throws {
        let (area, overflows) = size.width.multipliedReportingOverflow(by: size.height)
        guard size.width > 0, size.height > 0, !overflows, area <= largestArea else {
            throw VSRError(
                .invalidArgument,
                "cannot \(role) \(size): sides must be positive and pixels at most \(largestArea)")
        }
    }
}
