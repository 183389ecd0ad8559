import DequeModule
import Dispatch
import VSRCore
import VSRData
import VSRImaging
import VSRMedia

/// One clip on its way through an upscaler and into the metrics.
final class ClipPass {
    private(set) var pushed = 0
    /// Frames that the upscaler got in all: of mirrored clips twice as many.
    private(set) var upscaled = 0
    /// Frames that came back, measured or not.
    private(set) var measured = 0
    /// Seconds spent upscaling.
    private(set) var seconds = 0.0
    /// Frames to come, as far as the clip tells.
    let total: Int?

    private let evaluation: Evaluation
    private let clip: ClipPair
    private let upscaler: any Upscaling
    /// The only frame to be measured; `nil` for all.
    private let middle: Int?
    private let originals: any FrameSource
    private let published: (any FrameSource)?
    private var references = WaitingReferences()
    /// Of mirrored clips: what went in, and what came out of the first time.
    private var inputs: [Frame] = []
    private var firstOutputs: [Int: Frame] = [:]
    /// Outputs so far.
    private var received = 0

    /// - Throws: What opening throws, `notFound` without the published frames that are asked for,
    ///   `outOfMemory` for a clip that cannot be held whole.
    init(_ clip: ClipPair, _ evaluation: Evaluation, _ upscaler: any Upscaling) throws {
        self.clip = clip
        self.evaluation = evaluation
        self.upscaler = upscaler
        middle =
            evaluation.measuresMiddleOnly
            ? min(try clip.groundTruth.countFrames(), evaluation.frameLimit ?? .max) / 2 : nil
        originals = try clip.groundTruth.open()
        total = [evaluation.frameLimit, originals.properties.frameCount].compactMap { $0 }.min()
        if let total {
            let size = originals.properties.size
            let isMirrored = evaluation.mirrorsClips
            let outputs =
                isMirrored && middle == nil ? MemoryLayout<Float>.size * Frame.channels : 0
            try upscaler.checkMemory(
                frames: isMirrored ? 2 * total : total,
                of: FrameSize(
                    width: size.width / upscaler.scale, height: size.height / upscaler.scale),
                callerBytes: (WaitingReferences.bytesPerPixel + outputs) * size.area)
        }
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

    /// Upscales and measures every frame.
    ///
    /// - Parameter report: Told how many frames are measured, after each step; ends the pass by
    ///   throwing.
    func run(_ metrics: inout ClipMetrics, report: (Int) throws -> Void) throws {
        while pushed < evaluation.frameLimit ?? .max, let original = try originals.next()?.frame {
            let size = original.size.rounded(downToMultipleOf: upscaler.scale)
            let reference = try original.cropped(to: size)
            let input = try lowResolution(of: reference)
            references.append(reference)
            pushed += 1
            if evaluation.mirrorsClips { inputs.append(input) }
            for frame in try timed({ try upscaler.push(input) }) {
                try measure(frame, &metrics)
            }
            try report(measured)
        }
        for input in inputs.reversed() {
            for frame in try timed({ try upscaler.push(input) }) { try measure(frame, &metrics) }
            try report(measured)
        }
        upscaled = pushed + inputs.count
        inputs = []
        var start = DispatchTime.now().uptimeNanoseconds
        try upscaler.finish { frame in
            seconds += Self.seconds(since: start)
            try measure(frame, &metrics)
            try report(measured)
            start = DispatchTime.now().uptimeNanoseconds
        }
        seconds += Self.seconds(since: start)
        guard received == upscaled else { throw countMismatch }
    }

    private func lowResolution(of reference: Frame) throws -> Frame {
        let scale = upscaler.scale
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

    private func timed(_ body: () throws -> [Frame]) throws -> [Frame] {
        let start = DispatchTime.now().uptimeNanoseconds
        defer { seconds += Self.seconds(since: start) }
        return try body()
    }

    private static func seconds(since start: UInt64) -> Double {
        Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    }

    private func measure(_ frame: Frame, _ metrics: inout ClipMetrics) throws {
        defer { received += 1 }
        guard evaluation.mirrorsClips else {
            guard let reference = references.next() else { throw countMismatch }
            if middle == nil || measured == middle {
                try metrics.accumulate(frame, reference: reference)
            }
            measured += 1
            return
        }
        guard received >= pushed else {
            if middle == nil || received == middle { firstOutputs[received] = frame }
            return
        }
        // The reversal's outputs come last frame first.
        let number = 2 * pushed - 1 - received
        guard let reference = references.last() else { throw countMismatch }
        if let first = firstOutputs.removeValue(forKey: number) {
            try metrics.accumulate(first.averaged(with: frame), reference: reference)
        }
        measured += 1
    }

    private var countMismatch: VSRError {
        VSRError(
            .shapeMismatch,
            "the upscaler returned another number of frames than the \(pushed) of \(clip.name)")
    }
}

/// References of the frames that the upscaler still holds, at 3 bytes per pixel where that is
/// exact, as for all 8-bit pictures: a whole clip's may wait.
private struct WaitingReferences {
    private enum Reference {
        case bytes(ByteFrame)
        case floats(Frame)

        init(_ frame: Frame) {
            let bytes = ByteFrame(rounding: frame)
            self = bytes.frame == frame ? .bytes(bytes) : .floats(frame)
        }

        var frame: Frame {
            switch self {
            case .bytes(let bytes): bytes.frame
            case .floats(let frame): frame
            }
        }
    }

    /// Of 8-bit pictures.
    static let bytesPerPixel = Frame.channels

    private var references: Deque<Reference> = []

    mutating func append(_ frame: Frame) { references.append(Reference(frame)) }

    mutating func next() -> Frame? { references.popFirst()?.frame }

    mutating func last() -> Frame? { references.popLast()?.frame }
}

extension Frame {
    /// The mean of two frames of one size.
    fileprivate func averaged(with other: Frame) -> Frame {
        Frame(size: size, samples: zip(samples, other.samples).map { 0.5 * ($0 + $1) })
    }
}
