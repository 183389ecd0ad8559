import Foundation
import VSRCore
import VSRImaging
import VSRModel
import VSRRuntime

/// Measures whether a network's frames stay as good on clips much longer than those of its
/// training: PSNR and the size of the hidden states, frame by frame, on rendered clips.
public struct Stability: Sendable {
    public var clips = StabilityClip.standard
    /// Low-resolution frames.
    public var frameSize = FrameSize(width: 64, height: 48)
    public var frames = 1000
    /// Standard deviation of the noise in still clips, in 8-bit levels.
    public var noise = StabilityClip.standardNoise
    public var seed: UInt64 = 1
    /// How low-resolution frames are made; `nil` for what the model was trained for, else bicubic.
    public var degradation: Degradation?
    /// Threads, window, guard and so on.
    public var options = UpscalerOptions()

    public init() {}

    /// What was measured, and under which conditions.
    public struct Outcome: Sendable, Codable, Equatable {
        /// A clip's figures, frame by frame.
        public struct Clip: Sendable, Codable, Equatable {
            public var clip: StabilityClip
            /// In dB, on Y of frames rounded to 8 bits.
            public var psnr: [Double]
            /// Root mean square of the hidden states' values.
            public var stateNorm: [Double]
            /// Root mean square difference to the frame before, in 8-bit levels on Y, beyond that
            /// of the frames as they should be; 0 of the first.
            public var change: [Double]

            /// The least PSNR of any frame; on small frames mostly the noise's doing.
            public var worst: Double { psnr.min() ?? 0 }

            /// The least mean PSNR of any hundred frames in a row, or of all frames if they are
            /// fewer: counted from frame 1, 101, 201 and so on.
            public var worstMean: Double {
                let means = stride(from: 0, to: psnr.count, by: 100).map { start in
                    let first = max(0, min(start, psnr.count - 100))
                    let part = psnr[first..<min(first + 100, psnr.count)]
                    return part.reduce(0, +) / Double(part.count)
                }
                return means.min() ?? 0
            }

            /// How far ``worstMean`` is below the first frame, in dB.
            public var loss: Double { (psnr.first ?? 0) - worstMean }
        }

        public var model: String
        public var frameSize: FrameSize
        public var scale: Int
        public var frames: Int
        public var noise: Double
        public var seed: UInt64
        public var degradation: Degradation
        public var isGuarded: Bool
        public var precision: String
        public var instructionSet: String
        /// How a bidirectional network took the clips.
        public var clipWindow: String?
        public var clips: [Clip]
    }

    /// - Throws: `invalidArgument` for counts, sizes or noise out of range, what the runtime
    ///   throws, `cancelled`.
    public func run(
        _ method: UpscalingMethod, progress: ProgressHandler? = nil
    ) throws -> Outcome {
        guard let model = method.model else {
            throw VSRError(
                .invalidArgument,
                "\(method.name) has no hidden states: name a model (see slimvsr models)")
        }
        guard (2...1_000_000).contains(frames), (0...64).contains(noise) else {
            throw VSRError(
                .invalidArgument,
                "\(frames) frames with noise of \(noise) levels cannot be measured: give at least 2 "
                    + "frames, and noise from 0 to 64")
        }
        var options = options
        options.measuresStates = true
        let upscaler = try Upscaler(model: model, frameSize: frameSize, options: options)
        let degradation = degradation ?? method.degradation ?? .bicubic
        let measured = try clips.map { clip in
            let source = try StabilityClip.Frames(
                clip, size: frameSize, scale: upscaler.scale, frames: frames, noise: noise,
                degradation: degradation, seed: seed)
            return try measure(source, upscaler, progress)
        }
        return Outcome(
            model: method.name, frameSize: frameSize, scale: upscaler.scale, frames: frames,
            noise: noise, seed: seed, degradation: degradation,
            isGuarded: options.guardsStability, precision: upscaler.effectivePrecision.rawValue,
            instructionSet: upscaler.instructionSetName, clipWindow: upscaler.clipWindow,
            clips: measured)
    }

    private func measure(
        _ source: StabilityClip.Frames, _ upscaler: Upscaler, _ progress: ProgressHandler?
    ) throws -> Outcome.Clip {
        var result = Outcome.Clip(clip: source.clip, psnr: [], stateNorm: [], change: [])
        var truths: [Frame] = []
        var taken = 0
        var last: (frame: [Float], truth: [Float])?
        func take() throws {
            while upscaler.readyFrames > 0 {
                let frame = try upscaler.pullFrame()
                result.psnr.append(try PSNR.measure(frame, truths[taken]))
                result.stateNorm.append(upscaler.stateNorm ?? 0)
                let current = (frame: frame.luma, truth: truths[taken].luma)
                result.change.append(last.map { Self.change(from: $0, to: current) } ?? 0)
                last = current
                truths[taken] = Frame(size: FrameSize(width: 0, height: 0))
                taken += 1
                progress?(
                    ProgressUpdate(
                        "stability \(source.clip.rawValue)", completed: taken, total: frames,
                        unit: "frames"))
            }
        }
        for index in 0..<frames {
            let (truth, input) = try source.frame(index)
            truths.append(truth)
            try upscaler.push(.rgb(input))
            try take()
        }
        try upscaler.endClip()
        try take()
        return result
    }

    private static func change(
        from last: (frame: [Float], truth: [Float]), to next: (frame: [Float], truth: [Float])
    ) -> Double {
        var sum = 0.0
        for index in next.frame.indices {
            let step = next.frame[index] - last.frame[index]
            let wanted = next.truth[index] - last.truth[index]
            sum += Double(step - wanted) * Double(step - wanted)
        }
        return (sum / Double(max(1, next.frame.count))).squareRoot()
    }
}
