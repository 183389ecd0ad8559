import ArgumentParser
import VSRCore
import VSRData
import VSRImaging
import VSRProgram
import VSRRuntime
import VSRTools

struct StabilityCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "stability",
        abstract: "Measure whether a model's frames stay good over a thousand frames and more.",
        discussion: """
            Recurrent networks can drift: on a still picture some of them lose many decibels within \
            some hundred frames. This upscales rendered clips, much longer than those of training, \
            and gives PSNR and the size of the hidden states over time. Clips: still (one frame with \
            fresh noise), pan (an eighth of a pixel per frame), long (a scene in motion), object (a \
            disc before a still frame), fade (a still frame that darkens and brightens).

            slimvsr stability basicvsr-vimeo-bi
            slimvsr stability slim.safetensors --clips still --frames 3000 --stability-guard off
            slimvsr stability slim.safetensors --compare-guard --clips pan long --data vid4/ --layout \
            vid4

            The last one upscales clips with the stability guard and without it instead, and fails if \
            any bit of a clip in motion differs; clips in --data are taken to move.
            """)

    @Argument(help: "A model's name or file (see slimvsr models).")
    var model: String

    @Option(parsing: .upToNextOption, help: "Clips: still, pan, long, object, fade.")
    var clips = StabilityClip.standard

    @Option(help: "Frames of each clip.")
    var frames = 1000

    @Option(help: "Size of the input frame, as WIDTHxHEIGHT.")
    var size = FrameSize(width: 64, height: 48)

    @Option(help: "Standard deviation of the noise in still clips, in 8-bit levels.")
    var noise = 1.5

    @Option(help: "Seed of the scenes and of the noise.")
    var seed: UInt64 = 1

    @Option(help: "BI, BD or BD-DUF (default: what the model was trained for, else BI).")
    var degradation: Degradation?

    @Flag(help: "Compare frames with the stability guard and without it, bit by bit.")
    var compareGuard = false

    @Option(help: "With --compare-guard: scenes of each clip, seeds from --seed on.")
    var scenes = 1

    @Option(help: "With --compare-guard: compare these clips too, a folder.")
    var data: String?

    @Option(help: "The layout of --data, as evaluate has them (default: what it is recognized as).")
    var layout: ClipLayout?

    @OptionGroup var foreign: ForeignModelArguments

    @OptionGroup var runtime: RuntimeArguments

    @OptionGroup var windows: WindowArguments

    @Option(help: "Write every frame's figures to this file as JSON; - prints them.")
    var json: String?

    @Option(help: "Write a page with charts to this file.")
    var report: String?

    @OptionGroup var general: GeneralOptions

    func validate() throws {
        guard (1...1000).contains(scenes) else {
            throw ValidationError("--scenes must be in 1...1000, not \(scenes)")
        }
        guard compareGuard || (scenes == 1 && data == nil) else {
            throw ValidationError("--scenes and --data go with --compare-guard")
        }
        guard !compareGuard || report == nil else {
            throw ValidationError("--report goes without --compare-guard")
        }
    }

    func execute(_ console: Console) throws {
        let method = try UpscalingMethod(model, foreign: foreign.options)
        for remark in method.remarks { console.remark(remark) }
        windows.remark(method, console)
        var stability = Stability()
        stability.clips = clips
        stability.frames = frames
        stability.frameSize = size
        stability.noise = noise
        stability.seed = seed
        stability.degradation = degradation
        stability.options = try runtime.options(console)
        stability.options.window = try windows.clipWindow(standard: UpscalerOptions().window)
        if compareGuard {
            try compare(method, stability, console)
            return
        }
        let outcome = try stability.run(method, progress: console.progress.handler)
        console.progress.finish()
        if let report { try outcome.writePage(to: report) }
        try console.show(outcome, outcome.text, json: json)
        if let report, json != "-" { console.output("wrote \(report)") }
    }
}

extension StabilityCommand {
    private func clips(at folder: String) throws -> [ClipPair] {
        guard let layout else { return try DataSet(recognizing: folder).clips() }
        return try layout.clips(at: folder)
    }

    /// - Throws: `corruptData` where the guard changes a clip in motion.
    private func compare(
        _ method: UpscalingMethod, _ stability: Stability, _ console: Console
    ) throws {
        var comparison = GuardComparison(stability)
        comparison.scenes = scenes
        let recorded = try data.map { try clips(at: $0) } ?? []
        let outcome = try comparison.run(
            method, recorded: recorded, progress: console.progress.handler)
        console.progress.finish()
        try console.show(outcome, outcome.text, json: json)
        guard outcome.faults.isEmpty else {
            throw VSRError(
                .corruptData,
                "the stability guard changes frames of clips in motion: report it with these clips, "
                    + "or pass --stability-guard off where it harms")
        }
    }
}

extension StabilityClip: ExpressibleByArgument {}
