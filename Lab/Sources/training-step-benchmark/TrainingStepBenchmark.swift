import Foundation
import Torch
import VSRConfiguration
import VSRCore
import VSRModel
import VSRTraining

/// One side of `Benchmarks/training-step`: makes a step of pretraining for every line it is sent.
///
///     training-step-benchmark FOLDER [KEY=VALUE…]
///
/// FOLDER holds `settings.yml`, which a run of `slimvsr-lab pretrain` could be given, and the batch,
/// `clip.f32` and `target.f32`; each KEY=VALUE changes a setting. It writes `model.safetensors`
/// there, the weights that it starts from, and prints `ready`; then, for each line of its input, it
/// makes one step and prints its nanoseconds, those of processor time in all threads, and its loss.
@main
struct TrainingStepBenchmark {
    static func main() {
        do {
            guard CommandLine.arguments.count > 1 else {
                throw VSRError(
                    .invalidArgument,
                    "training-step-benchmark takes a folder: see Benchmarks/training-step")
            }
            let folder = URL(fileURLWithPath: CommandLine.arguments[1])
            let settings = try ConfigurationFile.load(
                Pretrain.Configuration.self,
                path: folder.appendingPathComponent("settings.yml").path,
                overrides: Array(CommandLine.arguments.dropFirst(2)))
            try TorchThread.run { try answer(settings, folder) }
        } catch {
            FileHandle.standardError.write(Data("error: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func answer(_ settings: Pretrain.Configuration, _ folder: URL) throws {
        if settings.run.threads > 0 { try setThreadCount(settings.run.threads) }
        let model = try Model.initialized(settings.network.blueprint, seed: settings.run.seed)
        try ModelFile.write(model, to: folder.appendingPathComponent("model.safetensors").path)
        let (data, scale) = (settings.data, settings.network.scale)
        func clips(_ name: String, _ side: Int) throws -> Tensor {
            try Data(contentsOf: folder.appendingPathComponent(name)).withUnsafeBytes {
                try Tensor(
                    bytes: $0, shape: [data.batchSize, data.frames, 3, side, side], dtype: .float32)
            }
        }
        let batch = ClipBatch(
            low: try clips("clip.f32", data.patch),
            high: try clips("target.f32", data.patch * scale))
        let step = try RepeatedStep(settings, from: model, on: batch)
        send("ready")
        while readLine() != nil {
            let result = try step()
            send(
                "\(nanoseconds(result.seconds)) \(nanoseconds(result.processorSeconds)) \(result.loss)"
            )
        }
    }

    private static func nanoseconds(_ seconds: Double) -> Int { Int((seconds * 1e9).rounded()) }

    private static func send(_ line: String) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }
}
