import Foundation
import VSRCore
import VSRData
import VSRImaging
import VSRMedia
import VSRRuntime

/// Measures PSNR and SSIM of anything that upscales, on clips whose high-resolution frames are
/// known.
public struct Evaluation: Sendable {
    public var conventions = MetricConventions()
    public var degradation = Degradation.bicubic
    /// Whether that is the one that the model was trained for, chosen since none was named.
    public var isModelsOwnDegradation = false
    /// Whether the data set's own low-resolution frames are taken instead of made ones.
    public var usesPublishedFrames = false
    /// Frames of each clip that are evaluated; `nil` for all.
    public var frameLimit: Int?

    public init() {}

    /// The figures and everything that they depend on.
    public struct Outcome: Sendable, Codable, Equatable {
        public var method: String
        public var scale: Int
        /// Arithmetic and instruction set of a network; `nil` for what is none.
        public var precision: String?
        public var instructionSet: String?
        public var degradation: Degradation
        /// Where the low-resolution frames came from: `made` or `published`.
        public var lowResolution: String
        public var conventions: MetricConventions
        /// All conventions in words.
        public var conventionsText: String
        public var clips: [ClipMetrics.Clip]
        /// Clips counting equally.
        public var mean: QualityFigures
        public var frameCount: Int
        /// Mean time that upscaling alone took per frame.
        public var millisecondsPerFrame: Double
        /// What makes these figures incomparable with others'.
        public var warnings: [String]
    }

    /// Upscales and measures every clip.
    ///
    /// - Parameters:
    ///   - method: What the outcome calls the upscaler.
    ///   - upscaler: Used for one clip after the other.
    /// - Throws: What reading and upscaling throw; `notFound` where published frames are asked for
    ///   and there are none; `shapeMismatch` where sizes or counts do not fit; `cancelled`.
    public func run(
        on clips: [ClipPair], method: String, upscaler: any Upscaling,
        progress: ProgressHandler? = nil, cancellation: Cancellation? = nil
    ) throws -> Outcome {
        if let frameLimit, frameLimit < 1 {
            throw VSRError(
                .invalidArgument, "\(frameLimit) frames cannot be evaluated: ask for at least 1")
        }
        var metrics = ClipMetrics(conventions: conventions)
        var seconds = 0.0
        for clip in clips {
            var pass = try ClipPass(clip, self, upscaler)
            let counter = FrameCounter("evaluate \(clip.name)", pass.total, progress)
            while try pass.step(&metrics) {
                try cancellation?.check()
                counter.report(pass.pushed)
            }
            counter.finish(pass.pushed)
            seconds += pass.seconds
            guard metrics.endClip(named: clip.name) != nil else {
                throw VSRError(
                    .corruptData,
                    "\(clip.groundTruth.location) holds no frame that can be decoded")
            }
        }
        guard let mean = metrics.measure() else {
            throw VSRError(.notFound, "there are no clips to be evaluated")
        }
        let frames = metrics.clips.reduce(0) { $0 + $1.frameCount }
        return Outcome(
            method: method, scale: upscaler.scale,
            precision: upscaler.arithmetic?.precision,
            instructionSet: upscaler.arithmetic?.instructionSet, degradation: degradation,
            lowResolution: usesPublishedFrames ? "published" : "made", conventions: conventions,
            conventionsText: conventionsText, clips: metrics.clips, mean: mean, frameCount: frames,
            millisecondsPerFrame: seconds * 1000 / Double(frames),
            warnings: try mismatch(clips, scale: upscaler.scale).map { [$0] } ?? [])
    }

    private var conventionsText: String {
        let source = usesPublishedFrames ? ", the data set's own frames" : ""
        let part = frameLimit.map { "; the first \($0) frames of each clip" } ?? ""
        let own = isModelsOwnDegradation ? " (what the model was trained for)" : ""
        return "\(degradation.explanation)\(own)\(source); \(conventions)\(part)"
    }

    /// A sentence if the data set's own low-resolution frames were surely made by another
    /// degradation than this evaluation's.
    ///
    /// Networks trained for one and fed with the other lose several decibels, and figures of the
    /// one do not compare with those of the other.
    private func mismatch(_ clips: [ClipPair], scale: Int) throws -> String? {
        // A model's own degradation is right for it, whatever else the data set offers.
        guard usesPublishedFrames || !isModelsOwnDegradation,
            let found = try publishedDegradation(clips, scale: scale), found != degradation
        else { return nil }
        return "the data set's own low-resolution frames were made by \(found.rawValue), not "
            + "\(degradation.rawValue): use --degradation \(found.rawValue) to compare with "
            + "published figures"
    }

