import Foundation
import Testing
import Torch
import VSRConfiguration
import VSRCore
import VSRModel
import VSRNetworks
import VSRTestSupport

@testable import VSRTraining

@Suite struct StageTests {
    @Test func aNetworkLearnsStripes() throws {
        let folder = try TemporaryFolder()
        let configuration = TinyRuns.pretrain("\(folder.path)/run", iterations: 250)
        try Pretrain.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        let losses = try records(configuration.output).compactMap { $0.means["reconstruction"] }
        #expect(losses.count == 250)
        let first = losses.prefix(10).reduce(0, +)
        let last = losses.suffix(10).reduce(0, +)
        #expect(last < 0.75 * first)
        let saved = try ConfigurationFile.load(
            Pretrain.Configuration.self, path: "\(configuration.output)/configuration.yml")
        #expect(saved == configuration)
    }

    @Test func averagedWeightsFollowByTheirDecay() throws {
        let folder = try TemporaryFolder()
        var configuration = TinyRuns.pretrain("\(folder.path)/run", iterations: 1)
        configuration.optimizer.averageDecay = 0.75
        let start = try Model.initialized(
            configuration.network.blueprint, seed: configuration.run.seed)
        let averaged = try Pretrain.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        configuration.optimizer.averageDecay = 0
        configuration.output = "\(folder.path)/plain"
        let plain = try Pretrain.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        for (name, values) in averaged.tensors {
            let before = try #require(start.tensors[name]).values
            let after = try #require(plain.tensors[name]).values
            for index in values.values.indices {
                let expected = before[index] + 0.25 * (after[index] - before[index])
                #expect(abs(values.values[index] - expected) <= 1e-7)
            }
        }
    }

