import ArgumentParser
import Foundation
import Torch
import VSRCore
import VSRTraining

/// What all training commands take.
struct TrainingOptions: ParsableArguments {
    @Argument(help: "The run's settings, a YAML file.")
    var configuration: String

    @Flag(help: "Go on from the run's newest checkpoint.")
    var resume = false

    @Option(help: "cpu, cuda or cuda:INDEX.")
    var device = "cpu"

    @Option(
        name: .customLong("set"),
        help: "Change a setting: KEY=VALUE, the key dotted (optimizer.rate=1e-4). Repeatable.")
    var overrides: [String] = []

    /// Runs `body` where Ctrl-C and termination end the training with a checkpoint.
    func run(_ body: (TrainingEnvironment) throws -> Void) throws {
        let printer = ProgressPrinter()
        let interruption = Interruption()
        defer { interruption.end() }
        do {
            let device = try Device(parsing: device)
            try TorchThread.run { try device.load() }
            let environment = TrainingEnvironment(
                device: device, isResuming: resume, progress: printer.handler,
                note: { printer.note($0) }, cancellation: interruption.cancellation)
            try body(environment)
            printer.finish()
        } catch let error as VSRError {
            printer.finish()
            printer.note("slimvsr-lab: \(error.message)")
            throw ExitCode(1)
        }
    }
}
