import Foundation
import Testing
import VSRCore
import VSRImaging
import VSRModel
import VSRTestSupport

@testable import VSRTools

/// A file of another project works wherever a model does, and can be made a model file.
@Suite struct ForeignModelTests {
    /// A checkpoint of `scripts/reference/`.
    private static func checkpoint(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/VSRModelTests/\(name).pth").path
    }

    private static let networks = ["basicsr", "mmagic", "legacy", "lightning"]

    private static func clip() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try SmallClips.writePictures(
            clip: 0, count: 3, size: FrameSize(width: 32, height: 24), to: folder.path("data/clip"))
        return folder
    }

    @Test(arguments: networks) func importMakesAModelFile(_ name: String) throws {
        let folder = try TemporaryFolder()
        let result = CommandLineHarness.run([
            "import", Self.checkpoint(name), "-o", folder.path("m.safetensors"),
            "--degradation", "BD", "--license", "Apache-2.0", "--source", "a package",
        ])
        #expect(result.code == 0 && result.remarks.isEmpty, "\(result.remarks)")
        #expect(result.output.contains("taken as leaky ReLU of slope 0.1"))
        let model = try ModelFile.read(folder.path("m.safetensors"))
        #expect(try ModelImport.read(Self.checkpoint(name)).tensors == model.tensors)
        #expect(model.metadata[MetadataKey.degradation] == "BD")
        #expect(model.metadata[MetadataKey.license] == "Apache-2.0")
        #expect(model.metadata[MetadataKey.source] == "a package")
        #expect(model.metadata[MetadataKey.history]?.contains("\(name).pth") == true)
        #expect(folder.contents == ["m.safetensors"])
    }

    @Test func importTakesTheActivationAndTheStorageNamed() throws {
        let folder = try TemporaryFolder()
        let result = CommandLineHarness.run([
            "import", Self.checkpoint("basicsr"), "-o", folder.path("m.safetensors"),
            "--activation", "relu", "--storage", "float16",
        ])
        #expect(result.code == 0 && !result.output.contains("taken as"))
        let model = try ModelFile.read(folder.path("m.safetensors"))
        #expect(model.blueprint.activation == .relu)
        // The fixtures' values are exact in float16.
        #expect(try ModelImport.read(Self.checkpoint("basicsr")).tensors == model.tensors)
        let file = try SafetensorsFile(path: folder.path("m.safetensors"))
        #expect(file.elementType(of: "fusion.weight") == .float16)
    }

    @Test func importRefusesWhatItWouldSpoil() throws {
        let folder = try TemporaryFolder()
        try folder.write(try SmallClips.model(), "own.safetensors")
        let copy = folder.path("copy.pth")
        try FileManager.default.copyItem(atPath: Self.checkpoint("basicsr"), toPath: copy)
        func remark(_ arguments: String...) -> String {
            let result = CommandLineHarness.run(["import"] + arguments)
            let isUsage = arguments.contains("--activation")
            #expect(result.code == (isUsage ? 2 : 1) && result.output.isEmpty)
            return result.remarks.joined()
        }
        let output = folder.path("out.safetensors")
        #expect(remark(folder.path("own.safetensors"), "-o", output).contains("slimvsr pack"))
        #expect(remark(copy, "-o", copy, "-y").contains("replace the file that is read"))
        #expect(remark(copy, "-o", output, "--prefix", "net").contains("under \"params\""))
        for activation in ["gelu", "1.5", "-0.1", ""] {
            let refusal = remark(copy, "-o", output, "--activation", activation)
            #expect(refusal.contains("--activation"))
            #expect(refusal.contains("leaky-relu, relu, or a slope from 0 to 1"), "\(refusal)")
        }
        #expect(remark(Self.checkpoint("half"), "-o", output).contains("holds no BasicVSR"))
        #expect(folder.contents == ["copy.pth", "own.safetensors"])
    }

    @Test(arguments: networks) func inspectShowsACheckpoint(_ name: String) throws {
        let result = CommandLineHarness.run(["inspect", Self.checkpoint(name)])
        #expect(result.code == 0 && result.remarks.isEmpty)
        #expect(result.output.contains("bidirectional, ×4, width 3, 1 block per branch"))
        #expect(result.output.contains("taken as leaky ReLU of slope 0.1"))
        let lines = result.output.components(separatedBy: "\n").dropFirst()
        #expect(lines.allSatisfy { $0.count <= 100 })
    }

    /// A network whose frames are fit to be looked at, in a safetensors file of another project.
    private static func foreignFile(in folder: TemporaryFolder) throws -> String {
        try folder.write(try SmallClips.model(.bidirectional), "own.safetensors")
        let own = try SafetensorsFile(path: folder.path("own.safetensors"))
        let path = folder.path("foreign.bin")
        try SafetensorsWriter.write(
            try own.names.map { (name: "params.\($0)", tensor: try own.tensor($0)) }, to: path)
        return path
    }

    @Test func aForeignFileIsEvaluatedLikeTheModelFileMadeOfIt() throws {
        let folder = try Self.clip()
        let foreign = try Self.foreignFile(in: folder)
        let model = folder.path("m.safetensors")
        #expect(CommandLineHarness.run(["import", foreign, "-o", model]).code == 0)
        let clips = try [foreign, model, folder.path("own.safetensors")].map { name in
            let result = CommandLineHarness.run([
                "evaluate", "--model", name, "--data", folder.path("data"), "--json", "-",
            ])
            // What was assumed is said, of the foreign file alone.
            #expect(result.remarks.isEmpty == (name != foreign), "\(result.remarks)")
            return try JSONDecoder().decode(
                Evaluation.Outcome.self, from: Data(result.output.utf8)
            ).clips
        }
        #expect(clips[0] == clips[1] && clips[1] == clips[2])
    }

    @Test func aForeignFileUpscales() throws {
        let folder = try Self.clip()
        let result = CommandLineHarness.run([
            "upscale", folder.path("data/clip"), folder.path("big"), "--model",
            try Self.foreignFile(in: folder),
        ])
        #expect(result.code == 0 && result.remarks.count == 1, "\(result.remarks)")
        #expect(folder.contents.contains("big"))
    }

    @Test func aCheckpointIsPrunedAndTimed() throws {
        let folder = try TemporaryFolder()
        let checkpoint = Self.checkpoint("legacy")
        let pruned = CommandLineHarness.run([
            "prune", checkpoint, "--ratio", "0.3", "-o", folder.path("slim.safetensors"),
        ])
        #expect(pruned.code == 0 && Self.saysItsAssumption(pruned), "\(pruned.remarks)")
        let history = try ModelFile.read(folder.path("slim.safetensors"))
            .metadata[MetadataKey.history]
        #expect(history?.hasPrefix("imported from legacy.pth") == true)
        let timed = CommandLineHarness.run([
            "bench", checkpoint, "--size", "16x16", "--frames", "1", "--json",
        ])
        #expect(timed.code == 0 && Self.saysItsAssumption(timed), "\(timed.remarks)")
        let outcome = try JSONDecoder().decode(
            Benchmark.Outcome.self, from: Data(timed.output.utf8))
        #expect(outcome.remarks == timed.remarks)
        let packed = CommandLineHarness.run([
            "pack", checkpoint, "-o", folder.path("packed.safetensors"),
        ])
        #expect(packed.code == 0 && Self.saysItsAssumption(packed), "\(packed.remarks)")
        // The files made of it are model files, of which nothing is assumed.
        for name in ["slim", "packed"] {
            let again = CommandLineHarness.run([
                "bench", folder.path("\(name).safetensors"), "--size", "16x16", "--frames", "1",
            ])
            #expect(again.code == 0 && again.remarks.isEmpty, "\(again.remarks)")
        }
    }

    private static func saysItsAssumption(_ result: ProgramResult) -> Bool {
        result.remarks.count == 1
            && result.remarks[0].contains("taken as leaky ReLU of slope 0.1")
    }

    @Test func recordsGoIntoModelFilesOnly() throws {
        let folder = try Self.clip()
        let result = CommandLineHarness.run([
            "evaluate", "--model", Self.checkpoint("basicsr"), "--data", folder.path("data"),
            "--record-precision",
        ])
        #expect(result.code == 1 && result.remarks.first?.contains("slimvsr import") == true)
    }

    @Test func aFileOfNoKnownFormatIsOneSentence() throws {
        let folder = try TemporaryFolder()
        try Data("not a model at all".utf8).write(to: folder.url.appendingPathComponent("x.pth"))
        let result = CommandLineHarness.run(["inspect", folder.path("x.pth")])
        #expect(result.code == 1 && result.remarks.count == 1)
        #expect(result.remarks.first?.contains("neither a model file") == true)
    }
}
