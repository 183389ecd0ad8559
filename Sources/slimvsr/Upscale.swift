import ArgumentParser
import Synchronization
import VSRCore
import VSRMedia
import VSRModel
import VSRProgram
import VSRRuntime
import VSRTools

struct Upscale: Command {
    static let configuration = CommandConfiguration(
        abstract: "Upscale a video, a picture, or a folder of pictures.",
        discussion: """
            The output's name says what is written: an .mp4, .mov, .mkv, .webm, .avi, .ts, .y4m or \
            .gif file, a .png or .jpg picture, or a folder for PNG pictures. Color samples, bits and \
            transparency stay as they are as far as the output can hold them; what it cannot is \
            said. Interlaced videos are deinterlaced.

            Sound, subtitles, chapters, fonts and covers are copied, text subtitles converted where \
            the output's format has others. What it cannot hold is said before work begins.

            Where the input is damaged, all that can be decoded is upscaled, and the program ends \
            with exit code 3.

            Bidirectional networks work in windows of 16 frames with 8 more ahead, in bounded \
            memory; --window changes that.

            slimvsr upscale in.mp4 out.mp4
            slimvsr upscale picture.png bigger.png
            slimvsr upscale frames/ upscaled/ --model my-model.safetensors --threads 2
            ffmpeg -i in.mp4 -f yuv4mpegpipe - | slimvsr upscale - - | ffmpeg -i - out.webm

            Exit codes: 0 done, 1 failed, 2 wrong arguments, 130 and 143 stopped by Ctrl-C and SIGTERM.
            """)

    @Argument(
        help: """
            A video file, a PNG or JPEG picture, a folder of such pictures, or - for a video from \
            standard input.
            """)
    var input: String

    @Argument(
        help: """
            A video (.mp4, .mkv, .mov …), a picture (.png, .jpg), a folder for PNG pictures, or - for \
            y4m to standard output.
            """)
    var output: String

    @Option(
        help: "A model's name or file (see slimvsr models), or bicubic (default: a bundled one).")
    var model: String?

    @Option(
        help: """
            The upscaling factor, up to the network's, whose pictures are then made smaller; of \
            bicubic 2 or 4 (default: the network's, 4 of bicubic).
            """)
    var scale: Double?

    @Option(help: "Make the output so many pixels high, up to what the network makes.")
    var height: Int?

    @OptionGroup var foreign: ForeignModelArguments

    @OptionGroup var runtime: RuntimeArguments

    @OptionGroup var windows: WindowArguments

    @Option(
        help: """
            h264, hevc (up to 12 bits), prores (.mov, .mkv; 10 bits, transparency), ffv1 (.mkv; \
            without loss, up to 16 bits, transparency) or vp9 (.webm, .mkv; default: vp9 in .webm, \
            h264 elsewhere).
            """)
    var codec: VideoCodec?

    @Option(
        help: "Constant rate factor (CRF) of h264, hevc and vp9: 0 (best, largest file) to 51.")
    var quality = 18.0

    @Option(help: "Speed of encoding by h264, hevc and vp9, from ultrafast to veryslow.")
    var preset = "medium"

    @Option(help: "Color samples: yuv420, yuv422 or yuv444 (default: the input's).")
    var chroma: VideoWriterOptions.Chroma?

    @Option(help: "Bits per sample: 8, 10, 12 or 16 (default: the input's).")
    var depth: Int?

    @Option(help: "auto makes whole pictures of interlaced ones; off takes them as they are.")
    var deinterlace = Automatic.auto

    @Option(help: "auto starts the network afresh where another scene begins; off goes on.")
    var sceneCuts = Automatic.auto

    /// Done where it is called for, or never.
    enum Automatic: String, CaseIterable, ExpressibleByArgument {
        case auto, off
    }

    @Option(help: "Upscale only the first N frames, with their sound.")
    var frames: Int?

    @Flag(help: "Leave audio and subtitles out.")
    var noAudio = false

    @Option(help: "What does not fit into the output is left out (fitting) or an error (strict).")
    var streams = StreamDemand.fitting

