import ArgumentParser
import VSRCore
import VSRData
import VSRImaging
import VSRProgram
import VSRRuntime
import VSRTools

struct Evaluate: Command {
    static let configuration = CommandConfiguration(
        abstract: "Measure PSNR and SSIM of a model, or of bicubic interpolation, on clips.",
        discussion: """
            Low-resolution frames are made from the clips by the degradation named. Layout clips: \
            every video and every folder of pictures in DIR is a clip, or in its folders where DIR \
            itself has none; vid4: DIR/GT holds folders of pictures, DIR/BIx4 the published \
            low-resolution ones.

            Bidirectional networks take whole clips, as published figures do; clips too long for \
            the memory can be taken by --window.

            slimvsr evaluate --model bicubic --data vid4 --degradation BI
            slimvsr evaluate --model slim.safetensors --data clips --layout clips --json out.json

            --list names a file with one clip per line, as data sets publish their splits; --middle \
            measures the middle frame of each clip only, as is done with Vimeo-90K:

            slimvsr evaluate --model slim.safetensors --data vimeo_septuplet/sequences \
            --list vimeo_septuplet/sep_testlist.txt --middle

            --record-precision measures in fp32 and in bf16 and writes the loss into the model \
            file, by which --precision auto then decides.

            slimvsr evaluate --model slim.safetensors --data vid4 --record-precision
            """)

    @Option(help: "A model's name or file (see slimvsr models), or bicubic.")
    var model: String

    @Option(help: "The folder of the data set.")
    var data: String

    @Option(help: "clips or vid4 (default: vid4 where the folder has a GT, else clips).")
    var layout: ClipLayout?

    @Option(
        help: ArgumentHelp(
            "How low-resolution frames are made: BI, BD or BD-DUF (default: as those that the model "
                + "was trained for, else BI)."))
    var degradation: Degradation?

    @Option(name: .customLong("protocol"), help: "paper (8-bit rounding) or mmagic (none).")
    var measurement = MeasurementProtocol.paper

    @Option(help: "Channels that are measured: Y (brightness) or RGB.")
    var channels = MetricChannels.luma

    @Flag(help: "Use the low-resolution frames that come with the data set.")
    var published = false

    @Option(parsing: .upToNextOption, help: "Measure only these clips.")
    var clips: [String] = []

    @Option(help: "A file that lists the clips to be measured, one path per line.")
    var list: String?

    @Option(help: "Measure only the first N frames of each clip.")
    var frames: Int?

    @Flag(help: "Upscale all frames of a clip, but measure only the middle one.")
    var middle = false

    @Option(help: "The upscaling factor of bicubic: 2 or 4.")
    var scale = 4

    @OptionGroup var foreign: ForeignModelArguments

    @OptionGroup var runtime: RuntimeArguments

    @OptionGroup var windows: WindowArguments

    @Flag(help: "Measure what bf16 costs and write it into the model file.")
    var recordPrecision = false

    @Option(
        name: [.short, .long],
        help: "With --record-precision: the model file to write (default: the same file).")
    var output: String?

    @Option(help: "Write all figures to this file as JSON; - prints JSON instead of the table.")
    var json: String?

    @OptionGroup var general: GeneralOptions

    func validate() throws {
        guard recordPrecision || output == nil else {
            throw ValidationError("--output goes with --record-precision")
        }
        guard !recordPrecision || runtime.precision == .auto else {
            throw ValidationError(
                "--record-precision measures both precisions: leave --precision out")
        }
        guard !recordPrecision || runtime.executor == .tuned else {
            throw ValidationError(
                "--record-precision measures the tuned executor: leave --executor out")
        }
    }

    func execute(_ console: Console) throws {
        if recordPrecision { return try record(console) }
        let method = try UpscalingMethod(model, scale: scale, foreign: foreign.options)
        let evaluation = try evaluation(of: method)
        let window = try windows.clipWindow(standard: .whole)
        for remark in method.remarks { console.remark(remark) }
        windows.remark(method, console)
        let outcome = try evaluation.run(
            method, on: data, layout: layout, names: clips.isEmpty ? nil : clips, list: list,
            window: window, options: try runtime.options(console),
            progress: console.progress.handler, cancellation: console.cancellation)
        console.progress.finish()
        for warning in outcome.warnings { console.remark("warning: \(warning)") }
        try show(outcome, outcome.text, console)
    }

    private func record(_ console: Console) throws {
        var measurement = try PrecisionMeasurement(
            model, output: output, foreign: foreign.options)
        measurement.evaluation = try evaluation(of: try UpscalingMethod(model))
        measurement.window = try windows.clipWindow(standard: measurement.window)
        let outcome = try measurement.run(
            on: data, layout: layout, names: clips.isEmpty ? nil : clips, list: list,
            options: try runtime.options(console), progress: console.progress.handler,
            cancellation: console.cancellation)
        console.progress.finish()
        for warning in outcome.fp32.warnings { console.remark("warning: \(warning)") }
        try show(outcome, outcome.text + "\nwrote \(measurement.output)", console)
    }

    private func evaluation(of method: UpscalingMethod) throws -> Evaluation {
        var evaluation = Evaluation()
        evaluation.conventions = MetricConventions(measurement: measurement, channels: channels)
        evaluation.chooseDegradation(degradation, for: method)
        evaluation.usesPublishedFrames = published
        evaluation.frameLimit = frames
        evaluation.measuresMiddleOnly = middle
        return evaluation
    }

    private func show(_ outcome: some Encodable, _ text: String, _ console: Console) throws {
        if json == "-" {
            console.output(try JSONText.text(outcome))
            return
        }
        console.output(text)
        if let json {
            try JSONText.write(outcome, to: json)
            console.output("wrote \(json)")
        }
    }
}

extension ClipLayout: ExpressibleByArgument {}
extension Degradation: ExpressibleByArgument {}
extension MeasurementProtocol: ExpressibleByArgument {}
extension MetricChannels: ExpressibleByArgument {}
