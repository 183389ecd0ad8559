import Foundation
import VSRCore
import VSRImaging
import VSRMedia

/// Upscales a video, a picture or a folder of pictures into another one.
public struct UpscaleJob: Sendable {
    /// A video file, a PNG or JPEG picture, a folder of such pictures, or `-`: a video from standard
    /// input.
    public var input: String
    /// A video file of a ``Container`` or Y4M, a PNG or JPEG picture, or a folder for PNG pictures;
    /// appears whole or not at all.
    ///
    /// `-` writes Y4M to standard output as it is made.
    public var output: String
    public var encoding = VideoWriterOptions()
    /// Upscales only the first frames, at most this many; sound and subtitles end with them.
    public var frameLimit: Int?
    /// What is done where the input is damaged.
    public var damage = DamagePolicy.skip
    /// The size of the output; what the network makes, if `nil`.
    public var size: OutputSize?
    public var deinterlacing = Deinterlacer.Mode.auto
    /// Whether a network starts afresh where another scene begins.
    public var cutsScenes = true

    /// Whether to go on with what a stopped run has kept, or to begin anew in its place.
    public var beginning = UnfinishedOutput.Beginning.new
    /// Whether a file in the output's place may be replaced: remembered by what a stopped run keeps.
    public var replaces = false
    /// Frames after which a part of a video is finished, which then outlives the process; the part
    /// ends where the network next can be left.
    public var partLength = 250
    /// What besides this job's own settings decides on the frames: the network, its options.
    public var methodSettings: [String: String] = [:]

    /// What stands for standard input and output.
    public static let standardStreamName = "-"

    public init(input: String, output: String) {
        self.input = input
        self.output = output
    }

    /// What was done.
    public struct Outcome: Sendable, Codable, Equatable {
        public var frames: Int
        public var inputSize: FrameSize
        public var outputSize: FrameSize
        public var seconds: Double
        /// Streams of the input that the output's container cannot hold.
        public var droppedStreams: [String]
        /// How a bidirectional network took the clip: `whole`, or `windows of …`; `nil` where one
        /// window held it all.
        public var clips: String?
        /// What became of the input's streams; `nil` for pictures.
        public var plan: StreamPlan?
        /// What befell the input while it was read.
        public var reading: ReadingReport
        /// Frames before which another scene was found to begin.
        public var sceneCuts: [Int] = []
        /// Frames that an earlier run had written.
        public var resumedFrames = 0

        /// One line for a terminal.
        public var text: String {
            let rate = seconds > 0 ? Double(frames - resumedFrames) / seconds : 0
            let resumed =
                resumedFrames > 0
                ? "; the first \(resumedFrames.counted("frame")) by an earlier run" : ""
            let dropped =
                droppedStreams.isEmpty
                ? "" : "; left out: \(droppedStreams.joined(separator: ", "))"
            let cuts = sceneCuts.isEmpty ? "" : "; \(sceneCuts.count.counted("scene cut"))"
            return "\(frames.counted("frame")) \(inputSize) → \(outputSize) in "
                + String(format: "%.1f s (%.2f frames per second)", seconds, rate)
                + resumed + (clips.map { "; clip: \($0)" } ?? "") + cuts + dropped
                + (reading.isDamaged ? "; the input is damaged: \(reading.damageText)" : "")
        }
    }

    /// What is said while the job runs.
    public enum Notice: Sendable {
        /// Before the first frame.
        case plan(StreamPlan)
        /// What users should know of, a sentence; before work begins where that can be.
        case warning(String)
        /// Of the input as it is read.
        case event(ReadingEvent)
    }

    /// - Throws: what reading, upscaling and writing throw; `cancelled`. Nothing is left behind
    ///   then but the parts of a video that are finished.
    public func run(
        with upscaler: any PictureUpscaling, progress: ProgressHandler? = nil,
        cancellation: Cancellation? = nil, notify: (@Sendable (Notice) -> Void)? = nil
    ) throws -> Outcome {
        if let frameLimit, frameLimit < 1 {
            throw VSRError(
                .invalidArgument, "\(frameLimit) frames cannot be upscaled: ask for at least 1")
        }
        try checkOutputIsNotInput()
        let outputKind = try isToStandardOutput ? .video : MediaPath.kind(named: output)
        let warn: @Sendable (String) -> Void = { notify?(.warning($0)) }
        let source = try turnedSource(outputKind, cancellation, warn)
        try source.survey(first: frameLimit)
        for warning in source.warnings { warn(warning) }
        let inputSize = source.properties.size
        let asked = upscaler.clipWindow
        try upscaler.prepare(for: inputSize)
        if let taken = upscaler.clipWindow, let asked, taken != asked {
            warn(
                "memory is short: the network works in \(taken) instead of \(asked) (--memory allows "
                    + "more)")
        }
        let expected = [frameLimit, source.properties.frameCount].compactMap { $0 }.min()
        if let expected {
            try upscaler.checkMemory(frames: expected, of: inputSize)
            guard expected == 1 || outputKind != .picture else {
                throw VSRError(
                    .invalidArgument,
                    "\(output) holds one picture but \(input) has \(expected) frames: name a video or "
                        + "a folder, or ask for --frames 1")
            }
        }
        let natural = inputSize.scaled(by: upscaler.scale)
        let outputSize =
            try size?.size(
                of: inputSize, natural: natural,
                isTurned: outputKind == .video && source.properties.rotation % 180 == 90)
            ?? natural
        if let bicubic = upscaler as? BicubicUpscaler {
            bicubic.roundsToBytes = source.properties.depth <= 8
        }
        let unfinished = try unfinishedOutput(
            outputKind, source.properties, window: upscaler.clipWindow)
        let sink = try createSink(
            outputSize, like: source.properties, unfinished, cancellation)
        if let plan = sink.plan { notify?(.plan(plan)) }
        for warning in sink.warnings { warn(warning) }
        let start = DispatchTime.now().uptimeNanoseconds
        let pass = UpscalePass(
            self, upscaler, outputSize: outputSize,
            counter: FrameCounter("upscale", expected, progress), cancellation: cancellation,
            resumption: try resumption(of: unfinished, progress), notify: notify)
        let told = sink.warnings.count
        do {
            try pass.run(
                from: ReadAhead(source, limit: frameLimit.map { $0 + 1 } ?? .max),
                to: WriteBehind(sink))
        } catch {
            if let place = unfinished?.place, let folder = unfinished?.folder {
                warn(
                    "the first \(place.written.counted("frame")) are kept in \(folder): the same "
                        + "command with --resume goes on from there")
            }
            throw error
        }
        for event in sink.log?.events(after: 0) ?? [] { notify?(.event(event)) }
        for warning in sink.warnings.dropFirst(told) { warn(warning) }
        let nanoseconds = DispatchTime.now().uptimeNanoseconds - start
        return Outcome(
            frames: pass.written, inputSize: inputSize, outputSize: outputSize,
            seconds: Double(nanoseconds) / 1e9, droppedStreams: sink.droppedStreams,
            clips: upscaler.clipWindow(ofFrames: pass.longestScene), plan: sink.plan,
            reading: pass.report(of: source.log)
                .merged(with: sink.log?.report ?? ReadingReport()), sceneCuts: pass.sceneCuts,
            resumedFrames: unfinished.map { _ in pass.resumed } ?? 0)
    }

