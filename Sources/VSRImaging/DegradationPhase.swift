import Foundation
import VSRCore

/// How low-resolution frames were made, and where their samples lie.
public struct DegradationPhase: Sendable, Codable, Equatable {
    public var degradation: Degradation

    /// Pixels of the original by which samples lie right of where the degradation puts them.
    public var x: Int
    /// The same downwards.
    public var y: Int

    /// Decibels over RGB, of the given frames against those that this makes; infinite where they
    /// are equal.
    public var psnr: Double

    /// Where samples lie against those of bicubic's alignment, in pixels of the original.
    public func offset(scale: Int) -> (x: Double, y: Double) {
        let own = degradation == .blurredUncentered ? -Double(scale - 1) / 2 : 0
        return (own + Double(x), own + Double(y))
    }

    /// What explains the given frames best, for each degradation, best first.
    ///
    /// All degradations are tried at their own alignment; where none is exact, also on originals
    /// shifted by up to `scale / 2` pixels along each axis. Of large frames the middle is looked at.
    ///
    /// - Throws: `invalidArgument` without frames or for a scale that is neither 2 nor 4,
    ///   `shapeMismatch` if numbers or sizes of frames do not fit each other.
    public static func candidates(
        lowResolution: [ByteFrame], highResolution: [ByteFrame], scale: Int
    ) throws -> [DegradationPhase] {
        let match = try DegradationMatch(
            lowResolution: lowResolution, highResolution: highResolution, scale: scale)
        let aligned = match.candidates.map {
            DegradationPhase(degradation: $0.degradation, x: 0, y: 0, psnr: $0.psnr)
        }
        // Already explained up to rounding, so no shift can do better by much.
        guard match.best.psnr < 50 else { return aligned }
        let middles = try zip(lowResolution, highResolution).map {
            try Middle(low: $0, high: $1, scale: scale)
        }
        let reach = -scale / 2...scale / 2
        return try Degradation.allCases.map { degradation in
            var best = aligned.first { $0.degradation == degradation && !$0.psnr.isNaN }
            for y in reach {
                for x in reach where x != 0 || y != 0 {
                    let psnr = try Middle.psnr(middles, degradation, x: x, y: y, scale: scale)
                    guard best.map({ $0.isBeaten(by: psnr) }) ?? true else { continue }
                    best = DegradationPhase(degradation: degradation, x: x, y: y, psnr: psnr)
                }
            }
            return best ?? DegradationPhase(degradation: degradation, x: 0, y: 0, psnr: -.infinity)
        }
        .sorted { $0.psnr > $1.psnr }
    }

    /// Whether another shift explains more; a shift that explains hardly more than none is none.
    private func isBeaten(by other: Double) -> Bool {
        other > psnr + (x == 0 && y == 0 ? 1 : 0)
    }

    /// The low-resolution frame that this makes of an original; of its borders, those samples that
    /// a shift takes from outside repeat the edge.
    ///
    /// - Throws: As ``Degradation/degraded(_:scale:)-(ByteFrame,_)``.
    public func degraded(_ frame: ByteFrame, scale: Int) throws -> ByteFrame {
        let size = frame.size.rounded(downToMultipleOf: scale)
        let source = x == 0 && y == 0 ? frame : try frame.cropped(to: size).shifted(x: x, y: y)
        return try degradation.degraded(source, scale: scale)
    }
}

/// The middle of a pair of frames, with enough around it that no border matters.
private struct Middle {
    let low: ByteFrame
    let high: ByteFrame

    /// Samples along the borders that are not compared: kernels reach 8 pixels, shifts 2.
    static let margin = 3

    init(low: ByteFrame, high: ByteFrame, scale: Int) throws {
        let size = FrameSize(width: min(low.width, 48), height: min(low.height, 48))
        let (x, y) = ((low.width - size.width) / 2, (low.height - size.height) / 2)
        self.low = try low.cropped(to: size, x: x, y: y)
        self.high = try high.cropped(
            to: FrameSize(width: size.width * scale, height: size.height * scale), x: x * scale,
            y: y * scale)
    }

    static func psnr(
        _ pairs: [Middle], _ degradation: Degradation, x: Int, y: Int, scale: Int
    ) throws -> Double {
        var squares = 0
        var samples = 0
        for pair in pairs {
            let made = try degradation.degraded(pair.high.shifted(x: x, y: y), scale: scale)
            let inner = FrameSize(
                width: max(made.width - 2 * margin, 1), height: max(made.height - 2 * margin, 1))
            let edge = (
                x: min(margin, (made.width - 1) / 2), y: min(margin, (made.height - 1) / 2)
            )
            let first = try made.cropped(to: inner, x: edge.x, y: edge.y)
            let second = try pair.low.cropped(to: inner, x: edge.x, y: edge.y)
            squares += DegradationMatch.squaredDistance(first.samples, second.samples)
            samples += first.samples.count
        }
        return 10 * log10(255 * 255 / (Double(squares) / Double(samples)))
    }
}

extension ByteFrame {
    /// The picture seen from `x` pixels further right and `y` further down; edges are repeated.
    func shifted(x: Int, y: Int) -> ByteFrame {
        var result = self
        for channel in 0..<Frame.channels {
            for row in 0..<height {
                let from = (channel * height + min(max(row + y, 0), height - 1)) * width
                let to = (channel * height + row) * width
                for column in 0..<width {
                    result.samples[to + column] =
                        samples[from + min(max(column + x, 0), width - 1)]
                }
            }
        }
        return result
    }
}
