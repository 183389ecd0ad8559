import Dispatch
import Foundation
import Synchronization
import VSRCore
import VSRImaging
import VSRMedia

/// Measures two videos, folders of pictures or pictures against each other, or both against a
/// reference, frame by frame.
public struct VideoComparison: Sendable {
    public let first: String
    public let second: String
    /// What both are to look like; without it the first is measured against the second.
    public let reference: String?
    /// How frames find each other; see ``FrameMatcher``.
    public var matching: FrameMatching?
    /// Matched frames that are compared at most; all if left out.
    public var frameLimit: Int?
    /// Whether VMAF is measured where the system's ffmpeg can.
    public var measuresVMAF = true
    /// The program that may measure VMAF.
    public var ffmpeg = "ffmpeg"

    public init(_ first: String, _ second: String, reference: String? = nil) {
        self.first = first
        self.second = second
        self.reference = reference
    }

    var paths: [String] { [first, second] + (reference.map { [$0] } ?? []) }

    /// - Throws: What opening and reading throw; `shapeMismatch` where sizes do not fit each other,
    ///   `invalidArgument` for a limit below 1 or where no frames belong together; `cancelled`.
    public func run(
        progress: ProgressHandler? = nil, cancellation: Cancellation? = nil
    ) throws -> Outcome {
        if let frameLimit, frameLimit < 1 {
            throw VSRError(
                .invalidArgument, "\(frameLimit) frames cannot be compared: ask for at least 1")
        }
        let sources = try open()
        let scales = try scales(of: sources)
        let matcher = FrameMatcher(sources.map { ReadAhead($0) }, matching: matching)
        let claims = sources.compactMap(\.properties.frameCount)
        let counter = FrameCounter(
            "compare", (claims + [frameLimit].compactMap { $0 }).min(), progress)
        var outcome = Outcome(self, sources, scales)
        outcome.matching = matcher.matching
        while outcome.times.count < frameLimit ?? .max, let match = try matcher.next() {
            try cancellation?.check()
            outcome.times.append(match.time)
            outcome.numbers.append(match.numbers)
            let frames = try zip(match.pictures, scales).map { try Self.frame($0, scale: $1) }
            for (index, figures) in try measure(frames).enumerated() {
                outcome.pairs[index].frames.append(figures)
            }
            counter.report(outcome.times.count)
        }
        counter.finish(outcome.times.count)
        guard !outcome.times.isEmpty else {
            throw VSRError(
                .invalidArgument,
                "no frames of \(first) and \(second) are shown at the same time: compare them by order"
            )
        }
        outcome.finish(
            dropped: matcher.dropped, tolerance: matcher.tolerance, isLimited: frameLimit != nil)
        if measuresVMAF {
            try VMAF(program: ffmpeg).measure(self, &outcome, progress: progress, cancellation)
        }
        return outcome
    }

    /// All, turned as players are told to turn them.
    func open() throws -> [any FrameSource] {
        try paths.map { TurnedSource.source(try MediaPath.open($0), for: nil) }
    }

    /// How many times each is enlarged to have the size of the largest.
    private func scales(of sources: [any FrameSource]) throws -> [Int] {
        let sizes = sources.map(\.properties.size)
        guard let largest = sizes.max(by: { $0.area < $1.area }) else { return [] }
        return try zip(paths, sizes).map { path, size in
            let scale = max(largest.width / max(size.width, 1), 1)
            guard size.width * scale == largest.width, size.height * scale == largest.height else {
                let other = zip(paths, sizes).first { $0.1 == largest }?.0 ?? ""
                throw VSRError(
                    .shapeMismatch,
                    "\(path) is \(size) and \(other) \(largest): frames are compared where they have "
                        + "one size, or one is a whole number of times as large; scale one of them")
            }
            return scale
        }
    }

    /// A picture in RGB, enlarged by bicubic interpolation where it is smaller than the others.
    static func frame(_ picture: TimedPicture, scale: Int) throws -> Frame {
        let frame = picture.picture.frame
        guard scale > 1 else { return frame }
        return try ByteFrame(rounding: frame).resized(by: scale).frame
    }

    /// Figures of each pair: A against B, or A and B against the reference.
    private func measure(_ frames: [Frame]) throws -> [FrameFigures] {
        guard frames.count > 2 else { return [try FrameFigures(frames[0], frames[1])] }
        let results = Mutex<[Result<FrameFigures, any Error>?]>([nil, nil])
        DispatchQueue.concurrentPerform(iterations: 2) { index in
            let figures = Result { try FrameFigures(frames[index], frames[2]) }
            results.withLock { $0[index] = figures }
        }
        return try results.withLock { try $0.compactMap { try $0?.get() } }
    }
}

/// Figures of one frame.
public struct FrameFigures: Sendable, Codable, Equatable {
    /// Decibels on brightness, infinite where frames are equal.
    public var psnr: Double
    /// Decibels on RGB.
    public var psnrRGB: Double
    /// On brightness.
    public var ssim: Double

    init(_ result: Frame, _ reference: Frame) throws {
        let luma = try QualityFigures.measure(result, reference)
        psnr = luma.psnr
        ssim = luma.ssim
        psnrRGB = try PSNR.measure(
            result, reference, conventions: MetricConventions(channels: .rgb))
    }
}
