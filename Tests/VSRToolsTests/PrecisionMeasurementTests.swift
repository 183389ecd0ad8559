import Foundation
import Testing
import VSRCore
import VSRModel
import VSRRuntime
import VSRTestSupport
import VSRTools

@Suite struct PrecisionMeasurementTests {
    private static let hasBF16 = InstructionSets.available.contains(.avx512BF16)

    /// A clip, and a model whose file is in half precision.
    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try SmallClips.writePictures(
            clip: 0, count: 3, size: FrameSize(width: 64, height: 48),
            to: folder.path("clips/clip0"))
        var model = try SmallClips.model()
        model.metadata = [MetadataKey.name: "small", "elsewhere": "kept"]
        try ModelFile.write(model, to: folder.path("m.safetensors"), storage: .float16)
        return folder
    }

    private func run(
        _ folder: TemporaryFolder, _ options: [String], model: String? = nil
    ) -> ProgramResult {
        CommandLineHarness.run(
            [
                "evaluate", "--data", folder.path("clips"), "--record-precision", "--model",
                model ?? folder.path("m.safetensors"),
            ] + options)
    }

    private func bytes(_ folder: TemporaryFolder, _ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: folder.path(name)))
    }

    @Test(.enabled(if: hasBF16, "this processor has no AVX-512 BF16"))
    func theLossIsRecordedAndNothingElseChanges() throws {
        let folder = try folder()
        let before = try ModelFile.read(folder.path("m.safetensors"))
        let result = run(folder, ["--json", "-"])
        #expect(result.code == 0, "\(result.remarks)")
        let outcome = try JSONDecoder().decode(
            PrecisionMeasurement.Outcome.self, from: Data(result.output.utf8))
        var figures: [String: Double] = [:]
        for precision in ["fp32", "bf16"] {
            let single = CommandLineHarness.run([
                "evaluate", "--data", folder.path("clips"), "--model", folder.path("m.safetensors"),
                "--precision", precision, "--json", "-",
            ])
            let evaluation = try JSONDecoder().decode(
                Evaluation.Outcome.self, from: Data(single.output.utf8))
            #expect(evaluation.precision == precision)
            figures[precision] = evaluation.mean.psnr
        }
        let loss = try #require(figures["fp32"]) - (try #require(figures["bf16"]))
        #expect(loss != 0)
        let expected = PrecisionRecord(
            of: before, dataSet: "clips", degradation: "BI", channels: "Y", frames: 3, loss: loss)
        #expect(outcome.record == expected)
        let after = try ModelFile.read(folder.path("m.safetensors"))
        #expect(PrecisionRecord(after) == expected)
        // The same file as written with the record from the start, in half precision still.
        var model = before
        model.metadata[PrecisionRecord.metadataKey] = try expected.metadataText()
        try ModelFile.write(model, to: folder.path("x.safetensors"), storage: .float16)
        let same = try bytes(folder, "m.safetensors") == bytes(folder, "x.safetensors")
        #expect(same)
    }

    @Test(.enabled(if: hasBF16, "this processor has no AVX-512 BF16"))
    func anOutputLeavesTheInputAlone() throws {
        let folder = try folder()
        let before = try bytes(folder, "m.safetensors")
        let result = run(folder, ["--output", folder.path("out.safetensors")])
        #expect(result.code == 0, "\(result.remarks)")
        #expect(result.output.contains("bf16 loses"))
        #expect(try bytes(folder, "m.safetensors") == before)
        #expect(PrecisionRecord(try ModelFile.read(folder.path("out.safetensors")))?.frames == 3)
    }

    @Test(.enabled(if: hasBF16, "this processor has no AVX-512 BF16"))
    func clipsAskedForAreNamedInTheRecord() throws {
        let folder = try folder()
        try SmallClips.writePictures(
            clip: 1, count: 3, size: FrameSize(width: 64, height: 48),
            to: folder.path("clips/clip1"))
        func recorded(_ options: [String]) throws -> [String]? {
            let result = run(folder, options)
            #expect(result.code == 0, "\(result.remarks)")
            return PrecisionRecord(try ModelFile.read(folder.path("m.safetensors")))?.clips
        }
        #expect(try recorded(["--clips", "clip1"]) == ["clip1"])
        #expect(try recorded([]) == nil)
    }

    /// Measuring would fail too, for want of such a clip: the output is looked at before.
    @Test(
        .enabled(if: hasBF16, "this processor has no AVX-512 BF16"),
        arguments: ["file/out.safetensors", "clips", "new/"])
    func anOutputThatCannotBeWrittenIsFoundBeforeMeasuring(output: String) throws {
        let folder = try folder()
        try Data().write(to: URL(fileURLWithPath: folder.path("file")))
        let path = folder.path(output) + (output.hasSuffix("/") ? "/" : "")
        let result = run(folder, ["--output", path, "--clips", "nosuchclip"])
        #expect(result.code == 1 && result.errors.count == 1, "\(result.remarks)")
        #expect(result.remarks.first?.contains(path) == true)
        #expect(folder.contents == ["clips", "file", "m.safetensors"])
    }

    /// What is tried beforehand leaves nothing behind, folders neither.
    @Test(.enabled(if: hasBF16, "this processor has no AVX-512 BF16"))
    func aMeasurementThatFailsLeavesNothing() throws {
        let folder = try folder()
        let output = folder.path("new/out.safetensors")
        let result = run(folder, ["--output", output, "--clips", "nosuchclip"])
        #expect(result.code == 1 && result.remarks.first?.contains("nosuchclip") == true)
        #expect(folder.contents == ["clips", "m.safetensors"])
    }

    @Test func withoutBF16NothingIsWritten() throws {
        let folder = try folder()
        let before = try bytes(folder, "m.safetensors")
        let result = run(folder, ["--instruction-sets", InstructionSets.knownNames[0]])
        #expect(result.code == 1 && result.remarks.count == 1)
        #expect(result.remarks.first?.contains("AVX-512 BF16") == true)
        #expect(try bytes(folder, "m.safetensors") == before)
        #expect(folder.contents == ["clips", "m.safetensors"])
    }

    @Test func cancelingWritesNothing() throws {
        let folder = try folder()
        let before = try bytes(folder, "m.safetensors")
        let cancellation = Cancellation()
        cancellation.request()
        let result = CommandLineHarness.run(
            [
                "evaluate", "--data", folder.path("clips"), "--record-precision", "--model",
                folder.path("m.safetensors"),
            ], cancellation: cancellation)
        #expect(result.code == 130 && result.remarks.count == 1)
        #expect(try bytes(folder, "m.safetensors") == before)
    }

    @Test func bundledModelsAndBicubicAreRefusedWithARemedy() throws {
        let folder = try folder()
        let name = try BundledModels.defaultName()
        let bundled = run(folder, [], model: name)
        #expect(bundled.code == 1 && bundled.remarks.first?.contains("--output") == true)
        let bicubic = run(folder, [], model: "bicubic")
        #expect(bicubic.code == 1 && bicubic.remarks.first?.contains("model file") == true)
    }

    @Test(arguments: [
        ["--record-precision", "--precision", "bf16"], ["--output", "x.safetensors"],
    ])
    func optionsThatContradictAreRefused(options: [String]) {
        let result = CommandLineHarness.run(
            ["evaluate", "--model", "m", "--data", "."] + options)
        #expect(result.isMistake && result.remarks.count == 1)
    }
}
