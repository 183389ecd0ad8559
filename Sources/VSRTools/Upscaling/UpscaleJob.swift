import DequeModule
import Foundation
import VSRCore
import VSRImaging
import VSRMedia

/// Upscales a video, a picture or a folder of pictures into another one.
public struct UpscaleJob: Sendable {
    /// A video file, a PNG or JPEG picture, or a folder of such pictures.
    public var input: String
    /// An MP4, MOV or MKV file, a PNG or JPEG picture, or a folder for PNG pictures; appears whole
    /// or not at all.
    public var output: String
    public var encoding = VideoWriterOptions()
    /// Upscales only the first frames, at most this many.
    public var frameLimit: Int?

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

        /// One line for a terminal.
        public var text: String {
            let rate = seconds > 0 ? Double(frames) / seconds : 0
            let dropped =
                droppedStreams.isEmpty
                ? "" : "; left out: \(droppedStreams.joined(separator: ", "))"
            return "\(frames.counted("frame")) \(inputSize) → \(outputSize) in "
                + String(format: "%.1f s (%.2f frames per second)", seconds, rate)
                + (clips.map { "; clip: \($0)" } ?? "") + dropped
        }
    }

    /// - Throws: what reading, upscaling and writing throw; `cancelled`. Nothing is left behind
    ///   then.
    public func run(
        with upscaler: any PictureUpscaling, progress: ProgressHandler? = nil,
        cancellation: Cancellation? = nil
    ) throws -> Outcome {
        if let frameLimit, frameLimit < 1 {
            throw VSRError(
                .invalidArgument, "\(frameLimit) frames cannot be upscaled: ask for at least 1")
        }
        try checkOutputIsNotInput()
        let outputKind = try MediaPath.kind(named: output)
        let source = try MediaPath.open(input)
        let expected = [frameLimit, source.properties.frameCount].compactMap { $0 }.min()
        if let expected {
            try upscaler.checkMemory(frames: expected, of: source.properties.size)
            guard expected == 1 || outputKind != .picture else {
                throw VSRError(
                    .invalidArgument,
                    "\(output) holds one picture but \(input) has \(expected) frames: name a video or "
                        + "a folder, or ask for --frames 1")
            }
        }
        let outputSize = source.properties.size.scaled(by: upscaler.scale)
        let sink = try MediaPath.create(
            output, size: outputSize, like: source.properties, options: encoding)
        let start = DispatchTime.now().uptimeNanoseconds
        let count = try copy(
            ReadAhead(source), to: WriteBehind(sink), upscaler,
            FrameCounter("upscale", expected, progress), cancellation)
        let nanoseconds = DispatchTime.now().uptimeNanoseconds - start
        return Outcome(
            frames: count, inputSize: source.properties.size, outputSize: outputSize,
            seconds: Double(nanoseconds) / 1e9, droppedStreams: sink.droppedStreams,
            clips: upscaler.clipWindow(ofFrames: count))
    }

    private func copy(
        _ source: any FrameSource, to sink: any FrameSink, _ upscaler: any PictureUpscaling,
        _ counter: FrameCounter, _ cancellation: Cancellation?
    ) throws -> Int {
        var waiting = WaitingTimes()
        var written = 0
        counter.report(0)
        func writeReady() throws {
            while upscaler.readyFrames > 0 {
                let picture = try upscaler.pull(filling: try sink.blankPictures?.picture())
                let time = try waiting.next()
                try sink.write(
                    TimedPicture(picture, timestamp: time.timestamp, duration: time.duration))
                written += 1
                counter.report(written)
            }
        }
        do {
            while waiting.pushed < frameLimit ?? .max, let next = try source.nextPicture() {
                try cancellation?.check()
                waiting.push(next)
                try upscaler.push(next.picture)
                try writeReady()
            }
            try upscaler.endClip()
            try writeReady()
            try cancellation?.check()
            guard written > 0 else {
                throw VSRError(.corruptData, "\(input) holds no frame that can be decoded")
            }
            try sink.finish()
        } catch {
            sink.cancel()
            throw error
        }
        counter.finish(written)
        return written
    }

    private func checkOutputIsNotInput() throws {
        func resolved(_ path: String) -> String {
            URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
        }
        guard resolved(input) != resolved(output) else {
            throw VSRError(
                .invalidArgument,
                "\(output) is the input itself: give the output another name")
        }
    }
}

/// When the frames that are being upscaled are shown; they come out in the order they went in.
private struct WaitingTimes {
    private(set) var pushed = 0
    private var times: Deque<(timestamp: Int64, duration: Int64)> = []

    mutating func push(_ picture: TimedPicture) {
        times.append((picture.timestamp, picture.duration))
        pushed += 1
    }

    mutating func next() throws -> (timestamp: Int64, duration: Int64) {
        guard let next = times.popFirst() else {
            throw VSRError(
                .shapeMismatch, "the network returned more frames than it was given")
        }
        return next
    }
}
