import ArgumentParser
import VSRCore
import VSRData
import VSRMedia
import VSRModel
import VSRProgram
import VSRRuntime
import VSRTools

struct Upscale: Command {
    static let configuration = CommandConfiguration(
        abstract: "Upscale videos, pictures, or folders of pictures.",
        usage: "slimvsr upscale [<options>] <input> ... <output>",
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

            Several inputs, a folder of videos, or --recursive: each becomes a file of the same name in \
            the folder OUTPUT. What is there already is passed over, what was stopped goes on.

            slimvsr upscale in.mp4 out.mp4
            slimvsr upscale a.mp4 b.mkv series/ upscaled/ --recursive
            slimvsr upscale picture.png bigger.png
            slimvsr upscale frames/ upscaled/ --model my-model.safetensors --threads 2
            ffmpeg -i in.mp4 -f yuv4mpegpipe - | slimvsr upscale - - | ffmpeg -i - out.webm

            When the program is stopped, whatever the reason, the parts that are finished stay in \
            OUTPUT.unfinished; the same command with --resume goes on from there.

            Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 done but the input is damaged, 130 and \
            143 stopped by Ctrl-C and SIGTERM; of several inputs, the worst.
            """)

    @Argument(
        help: ArgumentHelp(
            "The input, or several, then the output.",
            discussion: """
                An input is a video file, a PNG or JPEG picture, a folder of such pictures, a folder of \
                videos, or - for a video from standard input; the output a video (.mp4, .mkv, .mov …), \
                a picture (.png, .jpg), a folder, or - for y4m to standard output.
                """))
    var paths: [String] = []

    private var input: String { paths[0] }
    var output: String { paths[paths.count - 1] }

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
            without loss, up to 16 bits, transparency), vp9 (.webm, .mkv) or av1 (.mkv, .mp4, .webm; \
            default: vp9 in .webm, h264 elsewhere).
            """)
    var codec: VideoCodec?

    @Option(
        help: "Constant rate factor (CRF) of h264, hevc, vp9 and av1: 0 (best, largest file) to 51."
    )
    var quality = 18.0

    @Option(help: "Speed of encoding by h264, hevc, vp9 and av1, from ultrafast to veryslow.")
    var preset = "medium"

    @Option(
        name: [.customShort("e"), .customLong("encoder-option")],
        help: ArgumentHelp(
            "Another option of the encoder, as -e tune=film; repeatable.", valueName: "key=value"))
    var encoderOptions: [String] = []

    @Option(help: "Color samples: yuv420, yuv422 or yuv444 (default: the input's).")
    var chroma: VideoWriterOptions.Chroma?

    @Option(help: "Bits per sample: 8, 10, 12 or 16 (default: the input's).")
    var depth: Int?

    @Option(
        help: """
            auto makes whole pictures of those marked as interlaced; top and bottom of all, by the field \
            that is shown first; off takes them as they are.
            """)
    var deinterlace = Deinterlacer.Mode.auto

    @Option(help: "auto starts the network afresh where another scene begins; off goes on.")
    var sceneCuts = Automatic.auto

    /// Done where it is called for, or never.
    enum Automatic: String, CaseIterable, ExpressibleByArgument {
        case auto, off
    }

    @Option(help: "Upscale only the first N frames, with their sound.")
    var frames: Int?

    @Option(
        help: ArgumentHelp(
            "Memory for the network's frames and states, as 2G (default: 3/4 of what there is).",
            discussion: "Bidirectional networks then work in shorter windows.", valueName: "amount")
    )
    var memory: String?

    @Flag(help: "Look into the folders within folders.")
    var recursive = false

    @Flag(help: "Leave audio and subtitles out.")
    var noAudio = false

    @Option(help: "What does not fit into the output is left out (fitting) or an error (strict).")
    var streams = StreamDemand.fitting

    @Option(help: "At damage: go on (skip), end the video there (stop), or fail (refuse).")
    var damage = DamagePolicy.skip

    @Flag(help: "Go on where a stopped run of the same command came to.")
    var resume = false

    @Option(
        name: .customLong("part"),
        help: ArgumentHelp(
            "Finish a part of a video after so many frames, which is kept when the program is stopped.",
            valueName: "frames"))
    var partLength = 250

    @OptionGroup var writing: OutputArguments

    @OptionGroup var general: GeneralOptions

