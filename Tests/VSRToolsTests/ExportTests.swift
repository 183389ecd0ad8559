import Foundation
import Testing
import VSRCore
import VSRModel
import VSRTestSupport

@testable import slimvsr

@Suite struct ExportTests {
    private func model(
        _ direction: Blueprint.Direction = .unidirectional, isPruned: Bool = false
    ) throws -> Model {
        var blueprint = Blueprint(direction: direction, width: 4, blocks: 1, flow: .quarter)
        if isPruned { blueprint.forward[0].middleWidth = 3 }
        return try Model.initialized(blueprint, seed: 3)
    }

    @Test func theEndingSaysWhatIsWritten() throws {
        let folder = try TemporaryFolder()
        try folder.write(try model(), "model.safetensors")
        for name in ["x.onnx", "x.pth"] {
            let outcome = CommandLineHarness.run([
                "export", folder.path("model.safetensors"), folder.path(name),
            ])
            #expect(outcome.code == 0, "\(outcome.remarks)")
            #expect(outcome.output.contains("wrote \(folder.path(name))"))
        }
        #expect(folder.contents == ["model.safetensors", "x.onnx", "x.pth"])
        let tensors = try ModelImport.read(folder.path("x.pth")).tensors
        #expect(try ModelFile.read(folder.path("model.safetensors")).tensors == tensors)
    }

    @Test func aBidirectionalNetworkNamesBothFiles() throws {
        let folder = try TemporaryFolder()
        try folder.write(try model(.bidirectional), "model.safetensors")
        let outcome = CommandLineHarness.run([
            "export", folder.path("model.safetensors"), folder.path("x.onnx"),
        ])
        #expect(outcome.code == 0)
        #expect(folder.contents == ["model.safetensors", "x.backward.onnx", "x.onnx"])
        #expect(outcome.output.contains("wrote \(folder.path("x.backward.onnx"))"))
    }

    @Test func anotherEndingIsRefusedBeforeTheModelIsRead() throws {
        let folder = try TemporaryFolder()
        let outcome = CommandLineHarness.run(["export", "no-such-model", folder.path("x.tflite")])
        #expect(outcome.code == 1 && outcome.remarks.count == 1)
        #expect(outcome.remarks.first?.contains(".onnx") == true)
    }

    @Test func aPrunedNetworkIsNoCheckpoint() throws {
        let folder = try TemporaryFolder()
        try folder.write(try model(isPruned: true), "model.safetensors")
        let outcome = CommandLineHarness.run([
            "export", folder.path("model.safetensors"), folder.path("x.pth"),
        ])
        #expect(outcome.code == 1 && outcome.remarks.count == 1)
        #expect(outcome.remarks.first?.contains("it is pruned") == true)
        #expect(outcome.remarks.first?.contains(".onnx") == true)
        #expect(folder.contents == ["model.safetensors"])
    }

    /// The file beside the one that is named, too.
    @Test(arguments: ["x.onnx", "x.backward.onnx"])
    func filesThatAreThereStay(name: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(try model(.bidirectional), "model.safetensors")
        try Data("mine".utf8).write(to: URL(fileURLWithPath: folder.path(name)))
        let arguments = ["export", folder.path("model.safetensors"), folder.path("x.onnx")]
        let outcome = CommandLineHarness.run(arguments)
        #expect(outcome.code == 1)
        #expect(outcome.remarks.first?.contains("--overwrite") == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path(name))) == Data("mine".utf8))
        #expect(CommandLineHarness.run(arguments + ["--overwrite"]).code == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path(name))).count > 1000)
    }

    @Test func theFileThatIsReadIsNotReplaced() throws {
        let folder = try TemporaryFolder()
        try folder.write(try model(), "model.pth")
        let outcome = CommandLineHarness.run([
            "export", folder.path("model.pth"), folder.path("model.pth"), "--overwrite",
        ])
        #expect(outcome.code == 1)
        #expect(outcome.remarks.first?.contains("is read") == true)
        #expect(try ModelFile.read(folder.path("model.pth")).tensors == model().tensors)
    }
}
