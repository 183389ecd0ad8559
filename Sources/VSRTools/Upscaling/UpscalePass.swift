import DequeModule
import VSRCore
import VSRImaging
import VSRMedia

/// The frames of one job on their way from a source through an upscaler to a sink.
final class UpscalePass {
    private(set) var written = 0
    /// Frames before which another scene began.
    private(set) var sceneCuts: [Int] = []
    private(set) var longestScene = 0

    private let job: UpscaleJob
    private let upscaler: any PictureUpscaling
    private let outputSize: FrameSize
    private let counter: FrameCounter
    private let cancellation: Cancellation?
    private let notify: (@Sendable (UpscaleJob.Notice) -> Void)?
    /// Events of the source that have been told.
    private var told = 0
    private let detector: SceneCutDetector?
    private var pushed = 0
    private var sceneStart = 0
    private var hasWarnedOfAlpha = false
    /// What belongs to the frames that are being upscaled; they come out in the order they went in.
    private var waiting: Deque<(timestamp: Int64, duration: Int64, alpha: AlphaPlane?)> = []

    init(
        _ job: UpscaleJob, _ upscaler: any PictureUpscaling, outputSize: FrameSize,
        counter: FrameCounter, cancellation: Cancellation?,
        notify: (@Sendable (UpscaleJob.Notice) -> Void)? = nil
    ) {
        self.job = job
        self.upscaler = upscaler
        self.outputSize = outputSize
        self.counter = counter
        self.cancellation = cancellation
        self.notify = notify
        // Bicubic interpolation knows of no other frames.
        detector = job.cutsScenes && !(upscaler is BicubicUpscaler) ? SceneCutDetector() : nil
    }

    /// - Throws: what reading, upscaling and writing throw; `cancelled`. The sink is cancelled then.
    func run(from source: any FrameSource, to sink: any FrameSink) throws {
        counter.report(0)
        do {
            var upcoming = try source.nextPicture()
            while pushed < job.frameLimit ?? .max, let next = upcoming {
                try cancellation?.check()
                // One frame ahead, by which a flash is told from a cut.
                upcoming = try source.nextPicture()
                tellEvents(of: source)
                try beginScene(at: next, followedBy: upcoming, sink)
                try take(next, sink)
            }
            try endScene(sink)
            tellEvents(of: source)
            try cancellation?.check()
            guard written > 0 else {
                throw VSRError(.corruptData, "\(job.input) holds no frame that can be decoded")
            }
            if upcoming != nil || source.log?.report.hasStopped == true { sink.endOtherStreams() }
            try sink.finish()
        } catch {
            sink.cancel()
            throw error
        }
        counter.finish(written)
    }

    private func beginScene(
        at next: TimedPicture, followedBy following: TimedPicture?, _ sink: any FrameSink
    ) throws {
        let isCut =
            detector?.beginsScene(next.picture, followedBy: following?.picture) ?? false
        guard isCut || next.startsAnew else { return }
        try endScene(sink)
        if isCut { sceneCuts.append(pushed) }
    }

    private func tellEvents(of source: any FrameSource) {
        let events = source.log?.events(after: told) ?? []
        told += events.count
        for event in events { notify?(.event(event)) }
    }

    private func take(_ next: TimedPicture, _ sink: any FrameSink) throws {
        waiting.append(
            (next.timestamp, next.duration, sink.holdsAlpha ? next.alpha : nil))
        if !sink.holdsAlpha { warnOfAlpha(next) }
        pushed += 1
        try upscaler.push(next.picture)
        try writeReady(sink)
    }

    /// Hands out what the upscaler holds back, and lets it forget the scene.
    private func endScene(_ sink: any FrameSink) throws {
        try upscaler.endClip()
        try writeReady(sink)
        longestScene = max(longestScene, pushed - sceneStart)
        sceneStart = pushed
    }

    private func writeReady(_ sink: any FrameSink) throws {
        while upscaler.readyFrames > 0 {
            let picture = try pull(sink)
            guard let next = waiting.popFirst() else {
                throw VSRError(
                    .shapeMismatch, "the network returned more frames than it was given")
            }
            try sink.write(
                TimedPicture(
                    picture, timestamp: next.timestamp, duration: next.duration,
                    alpha: try next.alpha?.resized(to: outputSize)))
            written += 1
            counter.report(written)
        }
    }

    private func pull(_ sink: any FrameSink) throws -> Picture {
        if let size = job.size, size != .scale(Double(upscaler.scale)) {
            let frame = try upscaler.pull(filling: nil).frame
            return .rgb(frame.size == outputSize ? frame : try frame.resized(to: outputSize))
        }
        return try upscaler.pull(filling: try sink.blankPictures?.picture())
    }

    private func warnOfAlpha(_ next: TimedPicture) {
        guard !hasWarnedOfAlpha, let alpha = next.alpha, !alpha.isOpaque else { return }
        hasWarnedOfAlpha = true
        let beginning = pushed == 0 ? "" : " from frame \(pushed) on"
        notify?(
            .warning(
                "\(job.input) is transparent in places\(beginning), which is left out, since \(job.output) "
                    + "cannot hold it: --codec prores and .mov, --codec ffv1 and .mkv, or a folder of PNG "
                    + "pictures keep it"))
    }
}
