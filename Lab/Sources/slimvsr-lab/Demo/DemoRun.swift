import Foundation
import VSRCore
import VSRImaging
import VSRModel
import VSRReport
import VSRRuntime
import VSRTools
import VSRTraining

/// The demonstration: a dense model is compressed, compared, put to use and written about.
struct DemoRun {
    let plan: DemoPlan
    /// The name of a bundled model, or a model file.
    let model: String
    let folder: String
    /// The user's video; `nil` to upscale a rendered one.
    let input: String?
    let command: String
    let environment: TrainingEnvironment

    /// What was made.
    struct Outcome {
        var page: String
        var video: String
        var slimModel: String
        var report: Report
    }

    func run() throws -> Outcome {
        let start = DispatchTime.now().uptimeNanoseconds
        let reference = try ModelReference(model)
        let scale = try reference.readBlueprint().scale
        let clips = DemoClips(plan: plan, scale: scale)
        environment.note("1/7 Preparing clips")
        try prepareFolder()
        let showcase =
            try input.map { try clips.taken(from: $0) }
            ?? clips.rendered(to: "\(folder)/clip.mp4", progress: environment.progress)
        let methods = try DemoTraining(
            plan: plan, name: model, path: reference.path, folder: folder,
            environment: environment
        ).run()
        environment.note("6/7 Evaluating and timing")
        let evaluations = try evaluate(methods, clips, scale)
        let benchmarks = try time(methods)
        let pictures = try pictures(methods, showcase, scale)
        let slimModel = "\(folder)/slim.safetensors"
        try ModelFile.write(methods.slim.model, to: slimModel)
        let nanoseconds = DispatchTime.now().uptimeNanoseconds - start
        let report = try DemoReport(
            plan: plan, methods: methods, clips: showcase, evaluations: evaluations,
            benchmarks: benchmarks, pictures: pictures, command: command,
            minutes: Double(nanoseconds) / 60e9
        ).report()
        let page = "\(folder)/report.html"
        try ReportPage.write(report, to: page)
        environment.note("7/7 Upscaling \(showcase.video) with the slim network")
        let video = try upscale(showcase.video, methods.slim)
        return Outcome(page: page, video: video, slimModel: slimModel, report: report)
    }

    /// Makes the folder and clears away the training runs of an earlier demo, which would not be
    /// trained over.
    private func prepareFolder() throws {
        let files = FileManager.default
        do {
            try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for run in DemoTraining.runFolders where files.fileExists(atPath: "\(folder)/\(run)") {
                try files.removeItem(atPath: "\(folder)/\(run)")
            }
        } catch {
            throw VSRError(
                .io, "cannot write to the folder \(folder): choose another with --output",
                cause: error)
        }
    }

    private var options: UpscalerOptions {
        var options = UpscalerOptions()
        options.precision = .fp32
        options.cancellation = environment.cancellation
        return options
    }

    private func evaluate(
        _ methods: DemoMethods, _ clips: DemoClips, _ scale: Int
    ) throws -> [String: Evaluation.Outcome] {
        let pairs = clips.evaluation()
        let upscaling =
            [try UpscalingMethod(UpscalingMethod.bicubicName, scale: scale)]
            + methods.all.map { UpscalingMethod($0.model, name: $0.name) }
        var outcomes: [String: Evaluation.Outcome] = [:]
        for (index, method) in upscaling.enumerated() {
            outcomes[method.name] = try Evaluation().run(
                on: pairs, method: method.name, upscaler: try method.upscaler(options: options),
                cancellation: environment.cancellation)
            environment.progress?(
                ProgressUpdate(
                    "evaluate", completed: index + 1, total: upscaling.count, unit: "methods"))
        }
        return outcomes
    }

    /// The networks are timed alternately, so that other load on the machine affects them equally.
    private func time(_ methods: DemoMethods) throws -> [String: Benchmark.Outcome] {
        var benchmark = Benchmark()
        benchmark.frameSize = plan.benchmarkSize
        benchmark.frames = plan.benchmarkFrames / plan.benchmarkRounds
        benchmark.warmUpFrames = 1
        benchmark.precision = .fp32
        var outcomes: [String: Benchmark.Outcome] = [:]
        for round in 1...plan.benchmarkRounds {
            for network in methods.all {
                var outcome = try benchmark.run(
                    network.model, name: network.name, cancellation: environment.cancellation)
                let earlier = outcomes[network.name]?.measurements ?? []
                outcome.measurements = earlier + outcome.measurements
                outcome.milliseconds = Spread(outcome.measurements)
                outcomes[network.name] = outcome
            }
            environment.progress?(
                ProgressUpdate(
                    "time", completed: round, total: plan.benchmarkRounds, unit: "rounds"))
        }
        return outcomes
    }

    /// The last of the showcase's frames by every method.
    private func pictures(
        _ methods: DemoMethods, _ showcase: DemoClips.Showcase, _ scale: Int
    ) throws -> [(name: String, frame: Frame)] {
        guard let last = showcase.frames.last else { return [] }
        var pictures = [
            (UpscalingMethod.bicubicName, try BicubicUpscaler.upscaled(last, scale: scale))
        ]
        if let original = showcase.original { pictures.insert(("original", original), at: 0) }
        for network in [methods.baseline, methods.dense, methods.slim] {
            let upscaler = try Upscaler(model: network.model, options: options)
            if let frame = try upscaler.upscale(clip: showcase.frames).last {
                pictures.append((network.name, frame))
            }
        }
        // The slider opens with the first and the last.
        if showcase.original != nil { pictures.swapAt(0, 1) }
        return pictures.map { (name: $0.0, frame: $0.1) }
    }

    private func upscale(_ video: String, _ network: DemoMethods.Network) throws -> String {
        let output = "\(folder)/upscaled.mp4"
        let job = UpscaleJob(input: video, output: output)
        let outcome = try job.run(
            with: try Upscaler(model: network.model, options: options),
            progress: environment.progress, cancellation: environment.cancellation)
        environment.note(outcome.text)
        return output
    }
}
