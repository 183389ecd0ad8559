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
    /// Whether pictures that are marked as interlaced are deinterlaced.
    public var deinterlaces = true
    /// Whether a network starts afresh where another scene begins.
    public var cutsScenes = true

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

        /// One line for a terminal.
        public var text: String {
            let rate = seconds > 0 ? Double(frames) / seconds : 0
            let dropped =
                droppedStreams.isEmpty
                ? "" : "; left out: \(droppedStreams.joined(separator: ", "))"
            let cuts = sceneCuts.isEmpty ? "" : "; \(sceneCuts.count.counted("scene cut"))"
            return "\(frames.counted("frame")) \(inputSize) → \(outputSize) in "
                + String(format: "%.1f s (%.2f frames per second)", seconds, rate)
                + (clips.map { "; clip: \($0)" } ?? "") + cuts + dropped
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
    ///   then.
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
        let sink = try createSink(outputSize, like: source.properties, cancellation)
        if let plan = sink.plan { notify?(.plan(plan)) }
        for warning in sink.warnings { warn(warning) }
        let start = DispatchTime.now().uptimeNanoseconds
        let pass = UpscalePass(
            self, upscaler, outputSize: outputSize,
            counter: FrameCounter("upscale", expected, progress), cancellation: cancellation,
            notify: notify)
        let told = sink.warnings.count
        try pass.run(from: ReadAhead(source), to: WriteBehind(sink))
        for warning in sink.warnings.dropFirst(told) { warn(warning) }
        let nanoseconds = DispatchTime.now().uptimeNanoseconds - start
        return Outcome(
            frames: pass.written, inputSize: inputSize, outputSize: outputSize,
            seconds: Double(nanoseconds) / 1e9, droppedStreams: sink.droppedStreams,
            clips: upscaler.clipWindow(ofFrames: pass.longestScene), plan: sink.plan,
            reading: (source.log?.report ?? ReadingReport())
                .merged(with: sink.log?.report ?? ReadingReport()), sceneCuts: pass.sceneCuts)
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
        if turned is TurnedSource, container == nil || container == .gif {
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
        let deinterlaces = deinterlaces
        return Deinterlacer(source, isActive: deinterlaces) { frame in
            let beginning = frame == 0 ? "" : " from frame \(frame) on"
            warn(
                deinterlaces
                    ? "\(name) is interlaced\(beginning): its first fields are upscaled as whole "
                        + "pictures, one per frame (--deinterlace off takes it as it is)"
                    : "\(name) is interlaced\(beginning), and both fields of a frame are upscaled as "
                        + "one picture")
        }
    }

    private func createSink(
        _ size: FrameSize, like source: VideoProperties, _ cancellation: Cancellation?
    ) throws -> any FrameSink {
        if isToStandardOutput {
            return try Y4MWriter(
                standardOutput: size, like: source, options: encoding, cancellation: cancellation)
        }
        return try MediaPath.create(
            output, size: size, like: source, options: encoding, cancellation: cancellation)
    }

    private func checkOutputIsNotInput() throws {
        func resolved(_ path: String) -> String {
            URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
        }
        guard isToStandardOutput || resolved(input) != resolved(output) else {
            throw VSRError(
                .invalidArgument,
                "\(output) is the input itself: give the output another name")
        }
    }
}
