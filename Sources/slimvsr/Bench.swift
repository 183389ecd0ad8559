import ArgumentParser
import VSRCore
import VSRModel
import VSRProgram
import VSRRuntime
import VSRTools

struct Bench: Command {
    static let configuration = CommandConfiguration(
        abstract: "Time a model: milliseconds per frame, per layer, memory.",
        discussion: """
            Times are those of a long clip, without its first frame or window. How long it takes \
            from the file to the first frame is printed separately.

            slimvsr bench model.safetensors --size 320x180 --threads 2
            slimvsr bench basicvsr-uni --size 320x180   # published networks get random weights
            """)

    @Argument(help: "A model's name or file, or a published network (see inspect).")
    var models: [String] = []

    @Flag(help: "Time every bundled model.")
    var allBundled = false

    @Option(help: "Size of the input frame, as WIDTHxHEIGHT.")
    var size = Blueprint.referenceFrameSize

    @OptionGroup var foreign: ForeignModelArguments

    @OptionGroup var runtime: RuntimeArguments

    @Option(help: "Frames to time, rounded to whole windows for bidirectional networks.")
    var frames = 20

    @Option(help: "Frames to run before timing starts.")
    var warmUp = 3

    @Flag(help: "Time what the stability guard costs, too: with and without it, alternating.")
    var guardCost = false

    @Flag(help: "Print everything as JSON.")
    var json = false

    @OptionGroup var general: GeneralOptions

    func validate() throws {
        guard models.isEmpty == allBundled else {
            throw ValidationError("Name a model, or give --all-bundled")
        }
    }

    func execute(_ console: Console) throws {
        var benchmark = Benchmark()
        benchmark.frameSize = size
        benchmark.threads = runtime.threads
        benchmark.precision = runtime.precision
        benchmark.instructionSets = try runtime.permittedSets()
        benchmark.frames = frames
        benchmark.warmUpFrames = warmUp
        benchmark.executor = runtime.executor
        benchmark.guardsStability = runtime.stabilityGuard == .on
        benchmark.timesGuard = guardCost
        let names = allBundled ? BundledModels.names : models
        var outcomes: [Benchmark.Outcome] = []
        for name in names {
            outcomes.append(
                try benchmark.run(
                    named: name, foreign: foreign.options, progress: console.progress.handler,
                    cancellation: console.cancellation))
        }
        console.progress.finish()
        for remark in outcomes.flatMap(\.remarks) { console.remark(remark) }
        if json {
            let single = outcomes.count == 1 ? outcomes.first : nil
            console.output(try single.map { try JSONText.text($0) } ?? JSONText.text(outcomes))
        } else {
            console.output(outcomes.map(\.text).joined(separator: "\n\n"))
        }
    }
}