    @Option(help: "At damage: go on (skip), end the video there (stop), or fail (refuse).")
    var damage = DamagePolicy.skip

    @OptionGroup var writing: OutputArguments

    @OptionGroup var general: GeneralOptions

    func validate() throws {
        guard scale == nil || height == nil else {
            throw ValidationError("--scale and --height both set the output's size: give one")
        }
        guard height.map({ (1...65535).contains($0) }) ?? true else {
            throw ValidationError("--height is \(height ?? 0): it must be from 1 to 65535")
        }
    }

    func execute(_ console: Console) throws {
        if !writesToStandardOutput { try writing.check(output) }
        var options = try runtime.options(console)
        options.window = try windows.clipWindow(standard: options.window)
        if options.window == .whole { options.progress = console.progress.handler }
        let method = try UpscalingMethod(
            model ?? BundledModels.defaultName(), scale: bicubicScale(), foreign: foreign.options)
        for remark in method.remarks { console.remark(remark) }
        windows.remark(method, console)
        let outcome = try job().run(
            with: try method.upscaler(options: options), progress: console.progress.handler,
            cancellation: console.cancellation, notify: UpscaleNotices(input, console).handler)
        console.progress.finish()
        let text = "\(outcome.text), \(method.name)"
        if writesToStandardOutput {
            console.remark(text)
        } else {
            console.output("\(text)\nwrote \(output)")
        }
        if outcome.reading.isDamaged { throw ExitCode.doneWithDamage }
    }

    private var writesToStandardOutput: Bool { output == UpscaleJob.standardStreamName }

    private func job() -> UpscaleJob {
        var job = UpscaleJob(input: input, output: output)
        job.encoding.codec = codec
        job.encoding.quality = quality
        job.encoding.preset = preset
        job.encoding.chroma = chroma
        job.encoding.depth = depth
        job.encoding.copiesOtherStreams = !noAudio
        job.encoding.refusesLosses = streams == .strict
        job.frameLimit = frames
        job.damage = damage
        job.size = height.map { .height($0) } ?? scale.map { .scale($0) }
        job.deinterlaces = deinterlace == .auto
        job.cutsScenes = sceneCuts == .auto
        return job
    }

    /// - Throws: `invalidArgument` for a factor that bicubic interpolation does not have.
    private func bicubicScale() throws -> Int {
        guard let scale else { return 4 }
        guard model == UpscalingMethod.bicubicName else { return 4 }
        guard scale == 2 || scale == 4 else {
            throw VSRError(.invalidArgument, "scale is \(text(scale)): it must be 2 or 4")
        }
        return Int(scale)
    }

    private func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e6 ? "\(Int(value))" : "\(value)"
    }
}

/// What becomes of streams that the output cannot hold.
enum StreamDemand: String, CaseIterable, ExpressibleByArgument {
    case fitting, strict
}

/// Prints what a job says while it runs.
private final class UpscaleNotices: Sendable {
    /// Events that are printed one by one; the last line counts them all.
    private static let printed = 20

    private let input: String
    private let console: Console
    private let count = Mutex(0)

    init(_ input: String, _ console: Console) {
        self.input = input
        self.console = console
    }

    var handler: @Sendable (UpscaleJob.Notice) -> Void { { self.print($0) } }

    private func print(_ notice: UpscaleJob.Notice) {
        switch notice {
        case .plan(let plan):
            if plan.isNoteworthy { for line in plan.lines { console.remark(line) } }
            for warning in plan.warnings { console.remark("warning: \(warning.text)") }
        case .warning(let text):
            console.remark("warning: \(text)")
        case .event(let event):
            let number = count.withLock { count in
                count += 1
                return count
            }
            guard number <= Self.printed else { return }
            console.remark("\(event.kind.isDamage ? "warning" : "note"): \(input): \(event.text)")
            if number == Self.printed { console.remark("note: more of this is counted only") }
        }
    }
}

extension VideoCodec: ExpressibleByArgument {}
extension VideoWriterOptions.Chroma: ExpressibleByArgument {}
extension DamagePolicy: ExpressibleByArgument {}
