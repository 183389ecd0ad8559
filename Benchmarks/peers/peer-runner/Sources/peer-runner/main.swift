// Our side of the comparison: a server that runs one part of one model again and again.
//
//     peer-runner PART FILE WxH THREADS EXECUTOR PRECISION INPUTS
//
// PART is frame, network (a frame without its flow), trunk, upsampler, flow or warp. INPUTS holds
// float32 planes: three pictures [3, height, width] and a flow [2, height, width]. It says
// `ready MILLISECONDS SET PRECISION` (from reading the file to the first result) and answers
// every line on its input:
//
//     run             milliseconds elapsed, and of processor time or -
//     result FILE     writes what is to be checked there as float32; answers the number of values
//     memory          the process's resident memory at its highest, in MB
//
//     peer-runner handover
//
// says in how many nanoseconds one core sees what another has written.
import Foundation
import VSRCore
import VSRRuntime

/// Something that can be timed and checked.
protocol Part {
    var instructionSetName: String { get }
    var precision: UpscalerOptions.Precision { get }

    func run() throws -> Timing
    /// Values that other engines' are compared with.
    func result() throws -> [Float]
}

/// Milliseconds that one run took.
struct Timing {
    var elapsed: Double
    /// Of all threads; `nil` where the part shares a call with others.
    var processor: Double?
}

/// What the command line says.
struct Configuration {
    var model: String
    var size: FrameSize
    var options = UpscalerOptions()
    var inputs: Inputs

    init(_ arguments: [String]) throws {
        guard arguments.count == 6, let size = FrameSize(arguments[1]),
            let threads = Int(arguments[2]),
            let executor = UpscalerOptions.Executor(rawValue: arguments[3]),
            let precision = UpscalerOptions.Precision(rawValue: arguments[4])
        else {
            throw VSRError(
                .invalidArgument,
                "peer-runner takes PART FILE WxH THREADS EXECUTOR PRECISION INPUTS")
        }
        model = arguments[0]
        self.size = size
        options.threads = threads
        options.executor = executor
        options.precision = precision
        inputs = try Inputs(arguments[5], size: size)
    }

    func part(_ name: String) throws -> any Part {
        if name == "frame" { return try FramePart(self) }
        guard let step = StepPart.Step(rawValue: name) else {
            throw VSRError(
                .invalidArgument,
                "\"\(name)\" is no part: frame, network, trunk, upsampler, flow or warp")
        }
        return try StepPart(step, self)
    }
}

func serve(_ arguments: [String]) throws {
    let configuration = try Configuration(Array(arguments.dropFirst()))
    let start = ContinuousClock.now
    let part = try configuration.part(arguments.first ?? "")
    _ = try part.run()
    let elapsed = milliseconds(ContinuousClock.now - start)
    answer("ready \(elapsed) \(part.instructionSetName) \(part.precision.rawValue)")
    while let line = readLine() {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        switch words.first {
        case "run":
            let timing = try part.run()
            answer("\(timing.elapsed) \(timing.processor.map { "\($0)" } ?? "-")")
        case "result":
            let values = try part.result()
            try values.withUnsafeBytes { try Data($0).write(to: URL(filePath: words[1])) }
            answer("\(values.count)")
        case "memory": answer("\(peakResidentMegabytes())")
        default: throw VSRError(.invalidArgument, "\"\(line)\" is no request")
        }
    }
}

do {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments == ["handover"] {
        answer("\(Handover.nanoseconds())")
    } else {
        try serve(arguments)
    }
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
