import Foundation
import Testing
import VSRCore
import VSRModel
import VSRTraining

@testable import slimvsr_lab

@Suite struct DemoTests {
    /// Networks of three channels come in few sizes: none is within 2 % of the slim one's.
    @Test func aModelWithoutABaselineOfEqualCostIsRefusedBeforeTraining() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/dense.safetensors"
        let blueprint = Blueprint(
            direction: .unidirectional, width: 3, blocks: 1, scale: 4,
            flow: .init(widths: [1, 1, 1, 1], levels: 1))
        try ModelFile.write(.initialized(blueprint, seed: 1), to: path)
        let training = DemoTraining(
            plan: DemoPlan(), name: "tiny", path: path, folder: folder,
            environment: TrainingEnvironment())
        let error = #expect(throws: VSRError.self) { try training.run() }
        #expect(error?.code == .unsupported)
        #expect(error?.message.hasPrefix("tiny has no baseline of equal cost") == true)
        let contents = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(contents == ["dense.safetensors"])
    }
}
