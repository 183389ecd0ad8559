import Foundation
import Testing
import VSRCore
import VSRModel
import VSRRuntime
import VSRTestSupport

@testable import VSRExport

@Suite struct OnnxExportTests {
    /// Single precision of the reference executor against double precision of the interpreter.
    ///
    /// Values are below 10, sums have at most some 250 products, and noise is sampled at places
    /// that are known to some 10⁻⁶ pixels: errors stay near 10⁻⁵.
    private static let tolerance = 1e-4

    @Test(arguments: ExportedNetworks.names)
    func graphsGiveTheReferenceExecutorsFrames(name: String) throws {
        let folder = try TemporaryFolder()
        let model = try ExportedNetworks.model(name)
        let files = try OnnxExport(producerVersion: "1").write(model, to: folder.path("x.onnx"))
        for size in [FrameSize(width: 13, height: 9), FrameSize(width: 1, height: 35)] {
            let clip = ExportedNetworks.clip(size)
            let expected = try ReferenceNetwork(model).run(clip).frames
            let found = try OnnxLoop(files).upscaled(clip)
            #expect(found.count == clip.count)
            for (one, other) in zip(found, expected) {
                #expect(one.count == other.samples.count)
                let difference = zip(one, other.samples).map { abs($0 - Double($1)) }.max()
                #expect(try #require(difference) < Self.tolerance, "\(name), \(size)")
            }
        }
    }

    /// A folder's Python with ONNX Runtime: `scripts/check-onnx` sets it.
    private static let python = ProcessInfo.processInfo.environment["SLIMVSR_ONNX_PYTHON"]

