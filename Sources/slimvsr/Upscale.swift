import ArgumentParser
import VSRCore
import VSRModel
import VSRProgram
import VSRRuntime
import VSRTools

struct Upscale: Command {
    static let configuration = CommandConfiguration(
        abstract: "Upscale a video, a picture, or a folder of pictures.",
        discussion: """
            The output's name says what is written: an .mp4, .mov or .mkv file, a .png or .jpg \
            picture, or a folder for PNG pictures. Audio and subtitles are copied. A picture's \
            orientation mark and color profile are not applied.

            Bidirectional networks work in windows of 16 frames with 8 more ahead, in bounded \
            memory; --window changes that.

            slimvsr upscale in.mp4 out.mp4
            slimvsr upscale picture.png bigger.png
            slimvsr upscale frames/ upscaled/ --model my-model.safetensors --threads 2
            """)

    @Argument(help: "A video file, a PNG or JPEG picture, or a folder of such pictures.")
    var input: String

    @Argument(
        help: "A video (.mp4, .mov, .mkv), a picture (.png, .jpg) or a folder for PNG pictures.")
    var output: String

    @Option(
        help: "A model's name or file (see slimvsr models), or bicubic (default: a bundled one).")
    var model: String?

    @Option(help: "The upscaling factor of bicubic: 2 or 4.")
    var scale = 4

    @OptionGroup var foreign: ForeignModelArguments

    @OptionGroup var runtime: RuntimeArguments

    @OptionGroup var windows: WindowArguments

    @Option(help: "Constant rate factor (CRF) of the video: 0 (best, largest file) to 51.")
    var quality = 18.0

    @Option(help: "Speed of encoding: x264's preset, from ultrafast to veryslow.")
    var preset = "medium"

    @Option(help: "Upscale only the first N frames.")
    var frames: Int?

    @Flag(help: "Leave audio and subtitles out.")
    var noAudio = false

    @OptionGroup var general: GeneralOptions

    func execute(_ console: Console) throws {
        var options = try runtime.options(console)
        options.window = try windows.clipWindow(standard: options.window)
        if options.window == .whole { options.progress = console.progress.handler }
        var job = UpscaleJob(input: input, output: output)
        job.encoding.quality = quality
        job.encoding.preset = preset
        job.encoding.copiesOtherStreams = !noAudio
        job.frameLimit = frames
        let method = try UpscalingMethod(
            model ?? BundledModels.defaultName(), scale: scale, foreign: foreign.options)
        for remark in method.remarks { console.remark(remark) }
        windows.remark(method, console)
        let outcome = try job.run(
            with: try method.upscaler(options: options), progress: console.progress.handler,
            cancellation: console.cancellation)
        console.progress.finish()
        console.output("\(outcome.text), \(method.name)\nwrote \(output)")
    }
}
