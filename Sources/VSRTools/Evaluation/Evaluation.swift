import Foundation
import VSRCore
import VSRData
import VSRImaging
import VSRMedia

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
    /// Whether of each clip's frames only the middle one is measured, number ⌊n / 2⌋ of 0..<n, as is
    /// done with Vimeo-90K's septuplets (`im4` of seven).
    public var measuresMiddleOnly = false
    /// Whether a clip goes in followed by its reversal, and the two outputs of each frame are
    /// averaged, as BasicVSR does with Vimeo-90K's short clips.
    public var mirrorsClips = false
    /// The published test set that this measures; see ``adopt(_:degradation:for:)``.
    public internal(set) var benchmark: BenchmarkPreset?
    /// The published frames that are taken, by their folder's name in the data set or by a path;
    /// those named after the degradation if left out.
    public var lowResolutionName: String?

    public init() {}

    /// The figures and everything that they depend on.
    public struct Outcome: Sendable, Codable, Equatable {
        public var method: String
        public var scale: Int
        /// Arithmetic and instruction set of a network; `nil` for what is none.
        public var precision: String?
        public var instructionSet: String?
        /// How a bidirectional network took the clips: `whole`, or `windows of …`.
        public var clipWindow: String?
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
        /// What was recognized of the data set, where it was named by its folder.
        public var dataSet: String?
        /// The published test set that was measured.
        public var benchmark: BenchmarkPreset?
    }

    /// Upscales and measures every clip.
    ///
    /// - Parameters:
    ///   - method: What the outcome calls the upscaler.
    ///   - upscaler: Used for one clip after the other, in the windows that its own options name.
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
        var upscaled = 0
        for clip in clips {
            let pass = try ClipPass(clip, self, upscaler)
            let counter = FrameCounter("evaluate \(clip.name)", pass.total, progress)
            try pass.run(&metrics) { measured in
                try cancellation?.check()
                counter.report(measured)
            }
            counter.finish(pass.measured)
            seconds += pass.seconds
            upscaled += pass.upscaled
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
            instructionSet: upscaler.arithmetic?.instructionSet, clipWindow: upscaler.clipWindow,
            degradation: degradation,
            lowResolution: usesPublishedFrames ? "published" : "made", conventions: conventions,
            conventionsText: conventionsText(upscaler.clipWindow), clips: metrics.clips, mean: mean,
            frameCount: frames,
            millisecondsPerFrame: seconds * 1000 / Double(max(upscaled, 1)),
            warnings: try mismatch(clips, scale: upscaler.scale).map { [$0] } ?? [])
    }

    private func conventionsText(_ clipWindow: String?) -> String {
        let window = clipWindow.map { "; clips: \($0)" } ?? ""
        let source = usesPublishedFrames ? ", the data set's own frames" : ""
        let part =
            frameLimit.map { "; the first \($0 == 1 ? "frame" : "\($0) frames") of each clip" }
            ?? ""
        let own = isModelsOwnDegradation ? " (what the model was trained for)" : ""
        let middle = measuresMiddleOnly ? "; the middle frame of each clip alone is measured" : ""
        let mirror =
            mirrorsClips
            ? "; each clip goes in followed by its reversal, and its two outputs are averaged" : ""
        return "\(degradation.explanation)\(own)\(source); \(conventions)\(window)\(part)\(mirror)"
            + middle
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