    /// What surely made the data set's own low-resolution frames; `nil` if that is not sure, or
    /// there are none.
    func publishedDegradation(_ clips: [ClipPair], scale: Int) throws -> Degradation? {
        guard let clip = clips.first(where: { $0.lowResolution != nil }),
            let published = try clip.lowResolution?.open().next()?.frame,
            let original = try clip.groundTruth.open().next()?.frame,
            original.size.rounded(downToMultipleOf: scale) == published.size.scaled(by: scale)
        else { return nil }
        let match = try DegradationMatch(
            lowResolution: [ByteFrame(rounding: published)],
            highResolution: [ByteFrame(rounding: original)], scale: scale)
        return match.isConvincing ? match.best.degradation : nil
    }
}

/// One clip on its way through an upscaler.
private struct ClipPass {
    private(set) var pushed = 0
    /// Seconds spent upscaling.
    private(set) var seconds = 0.0
    let total: Int?

    private let evaluation: Evaluation
    private let clip: ClipPair
    private let upscaler: any Upscaling
    private let originals: any FrameSource
    private let published: (any FrameSource)?
    /// References of the frames that the upscaler still holds.
    private var waiting: [Frame] = []
    private var isFinished = false

    init(_ clip: ClipPair, _ evaluation: Evaluation, _ upscaler: any Upscaling) throws {
        self.clip = clip
        self.evaluation = evaluation
        self.upscaler = upscaler
        originals = try clip.groundTruth.open()
        total = [evaluation.frameLimit, originals.properties.frameCount].compactMap { $0 }.min()
        guard evaluation.usesPublishedFrames else {
            published = nil
            return
        }
        guard let source = clip.lowResolution else {
            throw VSRError(
                .notFound,
                "clip \(clip.name) has no published low-resolution frames: leave that option out")
        }
        published = try source.open()
    }

    /// Takes one frame further; whether there may be more.
    mutating func step(_ metrics: inout ClipMetrics) throws -> Bool {
        guard !isFinished else { return false }
        guard pushed < evaluation.frameLimit ?? .max, let original = try originals.next()?.frame
        else {
            isFinished = true
            try measure(try timed { try $0.finish() }, &metrics)
            guard waiting.isEmpty else { throw countMismatch }
            return false
        }
        let scale = upscaler.scale
        let reference = try original.cropped(to: original.size.rounded(downToMultipleOf: scale))
        let input = try lowResolution(of: reference, scale: scale)
        waiting.append(reference)
        pushed += 1
        try measure(try timed { try $0.push(input) }, &metrics)
        return true
    }

    private func lowResolution(of reference: Frame, scale: Int) throws -> Frame {
        guard let published else {
            return try evaluation.degradation.degraded(reference, scale: scale)
        }
        guard let frame = try published.next()?.frame else {
            throw VSRError(
                .shapeMismatch,
                "clip \(clip.name) has fewer published low-resolution frames than originals")
        }
        guard frame.size.scaled(by: scale) == reference.size else {
            throw VSRError(
                .shapeMismatch,
                "the published frames of clip \(clip.name) are \(frame.size), which at scale "
                    + "\(scale) does not give its originals' \(reference.size)")
        }
        return frame
    }

    private mutating func timed(_ body: (any Upscaling) throws -> [Frame]) throws -> [Frame] {
        let start = DispatchTime.now().uptimeNanoseconds
        let frames = try body(upscaler)
        seconds += Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        return frames
    }

    private mutating func measure(_ frames: [Frame], _ metrics: inout ClipMetrics) throws {
        guard frames.count <= waiting.count else { throw countMismatch }
        for (frame, reference) in zip(frames, waiting) {
            try metrics.accumulate(frame, reference: reference)
        }
        waiting.removeFirst(frames.count)
    }

    private var countMismatch: VSRError {
        VSRError(
            .shapeMismatch,
            "the upscaler returned another number of frames than the \(pushed) of \(clip.name)")
    }
}