    @Test func divergenceEndsTheRunAndKeepsTheCheckpoint() throws {
        let folder = try TemporaryFolder()
        var configuration = TinyRuns.pretrain("\(folder.path)/run", iterations: 20)
        configuration.optimizer.rate = 1e30
        configuration.optimizer.finalRate = 1e30
        configuration.run.checkpointEvery = 1
        let error = #expect(throws: VSRError.self) {
            try Pretrain.run(
                configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        }
        #expect(error?.message.contains("at iteration 1: the loss is") == true)
        let checkpoints = "\(configuration.output)/checkpoints"
        #expect(
            error?.message.hasSuffix(
                "; the checkpoints in \(checkpoints) are from before it: lower optimizer.rate in a "
                    + "new run") == true)
        let checkpoint = try CheckpointFile.read("\(checkpoints)/000000001.checkpoint")
        #expect(checkpoint.iteration == 1)
    }

    @Test(arguments: [false, true])
    func divergenceBeforeTheFirstCheckpointSpeaksOfNone(_ isRounding: Bool) throws {
        let folder = try TemporaryFolder()
        var configuration = TinyRuns.pretrain("\(folder.path)/run", iterations: 20)
        configuration.optimizer.rate = 1e30
        configuration.optimizer.finalRate = 1e30
        configuration.run.bfloat16 = isRounding
        let error = #expect(throws: VSRError.self) {
            try Pretrain.run(
                configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        }
        let remedy = isRounding ? "run.bfloat16=false or a" : "a"
        #expect(
            error?.message.hasSuffix(
                "; there is no checkpoint yet: start again with \(remedy) lower optimizer.rate")
                == true)
    }

    @Test func chosenFactorsVanishAndTheirUnitsAreGone() throws {
        let folder = try TemporaryFolder()
        let dense = "\(folder.path)/dense.safetensors"
        let model = try Model.initialized(TinyRuns.blueprint(.bidirectional), seed: 1)
        try ModelFile.write(model, to: dense)
        var configuration = TinyRuns.compress("\(folder.path)/run", model: dense)
        configuration.regularization.factorRate = 0.05
        configuration.regularization.hold = 60
        let result = try Compress.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        guard case .free(let removal) = result.removal else {
            Issue.record("the structure is free unless another is asked for")
            return
        }
        #expect(removal.removedCount == model.blueprint.unitCount / 2)
        #expect(result.model.blueprint == (try model.blueprint.removing(removal)))
        #expect(try ModelFile.read("\(configuration.output)/model.safetensors") == result.model)
        // The flow network is frozen.
        for layer in model.blueprint.flowLayers {
            #expect(result.model.tensors[layer.weight] == model.tensors[layer.weight])
        }
        let figures = try records(configuration.output).map(\.figures)
        let last = try #require(figures.last)
        #expect(abs(try #require(last["chosen"])) < 0.1)
        #expect(try #require(last["kept"]) > 0.5)
        // step 0.5 at every iteration up to 1.
        #expect(figures.prefix(4).map { $0["penalty"] } == [0, 0.5, 1, 1])
    }

    @Test func aNetworkThatEqualsItsTeacherHasNoTemporalLoss() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/model.safetensors"
        try ModelFile.write(.initialized(TinyRuns.blueprint(), seed: 1), to: path)
        let other = "\(folder.path)/other.safetensors"
        try ModelFile.write(.initialized(TinyRuns.blueprint(), seed: 2), to: other)
        try TorchThread.run {
            try setThreadCount(1)
            let batch = try TinyRuns.batch()
            func temporal(_ teacher: String) throws -> Double {
                let stage = try Finetune(
                    TinyRuns.finetune("-", model: path, teacher: teacher), device: .cpu)
                let loss = try stage.loss(of: batch, at: 0)
                let parts = try loss.parts.mapValues { try $0.item() }
                let total = try loss.total.item()
                let reconstruction = parts["reconstruction"] ?? .nan
                let temporal = parts["temporal"] ?? .nan
                #expect(abs(total - reconstruction - temporal) <= 1e-6)
                return temporal
            }
            #expect(try temporal(path) == 0)
            #expect(try temporal(other) > 0)
        }
    }

    @Test func theTemporalLossComparesTheLastStateOfEachBranch() throws {
        let folder = try TemporaryFolder()
        let paths = [1, 2].map { "\(folder.path)/\($0).safetensors" }
        for (seed, path) in zip([1, 2] as [UInt64], paths) {
            try ModelFile.write(
                .initialized(TinyRuns.blueprint(.bidirectional), seed: seed), to: path)
        }
        try TorchThread.run {
            try setThreadCount(1)
            let batch = try TinyRuns.batch()
            var configuration = TinyRuns.finetune("-", model: paths[0], teacher: paths[1])
            configuration.temporal.weight = 3
            let stage = try Finetune(configuration, device: .cpu)
            let loss = try stage.loss(of: batch, at: 0)
            let states = try paths.map {
                try BasicVSR(ModelFile.read($0)).assembled().hiddenStates(of: batch.low)
            }
            var expected = 0.0
            // Forward ends with the last frame, backward with the first.
            for (branch, frame) in [(Blueprint.Branch.forward, 2), (.backward, 0)] {
                let a = try #require(states[0][branch])[frame].doubles()
                let b = try #require(states[1][branch])[frame].doubles()
                expected += zip(a, b).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(a.count)
            }
            let temporal = try #require(try loss.parts["temporal"]?.item())
            let reconstruction = try #require(try loss.parts["reconstruction"]?.item())
            #expect(abs(temporal - expected) <= 1e-6)
            #expect(try abs(loss.total.item() - reconstruction - 3 * expected) <= 1e-6)
        }
    }

    /// The teacher is the model itself, so its flow network is the same at the start.
    @Test func theFlowNetworkLearnsWhileFinetunedAtAnEighthOfTheRate() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/model.safetensors"
        let model = try Model.initialized(TinyRuns.blueprint(), seed: 1)
        try ModelFile.write(model, to: path)
        var configuration = TinyRuns.finetune("\(folder.path)/run", model: path, teacher: path)
        configuration.flow = FlowTuningSettings()
        let stage = try TorchThread.run { try Finetune(configuration, device: .cpu) }
        #expect(stage.rate(ofGroup: 0, at: 0) == 2e-4)
        #expect(stage.rate(ofGroup: 1, at: 0) == 2.5e-5)
        configuration.flow.frozenIterations = 2
        configuration.iterations = 3
        configuration.run.checkpointEvery = 1
        configuration.run.checkpointsKept = 9
        try Finetune.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        let key = TensorKey.bias(.flow(level: 1, convolution: 4))
        func values(_ iteration: Int) throws -> [Float]? {
            try CheckpointFile.read(
                "\(configuration.output)/checkpoints/00000000\(iteration).checkpoint"
            ).tensors["parameter.\(key.name)"]?.values
        }
        #expect(try values(2) == model.tensors[key]?.values)
        #expect(try values(3) != model.tensors[key]?.values)
        configuration.flow.rateFactor = 0
        configuration.output = "\(folder.path)/frozen"
        let frozen = try Finetune.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        for layer in model.blueprint.flowLayers {
            #expect(frozen.tensors[layer.weight] == model.tensors[layer.weight])
        }
    }

    /// All weights but the flow network's are equal, and so the student's first loss is that of its
    /// own flows against its teacher's.
    @Test(arguments: [0.0, 0.125])
    func theTeacherKeepsItsOwnFlowNetwork(rateFactor: Double) throws {
        let folder = try TemporaryFolder()
        let paths = ["student", "teacher"].map { "\(folder.path)/\($0).safetensors" }
        let teacher = try Model.initialized(TinyRuns.blueprint(), seed: 1)
        var student = teacher
        let bias = TensorKey.bias(.flow(level: 1, convolution: 4))
        // Half a pixel in each direction.
        student.tensors[bias] = ModelTensor(shape: [2], filledWith: 0.5)
        try ModelFile.write(student, to: paths[0])
        try ModelFile.write(teacher, to: paths[1])
        try TorchThread.run {
            try setThreadCount(1)
            let batch = try TinyRuns.batch()
            var configuration = TinyRuns.finetune("-", model: paths[0], teacher: paths[1])
            configuration.flow.rateFactor = rateFactor
            let stage = try Finetune(configuration, device: .cpu)
            let loss = try stage.loss(of: batch, at: 0)
            #expect(try #require(loss.parts["temporal"]).item() > 0)
            let learns = stage.groups.flatMap(\.parameters).contains { $0.name == bias.name }
            #expect(learns == (rateFactor > 0))
            try loss.total.backward()
            #expect((stage.network.parameters[bias]?.gradient != nil) == learns)
            // Once its weights have moved, a student that began as its teacher differs by its flow.
            configuration.model = paths[1]
            let equal = try Finetune(configuration, device: .cpu)
            try #require(equal.network.parameters[bias])
                .assign(Tensor([0.5, 0.5] as [Float]))
            let moved = try equal.loss(of: batch, at: 0)
            #expect(try (#require(moved.parts["temporal"]).item() > 0) == learns)
        }
    }

    @Test func charbonnierIsTheMeanRootOfSquaresPlusEpsilon() throws {
        try TorchThread.run {
            try setThreadCount(1)
            let a = try Tensor([0, 3, 1] as [Float])
            let b = try Tensor([0, 0, 1] as [Float])
            // (1e-6 + 3 + 1e-6) / 3
            #expect(abs(try Losses.charbonnier(a, b).item() - 1.000000667) <= 1e-7)
        }
    }

    @Test func factorsTooSlowToVanishAreRefused() {
        var configuration = Compress.Configuration()
        configuration.model = "m"
        configuration.regularization.hold = 100
        let error = #expect(throws: VSRError.self) { try configuration.check() }
        // 1,000 growing steps of 5 iterations, and 100 more: 2e-4 · 5,100 = 1.02.
        let message = error?.message ?? ""
        #expect(message.contains("it must be at least 5.9e-04"))
        #expect(message.contains("longer than 5100 iterations"))
        #expect(message.contains("factorRate is 0.0002; "))
        configuration.regularization.factorRate = 6e-4
        #expect(throws: Never.self) { try configuration.check() }
    }

    @Test func aTeacherOfAnotherWidthIsRefused() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/model.safetensors"
        try ModelFile.write(.initialized(TinyRuns.blueprint(), seed: 1), to: path)
        let wide = "\(folder.path)/wide.safetensors"
        let blueprint = Blueprint(
            direction: .unidirectional, width: 6, blocks: 1, scale: 2, flow: TinyRuns.flow)
        try ModelFile.write(.initialized(blueprint, seed: 2), to: wide)
        let error = #expect(throws: VSRError.self) {
            try Finetune(
                TinyRuns.finetune("-", model: path, teacher: wide), device: .cpu)
        }
        #expect(error?.message.contains("6 channels wide") == true)
        #expect(error?.message.contains("slimvsr prune --structure aligned") == true)
    }

    private func records(_ output: String) throws -> [LogRecord] {
        let text = try String(contentsOfFile: "\(output)/log.jsonl", encoding: .utf8)
        return try text.split(separator: "\n").map {
            try JSONDecoder().decode(LogRecord.self, from: Data($0.utf8))
        }
    }
}
