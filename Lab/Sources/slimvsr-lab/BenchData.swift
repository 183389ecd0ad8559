import ArgumentParser
import VSRConfiguration
import VSRCore
import VSRProgram
import VSRTraining

struct BenchData: Command {
    static let configuration = CommandConfiguration(
        commandName: "bench-data",
        abstract: "Time how long training waits for clips that do not fit into memory.",
        discussion: """
            slimvsr-lab bench-data Configurations/finetune-uni-small.yml --set model=uni-small-slim \
            --set temporal.teacher=uni-small --set iterations=300

            Renders clips into a temporary folder of PNG pictures, finetunes with a tenth of them in \
            memory and then with all of them, and compares speed, waiting time and weights.
            """)

    @Argument(help: "A finetuning configuration, a YAML file.")
    var configuration: String

    @Option(help: "Clips to be rendered.")
    var clips = 60

    @Option(help: "Frames of each clip.")
    var frames = 24

    @Option(help: "Size of the clips, WIDTHxHEIGHT.")
    var size = "320x180"

    @Option(help: "Seed of the rendered scenes.")
    var seed: UInt64 = 1

    @Option(
        name: .customLong("set"), help: "Change a setting: KEY=VALUE. Repeatable.")
    var overrides: [String] = []

    @Flag(help: "Print all figures, as JSON.")
    var json = false

    @OptionGroup var general: GeneralOptions

    func validate() throws {
        guard (1...100_000).contains(clips), (1...100_000).contains(frames) else {
            throw ValidationError("--clips and --frames must be in 1...100000")
        }
        guard FrameSize(size) != nil else {
            throw ValidationError("--size must be such as 320x180, not \(size)")
        }
    }

    func execute(_ console: Console) throws {
        let settings = try ConfigurationFile.load(
            Finetune.Configuration.self, path: configuration, overrides: overrides)
        var set = DataBenchmark.ClipSet()
        set.clips = clips
        set.frames = frames
        set.size = FrameSize(size) ?? set.size
        set.seed = seed
        let result = try DataBenchmark(
            settings, set: set,
            environment: TrainingEnvironment(
                progress: console.progress.handler, cancellation: console.cancellation))
        console.progress.finish()
        console.output(json ? try JSONText.text(result) : result.text)
    }
}