    @Test(
        .enabled(
            if: python != nil,
            "SLIMVSR_ONNX_PYTHON names no Python with ONNX Runtime: see scripts/check-onnx"),
        arguments: ExportedNetworks.names)
    func onnxRuntimeGivesTheReferenceExecutorsFrames(name: String) throws {
        let folder = try TemporaryFolder()
        let model = try ExportedNetworks.model(name)
        try OnnxExport(producerVersion: "1").write(model, to: folder.path("x.onnx"))
        let script = URL(fileURLWithPath: #filePath)
            .appendingPathComponent("../../../scripts/reference/onnx_loop.py").standardized.path
        for size in [FrameSize(width: 45, height: 38), FrameSize(width: 1, height: 7)] {
            let clip = ExportedNetworks.clip(size)
            let expected = try ReferenceNetwork(model).run(clip).frames.flatMap(\.samples)
            let samples = clip.flatMap(\.samples).map { $0.bitPattern.littleEndian }
            try samples.withUnsafeBytes { Data($0) }
                .write(to: URL(fileURLWithPath: folder.path("in.raw")))
            let python = try #require(Self.python)
            let run = try ShellResult(
                "'\(python)' '\(script)' x.onnx \(clip.count) \(size.width) \(size.height) "
                    + "<in.raw >out.raw", in: folder.path)
            #expect(run.status == 0, "\(run.errors)")
            let data = try Data(contentsOf: URL(fileURLWithPath: folder.path("out.raw")))
            let found = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
            #expect(found.count == expected.count)
            let difference = zip(found, expected).map { abs($0 - $1) }.max()
            #expect(Double(try #require(difference)) < Self.tolerance, "\(name), \(size)")
        }
    }

    @Test func anOnlineNetworkIsOneFileWithItsStateInAndOut() throws {
        let folder = try TemporaryFolder()
        var model = try ExportedNetworks.model("online, dense")
        model.metadata = [
            MetadataKey.name: "tiny", MetadataKey.license: "CC0", MetadataKey.history: "drawn",
        ]
        let files = try OnnxExport(producerVersion: "9.8.7").write(
            model, to: folder.path("net.onnx"))
        #expect(files == [folder.path("net.onnx")] && folder.contents == ["net.onnx"])
        let file = try OnnxFile(path: files[0])
        #expect(file.irVersion == 8 && file.operatorSets == [17] && file.producer == "slimvsr")
        #expect(
            file.inputs == [
                .init(name: "frame", shape: ["1", "3", "height", "width"]),
                .init(name: "previous", shape: ["1", "3", "height", "width"]),
                .init(name: "forward_state", shape: ["1", "4", "height", "width"]),
            ])
        #expect(
            file.outputs == [
                .init(name: "upscaled", shape: ["1", "3", "4*height", "4*width"]),
                .init(name: "new_forward_state", shape: ["1", "4", "height", "width"]),
            ])
        #expect(file.metadata[MetadataKey.name] == "tiny")
        #expect(file.metadata[MetadataKey.license] == "CC0")
        #expect(file.metadata[MetadataKey.history] == "drawn")
        #expect(file.metadata["slimvsr.version"] == "9.8.7")
        #expect(try Blueprint(json: file.metadata[MetadataKey.blueprint] ?? "") == model.blueprint)
    }

    @Test func aBidirectionalNetworkIsTwoFiles() throws {
        let folder = try TemporaryFolder()
        let model = try ExportedNetworks.model("three branches")
        let files = try OnnxExport(producerVersion: "1").write(
            model, to: folder.path("a.b.onnx"))
        #expect(files == [folder.path("a.b.backward.onnx"), folder.path("a.b.onnx")])
        #expect(OnnxExport.files(of: model.blueprint, at: folder.path("a.b.onnx")) == files)
        let parts = try files.map(OnnxFile.init)
        #expect(parts[0].inputs.map(\.name) == ["frame", "next", "backward_state"])
        #expect(parts[0].outputs.map(\.name) == ["new_backward_state"])
        #expect(
            parts[1].inputs.map(\.name) == [
                "frame", "previous", "forward_state", "forward2_state", "backward_state",
            ])
        #expect(
            parts[1].outputs.map(\.name) == [
                "upscaled", "new_forward_state", "new_forward2_state",
            ])
        #expect(parts[1].metadata["slimvsr.backward"] == "a.b.backward.onnx")
    }

    /// 11 significant bits; subnormal below 2⁻¹⁴, in steps of 2⁻²⁴.
    @Test func halfPrecisionStoresRoundedWeights() throws {
        let folder = try TemporaryFolder()
        let model = try ExportedNetworks.model("online, dense")
        var export = OnnxExport(producerVersion: "1")
        export.storage = .float16
        try export.write(model, to: folder.path("x.onnx"))
        let file = try OnnxFile(path: folder.path("x.onnx"))
        let tensor = try #require(file.constants["conv_hr.weight"])
        let weights = try #require(model.tensors[.weight(.refinement(0))])
        #expect(file.types["conv_hr.weight"] == 10 && tensor.shape == weights.shape)
        for (stored, exact) in zip(tensor.values, weights.values) {
            #expect(abs(stored - Double(exact)) <= max(Double(exact.magnitude) * 0x1p-11, 0x1p-25))
        }
        let casts = file.nodes.filter { $0.operation == "Cast" && $0.inputs == ["conv_hr.weight"] }
        #expect(casts.count == 1 && casts.first?.integer("to") == 1)
    }

    @Test func halfPrecisionRefusesWhatItCannotHold() throws {
        let folder = try TemporaryFolder()
        var model = try ExportedNetworks.model("online, dense")
        model.tensors[.bias(.output)]?.values[1] = 70_000
        var export = OnnxExport(producerVersion: "1")
        export.storage = .float16
        let error = #expect(throws: VSRError.self) {
            try export.write(model, to: folder.path("x.onnx"))
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("conv_last.bias") == true)
        #expect(folder.contents == [])
    }

    /// Pruned channels take part in no convolution: of 5 channels, 2 read and 1 added to.
    @Test func convolutionsOfPrunedBlocksAreNarrow() throws {
        let folder = try TemporaryFolder()
        var random = SeededGenerator(seed: 1)
        var blueprint = Blueprint(
            direction: .unidirectional, width: 5, blocks: 1, flow: .init(widths: [1, 1, 1, 1]))
        blueprint.forward[0] = .init(keptInputs: [1, 3], middleWidth: 3, keptOutputs: [2])
        let model = random.weights(blueprint)
        try OnnxExport(producerVersion: "1").write(model, to: folder.path("x.onnx"))
        let file = try OnnxFile(path: folder.path("x.onnx"))
        #expect(file.constants["forward_trunk.main.2.0.conv1.weight"]?.shape == [3, 2, 3, 3])
        // A filter of zeros stands for the channels that nothing is added to.
        let second = try #require(file.constants["forward_trunk.main.2.0.conv2.weight"])
        #expect(second.shape == [2, 3, 3, 3])
        #expect(second.values.suffix(27).allSatisfy { $0 == 0 })
    }
}
