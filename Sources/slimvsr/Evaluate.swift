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
            --benchmark measures a published test set as papers do and says how: reds4 and redsval4 \
            (RGB, BI), vimeo90k-t (clips mirrored, middle frame, Y, BI or BD), vid4 (Y, BI or BD), \
            udm10 and spmcs (Y, BD).

            slimvsr evaluate --model basicvsr-reds --benchmark reds4 --data REDS
            slimvsr evaluate --model bicubic --benchmark vid4 --data Vid4 --published

            Low-resolution frames are made from the clips by the degradation named, or taken from the \
            data set by --published. Layouts, recognized by what lies in DIR: clips (every video and \
            every folder of pictures is a clip, or in its folders where DIR itself has none), vid4 \
            (GT, BIx4, BDx4 hold folders of pictures), reds (train_sharp, train_sharp_bicubic/X4), \
            vimeo90k (sequences/00001/0266/im1.png), spmcs (CLIP/truth). slimvsr verify-data says what \
            it finds.

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

    @Option(
        help: "A published test set: \(BenchmarkPreset.allValueStrings.joined(separator: ", ")).")
    var benchmark: BenchmarkPreset?

    @Option(
        help: ArgumentHelp(
            "\(ClipLayout.allValueStrings.joined(separator: ", ")) (default: what DIR is recognized as)."
        ))
    var layout: ClipLayout?

    @Option(
        help: ArgumentHelp(
            "How low-resolution frames are made: BI, BD or BD-DUF (default: as those that the model "
                + "was trained for, else BI)."))
    var degradation: Degradation?

    @Option(
        name: .customLong("protocol"),
        help: "paper (8-bit rounding) or mmagic (none) (default: paper).")
    var measurement: MeasurementProtocol?

    @Option(help: "Channels that are measured: Y (brightness) or RGB (default: Y).")
    var channels: MetricChannels?

    @Flag(help: "Use the low-resolution frames that come with the data set.")
    var published = false

    @Option(help: "Use the low-resolution frames in this folder, of the data set or elsewhere.")
    var lowResolution: String?

    @Option(parsing: .upToNextOption, help: "Measure only these clips.")
    var clips: [String] = []

    @Option(help: "A file that lists the clips to be measured, one path per line.")
    var list: String?

    @Option(help: "Measure only the first N frames of each clip.")
    var frames: Int?

    @Flag(help: "Upscale all frames of a clip, but measure only the middle one.")
    var middle = false

    @Flag(help: "Upscale each clip followed by its reversal, and average the two outputs.")
    var mirror = false

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
        try checkBenchmark()
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

    /// - Throws: The sentence that names what contradicts the benchmark.
    private func checkBenchmark() throws {
        guard let benchmark else { return }
        func refuse(_ option: String, _ wanted: String) throws -> Never {
            throw ValidationError(
                "--benchmark \(benchmark.rawValue) measures \(wanted): leave \(option) or --benchmark out"
            )
        }
        let known = benchmark.degradations.map(\.rawValue).joined(separator: " or ")
        if let degradation, !benchmark.degradations.contains(degradation) {
            try refuse("--degradation \(degradation.rawValue)", "frames made by \(known)")
        }
        if let channels, channels != benchmark.channels {
            try refuse("--channels \(channels.rawValue)", "on \(benchmark.channels.rawValue)")
        }
        if measurement == .mmagic { try refuse("--protocol mmagic", "frames rounded to 8 bits") }
        if frames != nil { try refuse("--frames", "all frames of its clips") }
        if !clips.isEmpty { try refuse("--clips", "clips of its own") }
        if list != nil, benchmark != .vimeo90kT { try refuse("--list", "clips of its own") }
        if middle, !benchmark.measuresMiddleOnly { try refuse("--middle", "all frames of a clip") }
        if mirror, !benchmark.mirrorsClips { try refuse("--mirror", "clips as they are") }
        if scale != 4 { try refuse("--scale \(scale)", "at scale 4") }
        if windows.window != nil { try refuse("--window", "whole clips") }
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
        try console.show(outcome, outcome.text, json: json)
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
        try console.show(outcome, outcome.text + "\nwrote \(measurement.output)", json: json)
    }

    private func evaluation(of method: UpscalingMethod) throws -> Evaluation {
        var evaluation = Evaluation()
        if let benchmark {
            guard method.scale == 4 else {
                throw VSRError(
                    .invalidArgument,
                    "--benchmark \(benchmark.rawValue) measures at scale 4, but \(method.name) upscales "
                        + "by \(method.scale)")
            }
            evaluation.adopt(benchmark, degradation: degradation, for: method)
        } else {
            evaluation.conventions = MetricConventions(
                measurement: measurement ?? .paper, channels: channels ?? .luma)
            evaluation.chooseDegradation(degradation, for: method)
            evaluation.frameLimit = frames
            evaluation.measuresMiddleOnly = middle
            evaluation.mirrorsClips = mirror
        }
        evaluation.usesPublishedFrames = published || lowResolution != nil
        evaluation.lowResolutionName = lowResolution
        return evaluation
    }
}

extension ClipLayout: ExpressibleByArgument {}
extension Degradation: ExpressibleByArgument {}
extension MeasurementProtocol: ExpressibleByArgument {}
extension MetricChannels: ExpressibleByArgument {}
extension BenchmarkPreset: ExpressibleByArgument {}
