import Foundation
import VSRCore

/// How well each degradation explains given low-resolution frames.
public struct DegradationMatch: Sendable, Equatable {
    /// A degradation and the PSNR, in decibels over RGB, of the given low-resolution frames
    /// against those that it makes; infinite where all are equal bit for bit.
    public struct Candidate: Sendable, Equatable {
        public let degradation: Degradation
        public let psnr: Double
    }

    /// All degradations, best first.
    public let candidates: [Candidate]

    /// The best one.
    public var best: Candidate { candidates[0] }

    /// Whether the best one surely made the frames: it explains them up to about two levels, and
    /// leaves at most a quarter of the next one's squared error.
    public var isConvincing: Bool { best.psnr >= 42 && best.psnr > candidates[1].psnr + 6 }

    /// Compares frames of a data set with every degradation of their high-resolution originals.
    ///
    /// A few frames suffice.
    ///
    /// - Throws: `invalidArgument` without frames or for a scale that is neither 2 nor 4,
    ///   `shapeMismatch` if numbers or sizes of frames do not fit each other.
    public init(
        lowResolution: [ByteFrame], highResolution: [ByteFrame], scale: Int
    ) throws {
        guard !lowResolution.isEmpty, lowResolution.count == highResolution.count else {
            throw VSRError(
                lowResolution.isEmpty ? .invalidArgument : .shapeMismatch,
                "cannot tell the degradation from \(lowResolution.count) low- and "
                    + "\(highResolution.count) high-resolution frames: give pairs")
        }
        candidates = try Degradation.allCases.map { degradation in
            var squares = 0
            var samples = 0
            for (low, high) in zip(lowResolution, highResolution) {
                let made = try degradation.degraded(high, scale: scale)
                guard made.size == low.size else {
                    throw VSRError(
                        .shapeMismatch,
                        "a low-resolution frame is \(low.size), but its original of \(high.size) "
                            + "makes \(made.size) at scale \(scale)")
                }
                squares += Self.squaredDistance(low.samples, made.samples)
                samples += low.samples.count
            }
            let mean = Double(squares) / Double(samples)
            return Candidate(degradation: degradation, psnr: 10 * log10(255 * 255 / mean))
        }
        .sorted { $0.psnr > $1.psnr }
    }

    static func squaredDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        zip(first, second).reduce(0) { sum, pair in
            let difference = Int(pair.0) - Int(pair.1)
            return sum + difference * difference
        }
    }
}
