import ArgumentParser
import Foundation
import VSRCore
import VSRProgram
import VSRTools
import VSRTraining

struct Demo: Command {
    static let configuration = CommandConfiguration(
        abstract: "Compress a bundled model, compare it, upscale a video, write a report.",
        discussion: """
            A dense model loses half its operations in three steps (regularization, surgery, \
            temporal finetuning) on rendered clips, and is compared with a baseline of equal cost \
            and with the dense model, both trained as long. A few minutes on two cores.

            slimvsr-lab demo
            slimvsr-lab demo --input holiday.mp4
            """)

    @Option(help: "A video to upscale (default: a rendered scene).")
    var input: String?

    @Option(help: "The folder for all results.")
    var output = "demo-output"

    @Option(help: "A bundled model or a model file (default: the bundled dense one).")
    var model: String?

    @Option(help: "Seed of scenes and samples.")
    var seed: UInt64 = 1

    @Option(help: "Threads for training; 0 for one per core.")
    var threads = 0

    @OptionGroup var general: GeneralOptions

    func validate() throws {
        guard (0...RunSettings.maximumThreads).contains(threads) else {
            throw ValidationError(
                "--threads must be in 0...\(RunSettings.maximumThreads), not \(threads)")
        }
    }

    func execute(_ console: Console) throws {
        let outcome = try demo(console)
        console.progress.finish()
        console.output(
            """

            \(outcome.report.methodsText)

            report       \(outcome.page)
            video        \(outcome.video)
            slim model   \(outcome.slimModel)
            """)
    }

    private func demo(_ console: Console) throws -> DemoRun.Outcome {
        if let input, !FileManager.default.fileExists(atPath: input) {
            throw VSRError(.notFound, "there is no video \(input)")
        }
        var plan = DemoPlan()
        plan.seed = seed
        plan.threads = threads
        let environment = TrainingEnvironment(
            progress: console.progress.handler, note: console.remark,
            cancellation: console.cancellation)
        let arguments = CommandLine.arguments.dropFirst().joined(separator: " ")
        return try DemoRun(
            plan: plan, model: try model ?? BundledModels.defaultDenseName(), folder: output,
            input: input, command: "slimvsr-lab \(arguments)", environment: environment
        ).run()
    }
}
