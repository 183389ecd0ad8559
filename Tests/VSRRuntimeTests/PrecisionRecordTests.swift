import Testing
import VSRCore
import VSRModel

@testable import VSRRuntime

@Suite struct PrecisionRecordTests {
    private func model(_ record: String?) throws -> Model {
        var model = try Model.initialised(
            Blueprint(direction: .unidirectional, width: 2, blocks: 0), seed: 1)
        model.metadata[PrecisionRecord.metadataKey] = record
        return model
    }

    private func automatic(_ record: String?, hasBF16: Bool = true) throws -> String {
        PrecisionRecord.precision(.auto, for: try model(record), hasBF16: hasBF16).rawValue
    }

    @Test func autoTakesBF16OnlyWhereASmallLossWasMeasured() throws {
        #expect(try automatic(nil) == "fp32")
        #expect(try automatic(#"{"dataSet":"vid4","loss":0.004,"kernelVersion":1}"#) == "bf16")
        #expect(try automatic(#"{"dataSet":"vid4","loss":0.011,"kernelVersion":1}"#) == "fp32")
        #expect(try automatic(#"{"dataSet":"vid4","loss":0.004,"kernelVersion":0}"#) == "fp32")
        #expect(try automatic("0.004") == "fp32")
    }

    @Test func processorsWithoutBF16ComputeInFP32() throws {
        let record = #"{"dataSet":"vid4","loss":0.004,"kernelVersion":1}"#
        #expect(try automatic(record, hasBF16: false) == "fp32")
        let requested = PrecisionRecord.precision(.bf16, for: try model(nil), hasBF16: false)
        #expect(requested == .fp32)
    }
}
