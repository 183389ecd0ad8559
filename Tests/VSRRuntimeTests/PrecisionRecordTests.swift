import Testing
import VSRCore
import VSRModel
import VSRPruning

@testable import VSRRuntime

@Suite struct PrecisionRecordTests {
    private func model(_ record: String?) throws -> Model {
        var model = try Model.initialized(
            Blueprint(direction: .unidirectional, width: 2, blocks: 1), seed: 1)
        model.metadata[PrecisionRecord.metadataKey] = record
        return model
    }

    /// A record of that model's weights.
    private func text(loss: Double, kernelVersion: Int = 1) throws -> String {
        #"{"dataSet":"vid4","kernelVersion":\#(kernelVersion),"loss":\#(loss),"#
            + #""weights":"\#(try model(nil).fingerprint)"}"#
    }

    private func automatic(_ record: String?, hasBF16: Bool = true) throws -> String {
        PrecisionRecord.precision(.auto, for: try model(record), hasBF16: hasBF16).rawValue
    }

    @Test func autoTakesBF16OnlyWhereASmallLossWasMeasured() throws {
        #expect(try automatic(nil) == "fp32")
        #expect(try automatic(text(loss: 0.004)) == "bf16")
        #expect(try automatic(text(loss: 0.011)) == "fp32")
        #expect(try automatic(text(loss: 0.004, kernelVersion: 0)) == "fp32")
        #expect(try automatic(#"{"dataSet":"vid4","loss":0.004,"kernelVersion":1}"#) == "fp32")
        #expect(try automatic("0.004") == "fp32")
    }

    @Test func recordsLapseWithTheWeightsThatWereMeasured() throws {
        let measured = try model(text(loss: 0.004))
        func automatic(_ model: Model) -> UpscalerOptions.Precision {
            PrecisionRecord.precision(.auto, for: model, hasBF16: true)
        }
        #expect(automatic(measured) == .bf16)
        var licensed = measured
        licensed.metadata["license"] = "CC0"
        #expect(automatic(licensed) == .bf16)
        var trained = measured
        trained.tensors[.bias(.output)]?.values[2] += 1e-3
        #expect(automatic(trained) == .fp32)
        let pruned = try measured.removing(
            UnitSelection(pruning: measured, to: .ratio(0.5), options: PruningOptions()))
        #expect(pruned.metadata == measured.metadata && automatic(pruned) == .fp32)
    }

    @Test func processorsWithoutBF16ComputeInFP32() throws {
        #expect(try automatic(text(loss: 0.004), hasBF16: false) == "fp32")
        let requested = PrecisionRecord.precision(.bf16, for: try model(nil), hasBF16: false)
        #expect(requested == .fp32)
    }

    @Test func recordsReadBackFromAModelsMetadata() throws {
        let record = PrecisionRecord(
            of: try model(nil), dataSet: "vid4", degradation: "BI", channels: "Y", frames: 171,
            loss: 0.004)
        let text = try record.metadataText()
        #expect(
            text == #"{"channels":"Y","dataSet":"vid4","degradation":"BI","frames":171,"#
                + #""kernelVersion":1,"loss":0.004,"weights":"\#(try model(nil).fingerprint)"}"#)
        #expect(PrecisionRecord(try model(text)) == record)
        #expect(throws: VSRError.self) {
            try PrecisionRecord(of: model(nil), dataSet: "vid4", loss: .nan).metadataText()
        }
    }

    @Test func instructionSetsAreNamedAsTheKernelsNameThem() throws {
        #expect(InstructionSets.knownNames.dropFirst() == ["avx2", "avx512", "avx512-bf16"])
        let baseline = InstructionSets.knownNames[0]
        #expect(try InstructionSets(names: baseline) == .baseline)
        #expect(try InstructionSets(names: "avx2, \(baseline)") == [.avx2, .baseline])
        #expect(try InstructionSets(names: "AVX512-BF16,\(baseline)") == [.avx512BF16, .baseline])
        #expect(([.avx512, .baseline] as InstructionSets).names == [baseline, "avx512"])
        for text in ["", "sse9", "avx2,", "avx2 avx512"] {
            let error = #expect(throws: VSRError.self) { try InstructionSets(names: text) }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains("avx2, avx512, avx512-bf16") == true)
        }
    }

    @Test func setsThatTheProcessorLacksAreRefused() throws {
        let missing = InstructionSets.knownNames.filter {
            !InstructionSets.availableNames.contains($0)
        }
        for name in missing {
            let error = #expect(throws: VSRError.self) { try InstructionSets(names: name) }
            #expect(error?.code == .unsupported && error?.message.contains(name) == true)
        }
    }
}
