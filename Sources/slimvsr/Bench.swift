import ArgumentParser
import VSRCore
import VSRModel
import VSRRuntime
import VSRTools

struct Bench: Command {
    static let configuration = CommandConfiguration(
        abstract: "Time a model: milliseconds per frame, per layer, memory.",
        discussion: """
            slimvsr bench model.safetensors --size 320x180 --threads 2
            slimvsr bench basicvsr-uni --size 320x180   # published networks get random weights
            """)

    @Argument(help: "A model file, a bundled model, or a published network (see inspect).")
    var models: [String] = []

    @Flag(help: "Time every bundled model.")
    var allBundled = false

    @Option(help: "The low-resolution frame, as WIDTHxHEIGHT.")
    var size = Blueprint.referenceFrameSize

    @Option(help: "Threads (default: one per core).")
    var threads: Int?

    @Option(help: "auto, fp32 or bf16.")
    var precision = UpscalerOptions.Precision.auto

    @Option(help: "Frames timed.")
    var frames = 20

    @Option(help: "Frames before those that are timed.")
    var warmUp = 3

    @Option(help: "tuned, or reference: plain loops, slow, for comparison.")
    var executor = UpscalerOptions.Executor.tuned

    @Flag(help: "Print everything as JSON.")
    var json = false

    func validate() throws {
        guard models.isEmpty == allBundled else {
            throw ValidationError("Name a model, or give --all-bundled")
        }
    }

    func execute(_ console: Console) throws {
        var benchmark = Benchmark()
        benchmark.frameSize = size
        benchmark.threads = threads
        benchmark.precision = precision
        benchmark.frames = frames
        benchmark.warmUpFrames = warmUp
        benchmark.executor = executor
        let names = allBundled ? BundledModels.names : models
        var outcomes: [Benchmark.Outcome] = []
        for name in names {
            outcomes.append(
                try benchmark.run(
                    try Benchmark.model(named: name), name: name,
                    progress: console.progress.handler, cancellation: console.cancellation))
        }
        console.progress.finish()
        if json {
            let single = outcomes.count == 1 ? outcomes.first : nil
            console.output(try single.map { try JSONText.text($0) } ?? JSONText.text(outcomes))
        } else {
            console.output(outcomes.map(\.text).joined(separator: "\n\n"))
        }
    }
}

extension UpscalerOptions.Executor: ExpressibleByArgument {}
