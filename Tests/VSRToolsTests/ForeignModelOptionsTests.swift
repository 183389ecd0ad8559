import Foundation
import Testing
import VSRCore
import VSRImaging
import VSRMedia
import VSRModel
import VSRTestSupport
import VSRRuntime

@testable import VSRTools

/// What a file of another project does not tell can be said to every command that takes a model.
@Suite struct ForeignModelOptionsTests {
    private static let size = FrameSize(width: 32, height: 24)

    /// Two networks of different direction, scale and weights.
    private struct Files {
        let folder: TemporaryFolder
        let first: Model
        let second: Model

        init() throws {
            folder = try TemporaryFolder()
            first = try SmallClips.model(.bidirectional, scale: 4)
            second = try SmallClips.model(.unidirectional, scale: 2)
            try folder.write(first, "first.safetensors")
            try folder.write(second, "second.safetensors")
            try write(["first.": first, "second.": second], "both.bin")
            try write(["params.": first], "one.bin")
            try SmallClips.writePictures(
                clip: 0, count: 3, size: ForeignModelOptionsTests.size,
                to: folder.path("data/clip"))
        }

        /// Writes networks under prefixes, as another project's file has them.
        private func write(_ networks: [String: Model], _ name: String) throws {
            let tensors = networks.flatMap { prefix, model in
                model.tensors.map { (name: prefix + $0.key.name, tensor: $0.value) }
            }
            try SafetensorsWriter.write(tensors, to: folder.path(name))
        }

        /// Runs one of the commands on a model in the folder.
        ///
        /// What it wrote before goes.
        func run(_ command: Command, _ name: String, _ options: [String] = []) -> ProgramResult {
            for output in ["out", "out.safetensors"] {
                try? FileManager.default.removeItem(atPath: folder.path(output))
            }
            return CommandLineHarness.run(
                command.arguments(folder.path(name), folder) + options)
        }

        /// What a command gave that depends on the network and on nothing else.
        func result(
            of command: Command, _ name: String, _ options: [String] = []
        ) throws -> [String] {
            let result = run(command, name, options)
            #expect(result.code == 0, "\(command) \(result.remarks)")
            return try command.figures(of: result.output, folder)
        }
    }

    /// Every command that takes a model's file.
    enum Command: String, CaseIterable {
        case inspect, evaluate, upscale, prune, bench, stability, pack

        func arguments(_ model: String, _ folder: TemporaryFolder) -> [String] {
            let output = ["-o", folder.path("out.safetensors")]
            let size = ["--size", "16x16"]
            return switch self {
            case .inspect: ["inspect", model, "--json"]
            case .evaluate:
                ["evaluate", "--model", model, "--data", folder.path("data"), "--json", "-"]
            case .upscale:
                ["upscale", folder.path("data/clip"), folder.path("out"), "--model", model]
            case .prune: ["prune", model, "--ratio", "0.3"] + output
            case .bench: ["bench", model, "--frames", "1", "--warm-up", "0", "--json"] + size
            case .stability:
                ["stability", model, "--clips", "still", "--frames", "3", "--json", "-"] + size
            case .pack: ["pack", model] + output
            }
        }

