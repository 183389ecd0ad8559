import Foundation
import Testing
import VSRCore
import VSRModel
import VSRTestSupport

@testable import VSRExport

@Suite struct BasicSRExportTests {
    private static func dense(
        _ direction: Blueprint.Direction, scale: Int = 4, upsamplerWidth: Int = 5
    ) -> Model {
        Model.random(
            Blueprint(
                direction: direction, width: 6, blocks: 2, upsamplerWidth: upsamplerWidth,
                scale: scale, flow: .init(widths: [2, 3, 2, 1], levels: 2)), seed: 4)
    }

    @Test(
        arguments: [Blueprint.Direction.unidirectional, .bidirectional], [2, 4])
    func whatIsExportedIsImportedBitForBit(direction: Blueprint.Direction, scale: Int) throws {
        let folder = try TemporaryFolder()
        let model = Self.dense(direction, scale: scale)
        try BasicSRExport().write(model, to: folder.path("x.pth"))
        let found = try ModelImport.outcome(of: folder.path("x.pth"))
        #expect(found.project == "BasicSR" && found.prefix == "params_ema")
        #expect(found.model.blueprint == model.blueprint)
        #expect(found.model.tensors == model.tensors)
    }

    /// By Python's own readers: names, alignment, checksums, and what the pickle asks for.
    @Test func pythonReadsTheCheckpoint() throws {
        let folder = try TemporaryFolder()
        var model = Self.dense(.bidirectional)
        model.metadata = [MetadataKey.license: "CC0 – ×4"]
        try BasicSRExport().write(model, to: folder.path("x.pth"))
        let script = """
            if True: import collections, pickle, struct, zipfile
            calls = set()
            class Reader(pickle.Unpickler):
                def find_class(self, module, name):
                    calls.add(f"{module}.{name}")
                    if name == "OrderedDict":
                        return collections.OrderedDict
                    return (lambda *a: a) if name == "_rebuild_tensor_v2" else name
                def persistent_load(self, key):
                    return key
            file = zipfile.ZipFile("x.pth")
            assert file.testzip() is None
            raw = open("x.pth", "rb").read()
            for info in file.infolist():
                name, extra = struct.unpack("<HH", raw[info.header_offset + 26:info.header_offset + 30])
                assert (info.header_offset + 30 + name + extra) % 64 == 0, info.filename
                assert info.compress_type == 0
            assert file.read("archive/version") == b"3\\n"
            assert file.read("archive/byteorder") == b"little"
            value = Reader(file.open("archive/data.pkl")).load()
            assert list(value) == ["params", "params_ema", "metadata"], list(value)
            assert value["params"] == value["params_ema"]
            assert value["metadata"] == {"slimvsr.license": "CC0 – ×4"}
            storage, offset, shape, strides, gradient, hooks = value["params"]["conv_hr.weight"]
            assert storage[:2] == ("storage", "FloatStorage") and storage[3:] == ("cpu", 225), storage
            assert (offset, shape, strides) == (0, (5, 5, 3, 3), (45, 9, 3, 1))
            assert gradient is False and hooks == {}
            mean = value["params"]["spynet.mean"]
            assert mean[2] == (1, 3, 1, 1)
            data = file.read("archive/data/" + mean[0][2])
            assert data == struct.pack("<3f", 0.485, 0.456, 0.406)
            print(*sorted(calls), len(value["params"]))
            """
        try script.write(toFile: folder.path("read.py"), atomically: true, encoding: .utf8)
        let run = try ShellResult("python3 read.py", in: folder.path)
        #expect(run.status == 0, "\(run.errors)")
        // Layers: 5 of each trunk, fusion, two upconvolutions, refinement, output, 10 of flow; each
        // has two tensors. Mean and deviation come besides.
        #expect(
            run.outputLines == [
                "collections.OrderedDict torch.FloatStorage torch._utils._rebuild_tensor_v2 52"
            ])
    }

    @Test func halfPrecisionIsReadAgain() throws {
        let folder = try TemporaryFolder()
        let model = Self.dense(.bidirectional)
        var export = BasicSRExport()
        export.storage = .float16
        try export.write(model, to: folder.path("x.pth"))
        let found = try ModelImport.read(folder.path("x.pth"))
        for (key, tensor) in model.tensors {
            let values = try #require(found.tensors[key]).values
            let isClose = zip(values, tensor.values).allSatisfy {
                abs($0 - $1) <= max(abs($1) * 0x1p-11, 0x1p-25)
            }
            #expect(isClose, "\(key.name)")
        }
    }

    @Test func whatBasicSRsClassDiffersInIsSaid() throws {
        let folder = try TemporaryFolder()
        let published = Model.random(
            Blueprint(direction: .bidirectional, width: 8, blocks: 1, upsamplerWidth: 64), seed: 1)
        #expect(try BasicSRExport().write(published, to: folder.path("x.pth")) == [])
        var other = Self.dense(.unidirectional)
        other.blueprint.activation = .relu
        let remarks = try BasicSRExport().write(other, to: folder.path("y.pth"))
        let remark = try #require(remarks.first)
        for part in ["bidirectional", "64 channels", "SPyNet", "slope 0.1", "ReLU"] {
            #expect(remark.contains(part), "\(part)")
        }
    }

    /// What the shapes of a checkpoint's tensors do not tell would be read as another network.
    @Test(arguments: ["blocks", "upsampler", "oneStep", "branches", "reduction"])
    func networksThatACheckpointCannotHoldAreRefused(what: String) throws {
        let folder = try TemporaryFolder()
        var blueprint = Self.dense(.bidirectional).blueprint
        switch what {
        case "blocks": blueprint.forward[1].middleWidth = 4
        case "upsampler": blueprint.upsampler.convolutions[0].width = 5
        case "oneStep": blueprint.upsampler = .oneStep(width: 6, scale: 4)
        case "branches":
            blueprint.direction = .init([.backward, .forward, .forward(2)])
            blueprint[.forward(2)] = blueprint.forward
        default: blueprint.flow.reduction = 2
        }
        let error = #expect(throws: VSRError.self) {
            try BasicSRExport().write(Model.random(blueprint, seed: 1), to: folder.path("x.pth"))
        }
        #expect(error?.code == .unsupported)
        #expect(error?.message.contains("export it as an .onnx file") == true)
        #expect(folder.contents == [])
    }
}
