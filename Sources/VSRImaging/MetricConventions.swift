import VSRCore

/// What is done to frames before they are measured.
public enum MeasurementProtocol: String, Sendable, Codable, CaseIterable {
    /// Clamped to `0...1`, × 255, rounded to 8 bits: BasicSR, and what papers print.
    case paper
    /// Clamped, × 255, not rounded: mmagic, version 1.
    case mmagic
}

/// The samples that are measured.
public enum MetricChannels: String, Sendable, Codable, CaseIterable {
    /// Luma of BT.601 in 16…235, unrounded.
    case luma = "Y"
    /// Red, green and blue together.
    case rgb = "RGB"
}

/// Everything that a figure of PSNR or SSIM depends on besides the frames.
public struct MetricConventions: Sendable, Codable, Equatable, CustomStringConvertible {
    public var measurement: MeasurementProtocol

    public var channels: MetricChannels

    /// Pixels left out along every edge.
    public var border: Int

    public init(
        measurement: MeasurementProtocol = .paper, channels: MetricChannels = .luma,
        border: Int = 0
    ) {
        self.measurement = measurement
        self.channels = channels
        self.border = border
    }

    /// The conventions in words, for reports.
    public var description: String {
        let rounding =
            switch measurement {
            case .paper: "frames clamped and rounded to 8 bits (paper)"
            case .mmagic: "frames clamped, not rounded (mmagic)"
            }
        let samples =
            switch channels {
            case .luma: "on Y of BT.601, unrounded, peak 255"
            case .rgb: "on RGB, peak 255"
            }
        return "\(samples); \(rounding); crop border \(border); SSIM with an 11×11 Gaussian "
            + "window, σ 1.5, where it fits; frames averaged per clip, clips equally"
    }
}
