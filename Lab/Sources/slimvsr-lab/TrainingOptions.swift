import ArgumentParser
import Torch
import VSRProgram
import VSRTraining

/// What all training commands take.
struct TrainingOptions: ParsableArguments {
    @Argument(help: "The run's settings, a YAML file.")
    var configuration: String

    @Flag(help: "Continue from the newest checkpoint of the run.")
    var resume = false

    @Option(help: "cpu, cuda or cuda:INDEX.")
    var device = "cpu"

    @Option(
        name: .customLong("set"),
        help: "Change a setting: KEY=VALUE, as in optimizer.rate=1e-4. Repeatable.")
    var overrides: [String] = []

    /// An environment where Ctrl-C and termination end the training with a checkpoint.
    ///
    /// - Throws: `invalidArgument` or `unsupported` for the device.
    func environment(_ console: Console) throws -> TrainingEnvironment {
        let device = try Device(parsing: device)
        try TorchThread.run { try device.load() }
        return TrainingEnvironment(
            device: device, isResuming: resume, progress: console.progress.handler,
            note: console.remark, cancellation: console.cancellation)
    }
}
