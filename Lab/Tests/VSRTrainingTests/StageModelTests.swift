import Testing
import VSRCore
import VSRModel
import VSRTestSupport

@testable import VSRTraining

@Suite struct StageModelTests {
    @Test func theFingerprintIsOfArchitectureWeightsAndKeptChannels() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/model.safetensors"
        func fingerprint(_ model: Model) throws -> String {
            try ModelFile.write(model, to: path)
            return try StageModel(path).fingerprint
        }
        var model = try Model.initialized(TinyRuns.blueprint(), seed: 1)
        let first = try fingerprint(model)
        model.metadata[MetadataKey.history] = "told anew"
        #expect(try fingerprint(model) == first)
        model.metadata[MetadataKey.keptChannels] = #"{"forward":"0-3","width":8}"#
        let narrowed = try fingerprint(model)
        #expect(narrowed != first)
        model.metadata[MetadataKey.keptChannels] = nil
        #expect(try fingerprint(model) == first)
        model.tensors[.bias(.fusion)]?.values[0] += 1
        #expect(try fingerprint(model) != first)
    }

    @Test func modelsAreNamedAsForThePrograms() throws {
        let error = #expect(throws: VSRError.self) { try StageModel("no-such-model") }
        #expect(error?.code == .notFound)
        #expect(error?.message.contains("there is no model file no-such-model") == true)
    }

    @Test func checkpointsThatLeaveAQuestionAreToBeImported() throws {
        let folder = try TemporaryFolder()
        let model = try Model.initialized(TinyRuns.blueprint(), seed: 1)
        func write(_ prefixes: [String], _ name: String) throws -> String {
            let tensors = prefixes.flatMap { prefix in
                model.tensors.map { (name: "\(prefix).\($0.key.name)", tensor: $0.value) }
            }
            try SafetensorsWriter.write(tensors, to: folder.path(name))
            return folder.path(name)
        }
        let both = try write(["first", "second"], "both.bin")
        let error = #expect(throws: VSRError.self) { try StageModel(both) }
        #expect(error?.code == .invalidArgument)
        #expect(
            error?.message.hasSuffix("make a model file of one with slimvsr import --prefix")
                == true,
            "\(error?.message ?? "")")
        let one = try StageModel(try write(["params"], "one.bin"))
        #expect(one.model.tensors == model.tensors)
        #expect(one.remarks.count == 1)
        #expect(
            one.remarks.first?.hasSuffix(
                "slimvsr import --activation makes a model file with another")
                == true)
    }

    @Test(arguments: ["BI", "BD"])
    func theModelSaysWhichDegradationItWasTrainedFor(degradation: String) throws {
        let folder = try TemporaryFolder()
        var pretraining = TinyRuns.pretrain("\(folder.path)/dense", iterations: 1)
        pretraining.data.degradation = degradation
        try Pretrain.run(
            pretraining, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        let dense = "\(folder.path)/dense/model.safetensors"
        #expect(try ModelFile.read(dense).metadata["slimvsr.degradation"] == degradation)
        // A later stage's own degradation counts.
        let compression = TinyRuns.compress("\(folder.path)/slim", model: dense)
        let slim = try Compress.run(
            compression, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        #expect(slim.model.metadata["slimvsr.degradation"] == "BI")
    }
}