    /// Where parts of the output outlive the process; `nil` where the output has none, or the input
    /// cannot be read again.
    private func unfinishedOutput(
        _ kind: MediaPath.Kind, _ source: VideoProperties, window: String?
    ) throws -> UnfinishedOutput? {
        let container = isToStandardOutput ? nil : Container(named: output)
        guard kind == .video, let container, container != .gif, !source.isReadOnce else {
            guard beginning != .resuming else {
                throw VSRError(
                    .invalidArgument,
                    "\(input) → \(output) cannot go on where it was stopped: only files and folders "
                        + "that become .mp4, .mov, .mkv, .webm, .avi or .ts can")
            }
            return nil
        }
        var settings = try settings()
        settings["--window"] = window
        return try UnfinishedOutput(
            of: output, settings: settings, beginning, replaces: replaces)
    }

    private func resumption(
        of unfinished: UnfinishedOutput?, _ progress: ProgressHandler?
    ) throws -> UpscalePass.Resumption? {
        guard let unfinished, let place = unfinished.place else { return nil }
        return UpscalePass.Resumption(
            place: place, states: try unfinished.states(),
            counter: FrameCounter("read again", place.pushed, progress))
    }

    private var isToStandardOutput: Bool { output == Self.standardStreamName }

    /// The source, whose pictures are turned where they are for players that are not asked to.
    private func turnedSource(
        _ kind: MediaPath.Kind, _ cancellation: Cancellation?,
        _ warn: @escaping @Sendable (String) -> Void
    ) throws -> any FrameSource {
        let source = try openSource(cancellation, warn)
        // Pictures are left as they are stored.
        guard kind == .video else { return source }
        let container = isToStandardOutput ? nil : Container(named: output)
        let turned = TurnedSource.source(source, for: container)
        // A plan says so of other formats.
        if turned is TurnedSource,
            container == nil || container == .gif || source.properties.isReadOnce
        {
            warn("the pictures are turned, since \(output) cannot ask players to do it")
        }
        return turned
    }

    private func openSource(
        _ cancellation: Cancellation?, _ warn: @escaping @Sendable (String) -> Void
    ) throws -> any FrameSource {
        var options = VideoReaderOptions()
        options.cancellation = cancellation
        options.damage = damage
        options.scalesChangedSizes = true
        let source =
            input == Self.standardStreamName
            ? try VideoReader(standardInput: options)
            : try MediaPath.open(input, options: options)
        guard source is VideoReader else { return source }
        let name = source.properties.path ?? input
        let isOff = deinterlacing == .off
        return Deinterlacer(source, mode: deinterlacing) { finding in
            switch finding {
            case .marked(let frame):
                let beginning = frame == 0 ? "" : " from frame \(frame) on"
                warn(
                    isOff
                        ? "\(name) is interlaced\(beginning), and both fields of a frame are upscaled "
                            + "as one picture"
                        : "\(name) is interlaced\(beginning): its first fields are upscaled as whole "
                            + "pictures, one per frame (--deinterlace off takes it as it is)")
            case .unmarked where !isOff:
                warn(
                    "\(name) looks interlaced, though it is not marked so: --deinterlace top, or "
                        + "bottom, makes whole pictures of it")
            case .unmarked: break
            }
        }
    }

    private func createSink(
        _ size: FrameSize, like source: VideoProperties, _ unfinished: UnfinishedOutput?,
        _ cancellation: Cancellation?
    ) throws -> any FrameSink {
        if let unfinished {
            return try PartwiseVideoWriter(
                output, size: size, like: source, options: encoding, parts: unfinished)
        }
        if isToStandardOutput {
            return try Y4MWriter(
                standardOutput: size, like: source, options: encoding, cancellation: cancellation)
        }
        return try MediaPath.create(
            output, size: size, like: source, options: encoding, cancellation: cancellation)
    }

    private func checkOutputIsNotInput() throws {
        guard isToStandardOutput || input.resolvedPath != output.resolvedPath else {
            throw VSRError(
                .invalidArgument,
                "\(output) is the input itself: give the output another name")
        }
    }
}
