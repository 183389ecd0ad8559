// Our side of the comparison. Two uses:
//
//     peer-runner make PRESET RATIO SEED FILE     a model with untrained weights, pruned at random
//     peer-runner serve FILE WxH THREADS EXECUTOR PRECISION
//
// The second answers every line on its input: `run` by the milliseconds that a frame took, elapsed and
// of processor time, `profile` by the recorded times as one line of JSON, `memory` by the resident megabytes.
import Foundation
import VSRCore
import VSRModel
import VSRPruning
import VSRRuntime

/// Untrained weights, with flows of about a pixel (method's initialisation has none), pruned at
/// random, which gives the irregular widths of global selection.
func makeModel(_ arguments: [String]) throws {
    guard arguments.count == 4, let ratio = Double(arguments[1]), let seed = UInt64(arguments[2])
    else { throw VSRError(.invalidArgument, "make takes PRESET RATIO SEED FILE") }
    let blueprint = try Blueprint.preset(named: arguments[0]).blueprint()
    var model = try Model.initialised(blueprint, seed: seed)
    var random = SeededGenerator(seed: seed)
    for level in 0..<blueprint.flow.levels {
        let name = Blueprint.flowLayerName(level: level, convolution: 4) + ".weight"
        guard let shape = model.tensors[name]?.shape else { continue }
        let values = (0..<shape.reduce(1, *)).map { _ in (random.uniform() - 0.5) * 0.1 }
        model.tensors[name] = ModelTensor(shape: shape, values: values)
    }
    if ratio > 0 {
        let options = PruningOptions(order: .random, seed: seed)
        model = try model.removing(
            UnitSelection(pruning: model, to: .ratio(ratio), options: options))
    }
    try ModelFile.write(model, to: arguments[3])
    let costs = model.blueprint.costs()
    print(costs.macs, costs.flowMacs)
}

/// Residents of this process in MB.
func residentMegabytes() -> Double {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n") where line.hasPrefix("VmHWM:") {
        return (Double(line.split(separator: " ").dropFirst().first ?? "") ?? 0) / 1024
    }
    return 0
}

func serve(_ arguments: [String]) throws {
    guard arguments.count == 5, let size = FrameSize(arguments[1]),
        let threads = Int(arguments[2]),
        let executor = UpscalerOptions.Executor(rawValue: arguments[3]),
        let precision = UpscalerOptions.Precision(rawValue: arguments[4])
    else {
        throw VSRError(.invalidArgument, "serve takes FILE WxH THREADS EXECUTOR PRECISION")
    }
    var options = UpscalerOptions()
    options.threads = threads
    options.executor = executor
    options.precision = precision
    options.isProfiled = ProcessInfo.processInfo.environment["PROFILE"] != nil
    let start = ContinuousClock.now
    let upscaler = try Upscaler(
        model: ModelFile.read(arguments[0]), frameSize: size, options: options)
    var random = SeededGenerator(seed: 1)
    let clip = (0..<3).map { _ in
        Frame(size: size, samples: (0..<3 * size.area).map { _ in random.uniform() })
    }
    let output = size.scaled(by: upscaler.scale)
    let target = UnsafeMutableBufferPointer<Float>.allocate(capacity: 3 * output.area)
    defer { target.deallocate() }
    var count = 0
    func runFrame() throws -> String {
        let begin = ContinuousClock.now
        let processorBegin = processorMilliseconds()
        try clip[count % clip.count].samples.withUnsafeBufferPointer {
            _ = try upscaler.push(.planarFloats($0, size: size))
        }
        while upscaler.readyFrames > 0 {
            try upscaler.pull(into: .planarFloats(target, size: output))
        }
        count += 1
        let wall = milliseconds(ContinuousClock.now - begin)
        return "\(wall) \(processorMilliseconds() - processorBegin)"
    }
    _ = try runFrame()
    answer("ready \(milliseconds(ContinuousClock.now - start)) \(upscaler.instructionSetName)")
    while let line = readLine() {
        switch line {
        case "run": answer(try runFrame())
        case "memory": answer("\(residentMegabytes())")
        case "profile":
            let rows = upscaler.profile.map {
                "\"\($0.name)\": [\($0.calls), \($0.seconds * 1e3)]"
            }
            answer("{\(rows.joined(separator: ", "))}")
        default: throw VSRError(.invalidArgument, "\"\(line)\" is no request")
        }
    }
}

/// Time that all threads of this process have spent on processors.
func processorMilliseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) * 1e-6
}

/// Written at once, since the other side waits for it.
func answer(_ line: String) {
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
}

func milliseconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) * 1e3 + Double(duration.components.attoseconds) * 1e-15
}

do {
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch arguments.first {
    case "make": try makeModel(Array(arguments.dropFirst()))
    case "serve": try serve(Array(arguments.dropFirst()))
    default: throw VSRError(.invalidArgument, "the first argument is make or serve")
    }
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
