import Foundation
import Testing
import VSRModel
import VSRTestSupport

@testable import slimvsr

@Suite struct PackTests {
    @Test func halfPrecisionHalvesTheFileAndKeepsEachWeightToElevenBits() throws {
        let folder = try TemporaryFolder()
        let blueprint = Blueprint(
            direction: .unidirectional, width: 8, blocks: 2, flow: .quarter)
        let model = try Model.initialized(blueprint, seed: 3)
        try folder.write(model, "model.safetensors")

        let outcome = CommandLineHarness.run([
            "pack", folder.path("model.safetensors"), "--half", "--name", "tiny", "-o",
            folder.path("half.safetensors"),
        ])

        #expect(outcome.code == 0)
        let packed = try ModelFile.read(folder.path("half.safetensors"))
        #expect(packed.metadata[MetadataKey.name] == "tiny")
        for (name, tensor) in model.tensors {
            let values = try #require(packed.tensors[name]).values
            // Rounding to 11 significant bits; below 2⁻¹⁴ float16 is subnormal, steps of 2⁻²⁴.
            let isClose = zip(values, tensor.values).allSatisfy {
                abs($0 - $1) <= max(abs($1) * 0x1p-11, 0x1p-25)
            }
            #expect(isClose, "\(name.name)")
        }
    }

    /// The weights are what follows the header, whose length the first 8 bytes say.
    @Test(arguments: [WeightStorage.float16, .float32])
    func whatIsSaidChangesAndTheStoredWeightsDoNot(storage: WeightStorage) throws {
        let folder = try TemporaryFolder()
        let blueprint = Blueprint(direction: .unidirectional, width: 4, blocks: 1, flow: .quarter)
        var model = try Model.initialized(blueprint, seed: 3)
        model.metadata = [MetadataKey.name: "tiny"]
        try ModelFile.write(model, to: folder.path("old.safetensors"), storage: storage)

        let outcome = CommandLineHarness.run([
            "pack", folder.path("old.safetensors"), "--degradation", "BD", "--source", "a page",
            "-o", folder.path("new.safetensors"),
        ])

        #expect(outcome.code == 0 && outcome.remarks.isEmpty, "\(outcome.remarks)")
        let packed = try ModelFile.read(folder.path("new.safetensors"))
        #expect(packed.metadata[MetadataKey.name] == "tiny")
        #expect(packed.metadata[MetadataKey.degradation] == "BD")
        #expect(packed.metadata[MetadataKey.source] == "a page")
        let weights = try ["old", "new"].map { name in
            let bytes = try Data(
                contentsOf: URL(fileURLWithPath: folder.path("\(name).safetensors")))
            let header = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
            return bytes.dropFirst(8 + header)
        }
        #expect(weights[0] == weights[1] && !weights[0].isEmpty)
    }

    @Test func aDegradationThatIsNoneIsRefused() throws {
        let folder = try TemporaryFolder()
        let result = CommandLineHarness.run([
            "pack", "uni-small", "--degradation", "XY", "-o", folder.path("new.safetensors"),
        ])
        #expect(result.code == 2 && result.remarks.count == 1)
        #expect(folder.contents == [])
    }
}
