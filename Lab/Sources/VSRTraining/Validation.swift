import Foundation
import Torch
import VSRCore
import VSRData
import VSRImaging
import VSRModel
import VSRNetworks

/// Measures a network on clips while it is trained.
///
/// The clips stay in memory as 8-bit frames. PSNR by the paper's conventions: Y of 8-bit
/// frames, frames averaged within a clip, clips equally; beside it the PSNR of all clips' mean squared
/// error.
final class Validation {
    private struct Clip {
        var name: String
        var low: [Frame]
        var high: [ByteFrame]
    }

    private let clips: [Clip]
    private let isChannelsLast: Bool
    private let convolutions: ConvolutionMethod
    private let middleOnly: Bool
    private let bicubic: Scores
    private let still: StillValidation?

    /// The clips' low-resolution frames.
    var lowResolutionClips: [[Frame]] { clips.map(\.low) }

    /// PSNR in dB of the network and of bicubic interpolation.
    struct Result: Codable, Equatable {
        var psnr: Double
        /// PSNR of the mean squared error of all clips, which the hard ones decide; a mean of PSNRs
        /// is decided by the easy ones.
        var pooledPSNR: Double
        var bicubicPSNR: Double
        var bicubicPooledPSNR: Double
        var clips: [String: Double]
        /// On a still picture; `nil` where it is not measured.
        var still: StillValidation.Result?

        var summary: String {
            String(
                format: "validation PSNR %.3f dB (bicubic %.3f, gain %+.3f), pooled %.3f (%.3f)",
                psnr, bicubicPSNR, psnr - bicubicPSNR, pooledPSNR, bicubicPooledPSNR)
                + (still.map { "; \($0.summary)" } ?? "")
        }
    }

    /// What was measured on some clips.
    private struct Scores {
        /// Mean PSNR of each clip's frames, dB.
        var clips: [Double] = []
        /// Mean squared error of each clip's frames, 8-bit levels.
        var errors: [Double] = []

        var psnr: Double { Validation.mean(clips) }
        var pooledPSNR: Double { 10 * log10(255 * 255 / Validation.mean(errors)) }

        mutating func add(frames: [Double]) {
            clips.append(Validation.mean(frames))
            errors.append(Validation.mean(frames.map { 255 * 255 * pow(10, -$0 / 10) }))
        }
    }

    /// Loads the clips; `nil` if the settings name none.
    convenience init?(
        _ settings: ValidationSettings, degradation: Degradation, scale: Int, run: RunSettings
    ) throws {
        guard let folder = settings.clips else { return nil }
        let selection = ClipSelection(
            list: try settings.list.map(expandingVariables),
            names: settings.only.isEmpty ? nil : settings.only)
        var sources = try DataSet(recognizingOrAll: try expandingVariables(folder)).clips(selection)
            .map(\.groundTruth)
        if settings.maximumClips > 0 { sources = Array(sources.prefix(settings.maximumClips)) }
        try self.init(
            sources, frames: settings.frames, middleOnly: settings.middle,
            stillFrames: settings.stillFrames, degradation: degradation, scale: scale,
            isChannelsLast: run.channelsLast, convolutions: run.winograd ? .winograd : .direct)
    }

    /// Loads the first `frames` frames of each clip.
    ///
    /// - Parameter stillFrames: Frames of a still picture that is measured too; 0 for none.
    init(
        _ sources: [ClipSource], frames: Int, middleOnly: Bool = false, stillFrames: Int = 0,
        degradation: Degradation, scale: Int, isChannelsLast: Bool,
        convolutions: ConvolutionMethod = .direct
    ) throws {
        self.middleOnly = middleOnly
        still =
            stillFrames > 0
            ? try StillValidation(frames: stillFrames, degradation: degradation, scale: scale) : nil
        clips = try sources.map { source in
            try Self.load(source, frames: frames, degradation, scale)
        }
        self.isChannelsLast = isChannelsLast
        self.convolutions = convolutions
        var bicubic = Scores()
        for clip in clips {
            bicubic.add(
                frames: try Self.psnr(
                    clip, try BicubicUpscaler(scale: scale), middleOnly: middleOnly))
        }
        self.bicubic = bicubic
    }

    func measure(_ model: Model, environment: TrainingEnvironment) throws -> Result {
        let network = try BasicVSR(model, device: environment.device)
        let assembled = try withoutGradients {
            try network.assembled(convolutions: convolutions)
        }
        // In the clips' order: a dictionary's would round differently each time.
        var scores = Scores()
        for clip in clips {
            try environment.cancellation.check()
            let upscaler = TorchUpscaler(assembled, isChannelsLast: isChannelsLast)
            scores.add(frames: try Self.psnr(clip, upscaler, middleOnly: middleOnly))
        }
        return Result(
            psnr: scores.psnr, pooledPSNR: scores.pooledPSNR, bicubicPSNR: bicubic.psnr,
            bicubicPooledPSNR: bicubic.pooledPSNR,
            clips: Dictionary(
                zip(clips.map(\.name), scores.clips), uniquingKeysWith: { first, _ in first }),
            still: try still?.measure(
                assembled, isChannelsLast: isChannelsLast, environment: environment))
    }

    private static func load(
        _ source: ClipSource, frames: Int, _ degradation: Degradation, _ scale: Int
    ) throws -> Clip {
        let input = try source.open()
        var clip = Clip(name: source.name, low: [], high: [])
        while clip.high.count < frames, let timed = try input.next() {
            let whole = ByteFrame(rounding: timed.frame)
            let high = try whole.cropped(to: whole.size.rounded(downToMultipleOf: scale))
            clip.low.append(try degradation.degraded(high, scale: scale).frame)
            clip.high.append(high)
        }
        guard !clip.high.isEmpty else {
            throw VSRError(.corruptData, "the validation clip \(source.location) has no frames")
        }
        return clip
    }

    /// PSNR of each frame that is measured.
    private static func psnr(
        _ clip: Clip, _ upscaler: any Upscaling, middleOnly: Bool
    ) throws -> [Double] {
        let output = try upscaler.upscale(clip: clip.low)
        let middle = clip.high.count / 2
        let measured = middleOnly ? middle..<middle + 1 : 0..<clip.high.count
        return try zip(output[measured], clip.high[measured]).map {
            try PSNR.measure($0, $1.frame)
        }
    }

    private static func mean(_ values: [Double]) -> Double {
        values.reduce(0, +) / Double(max(values.count, 1))
    }
}

/// A line of the log about a validation.
struct ValidationRecord: Codable, Equatable {
    var iteration: Int
    var validation: Validation.Result

    init(iteration: Int, _ result: Validation.Result) {
        self.iteration = iteration
        validation = result
    }
}
