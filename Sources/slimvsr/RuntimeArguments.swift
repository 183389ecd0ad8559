import ArgumentParser
import VSRCore
import VSRModel
import VSRProgram
import VSRRuntime
import VSRTools

/// Options of every command that runs a network.
struct RuntimeArguments: ParsableArguments {
    @Option(help: "Threads (default: one per core).")
    var threads: Int?

    @Option(help: "fp32, bf16, or auto: bf16 where the model file records that it loses nothing.")
    var precision = UpscalerOptions.Precision.auto

    @Option(help: "tuned, or reference: plain loops that run every network, very slowly.")
    var executor = UpscalerOptions.Executor.tuned

    @Option(
        help: ArgumentHelp(
            "Instruction sets that kernels may use, separated by commas (default: all).",
            discussion: "Known: \(InstructionSets.knownNames.joined(separator: ", ")).",
            valueName: "names"))
    var instructionSets: String?

    @Option(
        help: """
            on keeps hidden states from drifting where the picture stands still; off lets them.
            """)
    var stabilityGuard = Switch.on

    /// On or off.
    enum Switch: String, CaseIterable, ExpressibleByArgument {
        case on, off
    }

    /// - Throws: `invalidArgument` or `unsupported` naming an instruction set.
    func options(_ console: Console) throws -> UpscalerOptions {
        var options = UpscalerOptions()
        options.threads = threads
        options.precision = precision
        options.executor = executor
        options.instructionSets = try permittedSets()
        options.guardsStability = stabilityGuard == .on
        options.cancellation = console.cancellation
        return options
    }

    func permittedSets() throws -> InstructionSets {
        try instructionSets.map { try InstructionSets(names: $0) } ?? .all
    }
}

/// How bidirectional networks take clips: options of the commands that upscale whole ones.
struct WindowArguments: ParsableArguments {
    /// Of a window where --look-ahead is not given.
    static let defaultLookAhead = UpscalerOptions().lookAhead

    @Option(
        help: ArgumentHelp(
            "Frames per window of a bidirectional network, or whole for the whole clip.",
            discussion: """
                A whole clip is exact, and takes as much memory as it has frames: for each, 284 bytes \
                per pixel of the input at 64 channels (16 MB at 320x180). Windows take bounded \
                memory; frames before a seam deviate a little.
                """, valueName: "frames"),
        transform: Length.init(argument:))
    var window: Length?

    @Option(
        help: ArgumentHelp(
            "Frames after each window that are also read, and computed twice (default: 8).",
            valueName: "frames"))
    var lookAhead: Int?

    /// A number of frames or the word `whole`.
    enum Length: Equatable {
        case whole
        case frames(Int)

        /// - Throws: `ValidationError` in one sentence.
        init(argument: String) throws {
            if argument.lowercased() == "whole" {
                self = .whole
            } else if let frames = Int(argument), (1...1_000_000).contains(frames) {
                self = .frames(frames)
            } else {
                throw ValidationError("it must be whole, or a number of frames from 1 to 1000000")
            }
        }
    }

    func validate() throws {
        guard (0...1_000_000).contains(lookAhead ?? 0) else {
            throw ValidationError(
                "--look-ahead is \(lookAhead ?? 0): it must be a number of frames from 0 to 1000000"
            )
        }
    }

    /// - Parameter standard: Where --window is not given.
    /// - Throws: `invalidArgument` for a look-ahead beside whole clips.
    func clipWindow(standard: ClipWindow) throws -> ClipWindow {
        switch (window, standard) {
        case (.frames(let length), _), (nil, .frames(let length, _)):
            return .frames(length, lookAhead: lookAhead ?? Self.defaultLookAhead)
        case (.whole, _), (nil, .whole):
            guard lookAhead == nil else {
                throw VSRError(
                    .invalidArgument,
                    "--look-ahead goes with --window N: nothing lies ahead of a whole clip")
            }
            return .whole
        }
    }

    /// Says that the options do nothing where they do not.
    func remark(_ method: UpscalingMethod, _ console: Console) {
        let takesWindows = method.model?.blueprint.needsFutureFrames ?? false
        guard window != nil || lookAhead != nil, !takesWindows else { return }
        console.remark(
            "warning: --window and --look-ahead are for bidirectional networks: \(method.name) gives "
                + "each frame at once")
    }
}

extension UpscalerOptions.Precision: ExpressibleByArgument {}
extension UpscalerOptions.Executor: ExpressibleByArgument {}
