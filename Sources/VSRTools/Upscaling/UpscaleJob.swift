import DequeModule
import Foundation
import VSRCore
import VSRMedia

/// Upscales a video or a folder of pictures into another one.
public struct UpscaleJob: Sendable {
    /// A video file or a folder of PNG or JPEG pictures.
    public var input: String
    /// An MP4, MOV or MKV file, or a folder for PNG pictures; appears whole or not at all.
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

        /// One line for a terminal.
        public var text: String {
            let rate = seconds > 0 ? Double(frames) / seconds : 0
            let dropped =
                droppedStreams.isEmpty
                ? "" : "; left out: \(droppedStreams.joined(separator: ", "))"
            return "\(frames) frames \(inputSize) → \(outputSize) in "
                + String(format: "%.1f s (%.2f frames per second)", seconds, rate) + dropped
        }
    }

    /// File name extensions of the videos that can be written.
    static let videoExtensions = ["mp4", "m4v", "mov", "mkv"]

    /// - Throws: what reading, upscaling and writing throw; `cancelled`. Nothing is left behind
    ///   then.
    public func run(
        with upscaler: any Upscaling, progress: ProgressHandler? = nil,
        cancellation: Cancellation? = nil
    ) throws -> Outcome {
        if let frameLimit, frameLimit < 1 {
            throw VSRError(
                .invalidArgument, "\(frameLimit) frames cannot be upscaled: ask for at least 1")
        }
        try checkPaths()
        let source = try openSource()
        let inputSize = source.properties.size
        let outputSize = FrameSize(
            width: inputSize.width * upscaler.scale, height: inputSize.height * upscaler.scale)
        let (sink, dropped) = try openSink(size: outputSize, like: source.properties)
        let start = DispatchTime.now().uptimeNanoseconds
        let count = try copy(
            ReadAhead(source), to: WriteBehind(sink), upscaler, progress, cancellation)
        let nanoseconds = DispatchTime.now().uptimeNanoseconds - start
        return Outcome(
            frames: count, inputSize: inputSize, outputSize: outputSize,
            seconds: Double(nanoseconds) / 1e9, droppedStreams: dropped)
    }

    private func copy(
        _ source: any FrameSource, to sink: any FrameSink, _ upscaler: any Upscaling,
        _ progress: ProgressHandler?, _ cancellation: Cancellation?
    ) throws -> Int {
        var waiting = WaitingTimes()
        var written = 0
        let counter = FrameCounter(
            "upscale", [frameLimit, source.properties.frameCount].compactMap { $0 }.min(), progress)
        counter.report(0)
        func write(_ frames: [Frame]) throws {
            for frame in frames {
                let time = try waiting.next()
                try sink.write(
                    TimedFrame(frame, timestamp: time.timestamp, duration: time.duration))
                written += 1
                counter.report(written)
            }
        }
        do {
            while waiting.pushed < frameLimit ?? .max, let frame = try source.next() {
                try cancellation?.check()
                waiting.push(frame)
                try write(try upscaler.push(frame.frame))
            }
            try write(try upscaler.finish())
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

    private func checkPaths() throws {
        guard FileManager.default.fileExists(atPath: input) else {
            throw VSRError(.notFound, "there is no video or folder \(input)")
        }
        func resolved(_ path: String) -> String {
            URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
        }
        guard resolved(input) != resolved(output) else {
            throw VSRError(
                .invalidArgument,
                "\(output) is the input itself: give the output another name")
        }
    }

    private func openSource() throws -> any FrameSource {
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: input, isDirectory: &isFolder)
        return isFolder.boolValue ? try ImageSequenceReader(input) : try VideoReader(input)
    }

    private func openSink(
        size: FrameSize, like source: VideoProperties
    ) throws -> (any FrameSink, dropped: [String]) {
        let suffix = (output as NSString).pathExtension.lowercased()
        if Self.videoExtensions.contains(suffix) {
            let writer = try VideoWriter(output, size: size, like: source, options: encoding)
            return (writer, writer.droppedStreams)
        }
        guard suffix.isEmpty || output.hasSuffix("/") else {
            throw VSRError(
                .unsupported,
                "cannot write \(output): name an .mp4, .mov or .mkv file, or a folder for pictures")
        }
        return (try ImageSequenceWriter(output), [])
    }
}

/// When the frames that are being upscaled are shown; they come out in the order they went in.
private struct WaitingTimes {
    private(set) var pushed = 0
    private var times: Deque<(timestamp: Int64, duration: Int64)> = []

    mutating func push(_ frame: TimedFrame) {
        times.append((frame.timestamp, frame.duration))
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
