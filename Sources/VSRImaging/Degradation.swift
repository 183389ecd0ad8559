import VSRCore

/// How low-resolution frames are made from high-resolution ones.
///
/// All work on 8-bit values in double precision and round once, `floor(x + 0.5)`, at the end. At
/// scale 4 they are the data sets' own; at scale 2 the blurs' σ is halved, as DUF does, and samples
/// keep their alignment.
public enum Degradation: String, Sendable, Codable, CaseIterable {
    /// MATLAB's `imresize`: antialiased bicubic, centered.
    case bicubic = "BI"

    /// Gaussian blur (σ = 1.6 at scale 4, 0.8 at 2), then every `scale`-th sample, centered as in
    /// ``bicubic``: output pixel i lies at input position `scale · i + (scale − 1) / 2`.
    ///
    /// The window has ceil(3σ) · 2 + 2 taps (12, 8), borders repeat the edge pixel.
    ///
    /// Source: `BD_degradation.m` of BasicVSR.
    case blurred = "BD"

    /// The same blur with an odd window (13 taps at scale 4, 7 at 2), then samples 0, `scale`, …:
    /// shifted against ``bicubic`` by `(scale − 1) / 2` pixels (1.5 at scale 4).
    ///
    /// Borders reflect at the edge pixel's center.
    ///
    /// Source: `DownSample` of DUF, taken over by PFNL.
    case blurredUncentered = "BD-DUF"

    /// Scales that frames can be degraded by.
    public static let scales = [2, 4]

    /// The convention in words, for reports.
    public var explanation: String {
        switch self {
        case .bicubic: "BI: MATLAB imresize, bicubic, antialiased"
        case .blurred: "BD: Gaussian blur (σ 1.6 at ×4, 0.8 at ×2), centered samples"
        case .blurredUncentered:
            "BD-DUF: Gaussian blur (σ 1.6 at ×4, 0.8 at ×2), samples 0, s, 2s, … (uncentered)"
        }
    }

    /// The low-resolution picture of `frame`, whose right and bottom are first cropped to multiples
    /// of `scale`.
    ///
    /// - Throws: `invalidArgument` if the scale is neither 2 nor 4 or the frame is smaller than it.
    public func degraded(_ frame: ByteFrame, scale: Int) throws -> ByteFrame {
        guard Self.scales.contains(scale) else {
            throw VSRError(
                .invalidArgument, "cannot degrade by scale \(scale): it must be 2 or 4")
        }
        let size = frame.size.rounded(downToMultipleOf: scale)
        guard size.width > 0, size.height > 0 else {
            throw VSRError(
                .invalidArgument,
                "cannot degrade a frame of \(frame.size) by \(scale): it is smaller than one pixel")
        }
        let source = try frame.cropped(to: size)
        guard self != .bicubic else { return try source.resized(by: 1, over: scale) }
        let filter = SeparableFilter(
            input: size, vertical: taps(size.height, scale), horizontal: taps(size.width, scale))
        return ByteFrame(size: filter.output, samples: filter.apply(source.samples))
    }

    /// The same for samples in `0...1`: they are rounded to 8 bits before and after.
    public func degraded(_ frame: Frame, scale: Int) throws -> Frame {
        try degraded(ByteFrame(rounding: frame), scale: scale).frame
    }

    /// Blur and subsampling along an axis of `length` samples, a multiple of `scale`.
    private func taps(_ length: Int, _ scale: Int) -> ResamplingTaps {
        let sigma = 0.4 * Double(scale)
        guard self == .blurred else {
            // SciPy's Gaussian filter, which DUF takes its kernel from, is cut at 4σ.
            let radius = Int(4 * sigma + 0.5)
            let weights = Self.gaussian(count: 2 * radius + 1, sigma: sigma)
            return ResamplingTaps(input: length, length: length / scale, count: weights.count) {
                (scale * $0 - radius, weights)
            } position: {
                ResamplingTaps.reflected($0, length: length)
            }
        }
        let count = Int((3 * sigma).rounded(.up)) * 2 + 2
        let weights = Self.gaussian(count: count, sigma: sigma)
        // One tap fewer before the anchor than after it; the anchor is left of the center.
        let first = (scale / 2 - 1) - (count / 2 - 1)
        return ResamplingTaps(input: length, length: length / scale, count: count) {
            (scale * $0 + first, weights)
        } position: {
            ResamplingTaps.clamped($0, length: length)
        }
    }
}
