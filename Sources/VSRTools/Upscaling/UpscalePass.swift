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
    /// Where the last part of the output ended, in frames written.
    private var partStart = 0
    /// Where an earlier run has come to, until this one is there.
    private var resumption: Resumption?
    /// Frames that an earlier run has written.
    let resumed: Int
    /// When the last frame that was pushed begins, in seconds.
    private var lastTime = 0.0
    private var wasLimited = false
    /// What belongs to the frames that are being upscaled; they come out in the order they went in.
    private var waiting: Deque<(timestamp: Int64, duration: Int64, alpha: AlphaPlane?)> = []

    init(
        _ job: UpscaleJob, _ upscaler: any PictureUpscaling, outputSize: FrameSize,
        counter: FrameCounter, cancellation: Cancellation?, resumption: Resumption? = nil,
        notify: (@Sendable (UpscaleJob.Notice) -> Void)? = nil
    ) {
        self.job = job
        self.upscaler = upscaler
        self.outputSize = outputSize
        self.counter = counter
        self.cancellation = cancellation
        self.notify = notify
        self.resumption = resumption
        resumed = resumption?.place.written ?? 0
        // Bicubic interpolation knows of no other frames.
        detector = job.cutsScenes && !(upscaler is BicubicUpscaler) ? SceneCutDetector() : nil
    }

    /// What an earlier run has kept.
    struct Resumption {
        let place: UnfinishedOutput.Place
        let states: CarriedStates
        let counter: FrameCounter
    }

    /// - Throws: what reading, upscaling and writing throw; `cancelled`. The sink is cancelled then.
    func run(from source: any FrameSource, to sink: any FrameSink) throws {
        if resumption == nil { counter.report(0) } else { upscaler.beginReplay() }
        do {
            try pass(from: source, to: sink)
            tellEvents(of: source)
            try cancellation?.check()
            guard written > 0 else {
                throw VSRError(.corruptData, "\(job.input) holds no frame that can be decoded")
            }
            if let resumption, resumption.place == place(isEnd: true) {
                try endReplay(of: resumption)
            }
            guard resumption == nil else {
                throw VSRError(
                    .invalidArgument,
                    "\(job.input) ends before the frame that the stopped run had come to: begin anew "
                        + "with --overwrite")
            }
            if sink.keepsParts, written > partStart {
                try endPart(CarriedStates(), sink, isEnd: true)
            }
            if wasLimited || source.log?.report.hasStopped == true { sink.endOtherStreams() }
            try sink.finish()
        } catch {
            sink.cancel()
            throw error
        }
        counter.finish(written)
    }

    private func pass(from source: any FrameSource, to sink: any FrameSink) throws {
        let limit = job.frameLimit ?? .max
        var upcoming = try source.nextPicture()
        while pushed < limit, let next = upcoming {
            try cancellation?.check()
            // One frame ahead, by which a flash is told from a cut.
            do {
                upcoming = try source.nextPicture()
            } catch  where pushed + 1 == limit {
                // What comes after the last frame that was asked for may be as it likes.
                upcoming = nil
            }
            if job.frameLimit == nil { tellEvents(of: source) }
            try beginScene(at: next, followedBy: upcoming, sink)
            lastTime = Double(next.timestamp) * source.properties.timeBase.value
            try take(next, sink)
        }
        wasLimited = pushed == limit
        try endScene(sink)
    }

    /// What befell the source, as far as it concerns frames that were asked for.
    func report(of log: ReadingLog?) -> ReadingReport {
        (log?.report ?? ReadingReport()).filtered(concerns)
    }

    /// Damage beyond the last frame that was asked for is none of the output's.
    private func concerns(_ event: ReadingEvent) -> Bool {
        guard wasLimited else { return true }
        switch event.kind {
        case .cutOff: return false
        // Lost between this frame and the next.
        case .undecodable: return event.frame.map { $0 + 1 < pushed } ?? true
        default:
            return event.frame.map { $0 < pushed } ?? event.seconds.map { $0 <= lastTime } ?? true
        }
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
        for event in events where concerns(event) { notify?(.event(event)) }
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
        if let resumption { return try replayReady(to: resumption) }
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
        guard sink.keepsParts, written - partStart >= job.partLength else { return }
        if let states = try upscaler.carriedStates() { try endPart(states, sink) }
    }

    private func endPart(
        _ states: CarriedStates, _ sink: any FrameSink, isEnd: Bool = false
    ) throws {
        try sink.endPart(at: place(isEnd: isEnd), states)
        partStart = written
    }

    private func place(isEnd: Bool) -> UnfinishedOutput.Place {
        UnfinishedOutput.Place(written: written, pushed: pushed, isEnd: isEnd)
    }

    /// Goes past what an earlier run has written.
    private func replayReady(to resumption: Resumption) throws {
        while upscaler.readyFrames > 0, waiting.popFirst() != nil {
            _ = try upscaler.pull(filling: nil)
            written += 1
        }
        resumption.counter.report(pushed)
        if place(isEnd: false) == resumption.place { try endReplay(of: resumption) }
    }

    private func endReplay(of resumption: Resumption) throws {
        try upscaler.endReplay(with: resumption.states)
        self.resumption = nil
        partStart = written
        resumption.counter.finish(pushed)
        counter.report(written)
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
