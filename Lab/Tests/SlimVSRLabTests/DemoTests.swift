import Foundation
import Testing
import VSRCore
import VSRModel
import VSRTestSupport
import VSRTraining

@testable import slimvsr_lab

@Suite struct DemoTests {
    /// Networks of three channels come in few sizes: none is within 2 % of the slim one's.
    @Test func aModelWithoutABaselineOfEqualCostIsRefusedBeforeTraining() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("dense.safetensors")
        let blueprint = Blueprint(
            direction: .unidirectional, width: 3, blocks: 1, scale: 4,
            flow: .init(widths: [1, 1, 1, 1], levels: 1))
        try ModelFile.write(.initialized(blueprint, seed: 1), to: path)
        let training = DemoTraining(
            plan: DemoPlan(), name: "tiny", path: path, folder: folder.path,
            environment: TrainingEnvironment())
        let error = #expect(throws: VSRError.self) { try training.run() }
        #expect(error?.code == .unsupported)
        #expect(error?.message.hasPrefix("tiny has no baseline of equal cost") == true)
        #expect(try folder.entries() == ["dense.safetensors"])
    }
}
