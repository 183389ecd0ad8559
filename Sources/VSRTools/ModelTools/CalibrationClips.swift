import Foundation
import VSRCompensation
import VSRCore
import VSRData
import VSRImaging
import VSRMedia

/// The clips that compensated pruning is calibrated on: small windows of users' clips, degraded as
/// the network's input is.
///
/// Two of twelve stand still: one frame with fresh noise of σ 1.5 (8-bit levels) each time. Where
/// there are fewer sources than that, windows of one come from several places; clips with fewer
/// frames than asked for go on backward.
public struct CalibrationClips: Sendable {
    public var count = 12
    public var stillCount = 2
    /// Frames of each, which is how deep recurrences are looked at.
    public var frames = 24
    /// Side of the windows, low-resolution pixels.
    public var side = 36
    /// Frames of each clip whose features are used.
    public var usedFrames = 2
    public var seed: UInt64 = 1
    public var degradation = Degradation.bicubic

    private static let noise = 1.5 / 255

    public init() {}

    /// - Throws: `invalidArgument` where there are no clips large enough; what decoding throws.
    public func load(
        _ sources: [ClipSource], scale: Int, progress: ProgressHandler?, cancellation: Cancellation?
    ) throws -> [CalibrationClip] {
        var clips: [CalibrationClip] = []
        var reasons: [String] = []
        // Sources evenly spread first, then those left out, as replacements for small ones.
        let spread = (0..<count).map { $0 * max(sources.count, 1) / count }
        let order = spread + sources.indices.filter { !spread.contains($0) }
        for (position, index) in order.enumerated() where clips.count < count {
            guard sources.indices.contains(index) else { break }
            try cancellation?.check()
            progress?(ProgressUpdate("load clips", completed: clips.count, total: count))
            var generator = SeededGenerator(seed: seed).fork(UInt64(position))
            let isStill = clips.count >= count - stillCount
            do {
                let window = try window(of: sources[index], scale: scale, &generator)
                clips.append(
                    clip(window, isStill: isStill, number: clips.count, &generator))
            } catch let error as VSRError where error.code == .invalidArgument {
                reasons.append(error.message)
            }
        }
        progress?(ProgressUpdate("load clips", completed: count, total: count))
        guard !clips.isEmpty else {
            throw VSRError(
                .invalidArgument,
                reasons.first ?? "there are no clips to calibrate on: name a folder with some")
        }
        return clips
    }

    /// Frames of a window, low resolution.
    private func window(
        of source: ClipSource, scale: Int, _ generator: inout SeededGenerator
    ) throws -> [Frame] {
        let reader = try source.open()
        let size = reader.properties.size
        let cut = FrameSize(width: side * scale, height: side * scale)
        guard size.width >= cut.width, size.height >= cut.height else {
            throw VSRError(
                .invalidArgument,
                "\(source.location) is \(size); a clip to calibrate on is at least \(cut)")
        }
        let x = generator.integer(below: (size.width - cut.width) / scale + 1) * scale
        let y = generator.integer(below: (size.height - cut.height) / scale + 1) * scale
        var result: [Frame] = []
        while result.count < frames, let next = try reader.next() {
            let low = try degradation.degraded(
                try next.frame.cropped(to: cut, x: x, y: y), scale: scale)
            result.append(quantized(low))
        }
        guard !result.isEmpty else {
            throw VSRError(.invalidArgument, "\(source.location) has no frames")
        }
        return result
    }

    private func clip(
        _ window: [Frame], isStill: Bool, number: Int, _ generator: inout SeededGenerator
    ) -> CalibrationClip {
        let period = max(2 * window.count - 2, 1)
        let clip: [Frame] = (0..<frames).map { index in
            if isStill { return noisy(window[0], &generator) }
            let place = index % period
            return window[place < window.count ? place : period - place]
        }
        // Another depth for each clip and use.
        let used = (0..<usedFrames).map {
            (number * 7 + 3 + $0 * (frames / max(usedFrames, 1) + 1)) % frames
        }
        return CalibrationClip(frames: clip, isStill: isStill, used: Set(used))
    }

    private func quantized(_ frame: Frame) -> Frame { ByteFrame(rounding: frame).frame }

    /// Fresh normal noise, then 8 bits.
    private func noisy(_ frame: Frame, _ generator: inout SeededGenerator) -> Frame {
        quantized(
            Frame(
                size: frame.size,
                samples: frame.samples.map {
                    $0 + Float(Self.noise * generator.normalPair().0)
                }))
    }
}
