import ArgumentParser
import Foundation
import Torch
import VSRCore
import VSRTools
import VSRTraining

struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compress a bundled model, compare it, upscale a video, write a report.",
        discussion: """
            A dense model loses half its operations by the whole method (regularisation, surgery, \
            temporal finetuning) on rendered clips, and is compared with a baseline of equal cost. \
            A few minutes on two cores.

            slimvsr-lab demo
            slimvsr-lab demo --input holiday.mp4
            """)

    @Option(help: "A video to be upscaled; without one, a scene is rendered.")
    var input: String?

    @Option(help: "The folder for everything that is made.")
    var output = "demo-output"

    @Option(help: "A bundled model or a model file (default: the bundled dense one).")
    var model: String?

    @Option(help: "Seed of scenes and samples.")
    var seed: UInt64 = 1

    @Option(help: "Threads for training; 0 for one per core.")
    var threads = 0

    func run() throws {
        let printer = ProgressPrinter()
        let interruption = Interruption()
        defer { interruption.end() }
        do {
            let outcome = try demo(printer, interruption.cancellation)
            printer.finish()
            print("\n\(outcome.report.methodsText)\n")
            print("report       \(outcome.page)")
            print("video        \(outcome.video)")
            print("slim model   \(outcome.slimModel)")
        } catch let error as VSRError {
            printer.finish()
            printer.note("slimvsr-lab: \(error.message)")
            throw ExitCode(1)
        }
    }

    private func demo(
        _ printer: ProgressPrinter, _ cancellation: Cancellation
    ) throws -> DemoRun.Outcome {
        if let input, !FileManager.default.fileExists(atPath: input) {
            throw VSRError(.notFound, "there is no video \(input)")
        }
        var plan = DemoPlan()
        plan.seed = seed
        plan.threads = threads
        let environment = TrainingEnvironment(
            progress: printer.handler, note: { printer.note($0) }, cancellation: cancellation)
        let arguments = CommandLine.arguments.dropFirst().joined(separator: " ")
        return try DemoRun(
            plan: plan, model: try model ?? BundledModels.defaultDenseName(), folder: output,
            input: input, command: "slimvsr-lab \(arguments)", environment: environment
        ).run()
    }
}
