import VSRCore

/// PSNR and SSIM of a frame, a clip or a data set.
public struct QualityFigures: Sendable, Codable, Equatable {
    /// Decibels; infinite where result and reference are equal.
    public var psnr: Double
    public var ssim: Double

    public init(psnr: Double, ssim: Double) {
        self.psnr = psnr
        self.ssim = ssim
    }

    /// The mean of some figures, all counting equally; `nil` for none.
    public init?(meanOf figures: [QualityFigures]) {
        guard !figures.isEmpty else { return nil }
        let count = Double(figures.count)
        psnr = figures.reduce(0) { $0 + $1.psnr } / count
        ssim = figures.reduce(0) { $0 + $1.ssim } / count
    }

    /// Figures of one frame.
    ///
    /// - Throws: `shapeMismatch` if the sizes differ, `invalidArgument` if the frame without its
    ///   border is smaller than SSIM's window.
    public static func measure(
        _ result: Frame, _ reference: Frame,
        conventions: MetricConventions = MetricConventions()
    ) throws -> QualityFigures {
        let pair = try MetricSamples.pair(result, reference, conventions)
        return QualityFigures(
            psnr: PSNR.measure(pair.result, pair.reference),
            ssim: try SSIM.measure(pair.result, pair.reference))
    }
}

/// Gathers the figures of clips frame by frame: frames are averaged within their clip, clips
/// equally, however long.
public struct ClipMetrics: Sendable {
    public let conventions: MetricConventions

    /// Figures of each frame of the current clip.
    public private(set) var frames: [QualityFigures] = []

    /// Name and mean of the clips ended so far.
    public private(set) var clips: [Clip] = []

    /// A clip's name, length and mean.
    public struct Clip: Sendable, Codable, Equatable {
        public var name: String
        public var frameCount: Int
        public var figures: QualityFigures
    }

    public init(conventions: MetricConventions = MetricConventions()) {
        self.conventions = conventions
    }

    /// Forgets all frames and clips.
    public mutating func reset() {
        frames = []
        clips = []
    }

    /// Measures one frame of the current clip.
    ///
    /// - Throws: `shapeMismatch` if the sizes differ, `invalidArgument` if the frame without its
    ///   border is smaller than SSIM's window.
    @discardableResult
    public mutating func accumulate(
        _ result: Frame, reference: Frame
    ) throws -> QualityFigures {
        let figures = try QualityFigures.measure(result, reference, conventions: conventions)
        frames.append(figures)
        return figures
    }

    /// Ends the current clip and returns its mean; `nil`, and no clip, if it has no frames.
    @discardableResult
    public mutating func endClip(named name: String) -> Clip? {
        guard let mean = QualityFigures(meanOf: frames) else { return nil }
        let clip = Clip(name: name, frameCount: frames.count, figures: mean)
        clips.append(clip)
        frames = []
        return clip
    }

    /// The mean over the ended clips; `nil` before the first.
    public func measure() -> QualityFigures? { QualityFigures(meanOf: clips.map(\.figures)) }
}