        func figures(of output: String, _ folder: TemporaryFolder) throws -> [String] {
            func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
                try JSONDecoder().decode(type, from: Data(output.utf8))
            }
            switch self {
            case .inspect:
                let inspection = try decoded(Inspection.self)
                return ["\(inspection.layers)", "\(inspection.activation)"]
            case .evaluate: return try decoded(Evaluation.Outcome.self).clips.map { "\($0)" }
            case .upscale:
                return try ImageSequenceReader(folder.path("out")).byteFrames().map { "\($0)" }
            case .bench:
                let outcome = try decoded(Benchmark.Outcome.self)
                return ["\(outcome.scale)"] + outcome.layers.map(\.name)
            case .stability: return try decoded(Stability.Outcome.self).clips.map { "\($0)" }
            case .prune, .pack:
                let model = try ModelFile.read(folder.path("out.safetensors"))
                return [try model.blueprint.json()]
                    + model.tensors.map { "\($0.key.name) \($0.value)" }.sorted()
            }
        }
    }

    @Test(arguments: Command.allCases)
    func aFileOfSeveralNetworksIsAQuestionThatThePrefixAnswers(_ command: Command) throws {
        let files = try Files()
        let refused = files.run(command, "both.bin")
        #expect(refused.code == 1 && refused.output.isEmpty && refused.remarks.count == 1)
        let remark = refused.remarks.first ?? ""
        #expect(
            remark.hasSuffix("under \"first\", \"second\": choose one with --prefix"), "\(remark)")
        for name in ["first", "second"] {
            #expect(
                try files.result(of: command, "both.bin", ["--prefix", name])
                    == files.result(of: command, "\(name).safetensors"))
        }
        let wrong = files.run(command, "both.bin", ["--prefix", "third"])
        #expect(wrong.code == 1 && wrong.remarks.first?.contains("prefix \"third\"") == true)
    }

    @Test(arguments: Command.allCases)
    func theActivationNamedIsTaken(_ command: Command) throws {
        let files = try Files()
        var relu = files.first
        relu.blueprint.activation = .relu
        try files.folder.write(relu, "relu.safetensors")
        let assumed = files.run(command, "one.bin")
        #expect(assumed.code == 0)
        let said = (assumed.remarks + [assumed.output]).joined(separator: "\n")
        #expect(said.contains("as in BasicVSR; --activation takes another"), "\(said)")
        let named = files.run(command, "one.bin", ["--activation", "relu"])
        #expect(named.code == 0 && named.remarks.isEmpty, "\(named.remarks)")
        #expect(!named.output.contains("taken as"))
        let found = try files.result(of: command, "one.bin", ["--activation", "relu"])
        #expect(try found == files.result(of: command, "relu.safetensors"))
        // What bench tells is the same for any activation.
        let usual = try files.result(of: command, "first.safetensors")
        #expect((found == usual) == (command == .bench))
    }

    /// The reference executor is given the weights and ReLU without any file.
    @Test func theActivationNamedIsWhatTheFramesAreMadeWith() throws {
        let files = try Files()
        func frames(_ options: [String]) throws -> [ByteFrame] {
            _ = try files.result(of: .upscale, "one.bin", options)
            return try ImageSequenceReader(files.folder.path("out")).byteFrames()
        }
        func expected(_ activation: Activation) throws -> [ByteFrame] {
            var model = files.first
            model.blueprint.activation = activation
            var options = UpscalerOptions()
            options.executor = .reference
            return try Upscaler(model: model, options: options).upscale(
                clip: SmallClips.frames(clip: 0, count: 3, size: Self.size)
            ).map(ByteFrame.init(rounding:))
        }
        /// The largest difference, in levels.
        func distance(_ one: [ByteFrame], _ other: [ByteFrame]) -> Int {
            zip(one, other).map { pair in
                zip(pair.0.samples, pair.1.samples).map { abs(Int($0) - Int($1)) }.max() ?? 0
            }.max() ?? 0
        }
        let relu = try frames(["--activation", "relu"])
        let usual = try frames([])
        // The tuned executor may round a sample near the middle of two levels the other way.
        #expect(relu.count == 3)
        #expect(try distance(relu, expected(.relu)) <= 1)
        #expect(try distance(usual, expected(.basicVSR)) <= 1)
        #expect(distance(relu, usual) > 2)
    }

    @Test(arguments: Command.allCases)
    func modelFilesRefuseWhatOnlyCheckpointsNeed(_ command: Command) throws {
        let files = try Files()
        let path = files.folder.path("first.safetensors")
        for (options, beginning, ending) in [
            (["--prefix", ""], "--prefix is", "leave it out, or name a checkpoint"),
            (["--activation", "relu"], "--activation is", "leave it out, or name a checkpoint"),
            (
                ["--activation", "relu", "--prefix", "first"], "--prefix and --activation are",
                "leave them out, or name a checkpoint"
            ),
        ] {
            let result = files.run(command, "first.safetensors", options)
            #expect(result.code == 1 && result.output.isEmpty)
            #expect(
                result.remarks == [
                    "error: \(beginning) for checkpoints of other projects, but \(path) is a model "
                        + "file: \(ending)"
                ])
        }
        #expect(!files.folder.contents.contains { $0.hasPrefix("out") })
    }

    @Test(arguments: [
        (["inspect", "basicvsr"], "basicvsr is a published network without a file"),
        (["bench", "basicvsr"], "basicvsr is a published network without a file"),
        (["inspect", "uni-small"], "uni-small is a model file"),
        (["bench", "--all-bundled"], "bi-slim is a model file"),
        (["upscale", "in.png", "out.png"], "uni-small-slim is a model file"),
        (["upscale", "in.png", "out.png", "--model", "bicubic"], "bicubic is no model"),
        (["evaluate", "--data", "none", "--model", "bicubic"], "bicubic is no model"),
        (
            ["evaluate", "--data", "none", "--model", "uni-small", "--record-precision"],
            "uni-small is a model file"
        ),
        (["stability", "uni-small"], "uni-small is a model file"),
    ])
    func whatIsNoCheckpointRefusesThemToo(arguments: [String], reason: String) {
        let result = CommandLineHarness.run(arguments + ["--activation", "0.2"])
        #expect(result.code == 1 && result.remarks.count == 1)
        let remark = result.remarks.first ?? ""
        #expect(remark.contains("--activation is for") && remark.contains(reason), "\(remark)")
    }

    @Test func pruningIsToldWhatACheckpointWasTrainedFor() throws {
        let files = try Files()
        let slim = files.folder.path("out.safetensors")
        let result = files.run(.prune, "one.bin", ["--degradation", "BD"])
        #expect(result.code == 0, "\(result.remarks)")
        #expect(try ModelFile.read(slim).metadata[MetadataKey.degradation] == "BD")
        let refused = files.run(.prune, "first.safetensors", ["--degradation", "BD"])
        #expect(refused.code == 1)
        #expect(refused.remarks.first?.contains("--degradation is for checkpoints") == true)
    }

    /// Where no options could be given, as in the settings of training, the import is referred to.
    @Test func withoutOptionsTheImportIsNamed() throws {
        let files = try Files()
        let error = #expect(throws: VSRError.self) {
            try ModelReference(files.folder.path("both.bin")).load()
        }
        #expect(error?.message.contains("with slimvsr import --prefix") == true)
        let remarks = try ModelReference(files.folder.path("one.bin")).load().remarks
        #expect(remarks.count == 1)
        #expect(remarks.first?.contains("slimvsr import --activation makes a model file") == true)
    }
}
