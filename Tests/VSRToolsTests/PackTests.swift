import Foundation
import Testing
import VSRModel

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
}