    func validate() throws {
        guard paths.count >= 2 else {
            throw ValidationError(
                paths.isEmpty
                    ? "name an input and an output" : "name an output besides \(paths[0])")
        }
        for option in encoderOptions where !(option.dropFirst().contains("=")) {
            throw ValidationError("-e \(option): give it as KEY=VALUE")
        }
        guard scale == nil || height == nil else {
            throw ValidationError("--scale and --height both set the output's size: give one")
        }
        guard partLength >= 1 else {
            throw ValidationError("--part is \(partLength): it must be at least 1")
        }
        guard output != UpscaleJob.standardStreamName || paths.count == 2 && !recursive else {
            throw ValidationError("- is one output: name a folder for several inputs")
        }
        guard height.map({ (1...65535).contains($0) }) ?? true else {
            throw ValidationError("--height is \(height ?? 0): it must be from 1 to 65535")
        }
    }

    func execute(_ console: Console) throws {
        let isList = paths.count > 2 || recursive
        if isList || (!writesToStandardOutput && UpscaleList.isList(input)) {
            return try upscaleList(console)
        }
        if !writesToStandardOutput {
            let replaces = writing.overwrite || resume && UnfinishedOutput.mayReplace(output)
            try OutputCheck(replaces: replaces, makesFolders: writing.makeFolders).check(output)
        }
        let options = try upscalerOptions(console)
        let method = try method(console)
        let outcome = try run(
            job(input, output), method, options, UpscaleNotices(input, console), console)
        let text = "\(outcome.text), \(method.name)"
        if writesToStandardOutput {
            console.remark(text)
        } else {
            console.output("\(text)\nwrote \(output)")
        }
        if outcome.reading.isDamaged { throw ExitCode.doneWithDamage }
    }

    func run(
        _ job: UpscaleJob, _ method: UpscalingMethod, _ options: UpscalerOptions,
        _ notices: UpscaleNotices, _ console: Console
    ) throws -> UpscaleJob.Outcome {
        var job = job
        let upscaler = try method.upscaler(options: options)
        job.methodSettings = method.settings(of: upscaler, options)
        let outcome = try job.run(
            with: upscaler, progress: console.progress.handler,
            cancellation: console.cancellation, notify: notices.handler)
        console.progress.finish()
        return outcome
    }

    private var writesToStandardOutput: Bool { output == UpscaleJob.standardStreamName }

    func upscalerOptions(_ console: Console) throws -> UpscalerOptions {
        var options = try runtime.options(console)
        options.window = try windows.clipWindow(standard: options.window)
        options.memoryLimit = try memoryLimit()
        if options.window == .whole { options.progress = console.progress.handler }
        return options
    }

    /// Three quarters of what there is, or what was said; none where windows are given.
    private func memoryLimit() throws -> Int? {
        if let memory { return try MemorySize(parsing: memory).bytes }
        return windows.window == nil ? AvailableMemory.bytes / 4 * 3 : nil
    }

    func method(_ console: Console) throws -> UpscalingMethod {
        let method = try UpscalingMethod(
            model ?? BundledModels.defaultName(), scale: bicubicScale(), foreign: foreign.options)
        for remark in method.remarks { console.remark(remark) }
        windows.remark(method, console)
        return method
    }

    func job(_ input: String, _ output: String) -> UpscaleJob {
        var job = UpscaleJob(input: input, output: output)
        job.encoding.codec = codec
        job.encoding.quality = quality
        job.encoding.preset = preset
        job.encoding.chroma = chroma
        for option in encoderOptions {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            job.encoding.encoderOptions[String(parts[0])] = String(parts[1])
        }
        job.encoding.depth = depth
        job.encoding.copiesOtherStreams = !noAudio
        job.encoding.refusesLosses = streams == .strict
        job.frameLimit = frames
        job.partLength = partLength
        job.replaces = writing.overwrite
        job.beginning = resume ? .resuming : writing.overwrite ? .replacing : .new
        job.damage = damage
        job.size = height.map { .height($0) } ?? scale.map { .scale($0) }
        job.deinterlacing = deinterlace
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

extension VideoCodec: ExpressibleByArgument {}
extension VideoWriterOptions.Chroma: ExpressibleByArgument {}
extension DamagePolicy: ExpressibleByArgument {}
extension Deinterlacer.Mode: ExpressibleByArgument {}
