import Foundation
import Testing
import VSRTestSupport

@testable import VSRTraining

/// The log of a run that goes on.
@Suite struct TrainingLogTests {
    @Test func aValidationOfEqualFramesIsKeptOnResuming() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.path + "/log.jsonl"
        let record = ValidationRecord(
            iteration: 4,
            Validation.Result(
                psnr: .infinity, pooledPSNR: .infinity, bicubicPSNR: 20, bicubicPooledPSNR: 19,
                clips: ["still": .infinity]))
        try TrainingLog(path: path, keepingUpTo: 0).write(record)
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        let resumed = try TrainingLog(path: path, keepingUpTo: 4)
        #expect(resumed.hasValidation(at: 4))
        #expect(!resumed.hasValidation(at: 3))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        // A run that goes on from an earlier checkpoint makes it anew.
        #expect(!(try TrainingLog(path: path, keepingUpTo: 3).hasValidation(at: 4)))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).isEmpty)
    }
}
