import Foundation
import Torch
import VSRCore
import VSRModel
import VSRNetworks

/// One side of `Benchmarks/training-step`: makes a training step for every line it is sent.
///
///     training-step-benchmark FOLDER
///
/// FOLDER holds `settings.json`, `clip.f32` and `target.f32`. It writes `model.safetensors` there,
/// the weights that it starts from, and prints `ready`; then, for each line of its input, it makes
/// one step and prints its nanoseconds, those of processor time in all threads, and its loss.
@main
struct TrainingStepBenchmark {
    static func main() {
        do {
            guard CommandLine.arguments.count == 2 else {
                throw VSRError(
                    .invalidArgument,
                    "training-step-benchmark takes one folder: see Benchmarks/training-step")
            }
            let folder = URL(fileURLWithPath: CommandLine.arguments[1])
            try TorchThread.run { try answer(folder) }
        } catch {
            FileHandle.standardError.write(Data("error: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func answer(_ folder: URL) throws {
        let settings = try JSONDecoder().decode(
            Settings.self, from: Data(contentsOf: folder.appendingPathComponent("settings.json")))
        let step = try TrainingStep(settings, folder)
        send("ready")
        while readLine() != nil {
            let start = (nanoseconds(of: CLOCK_MONOTONIC), nanoseconds(of: processorTime))
            let loss = try step.run()
            let time = nanoseconds(of: CLOCK_MONOTONIC) - start.0
            send("\(time) \(nanoseconds(of: processorTime) - start.1) \(loss)")
        }
    }

    private static let processorTime = CLOCK_PROCESS_CPUTIME_ID

    private static func nanoseconds(of clock: clockid_t) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    private static func send(_ line: String) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }
}
