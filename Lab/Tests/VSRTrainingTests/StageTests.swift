import Foundation
import Testing
import Torch
import VSRConfiguration
import VSRCore
import VSRModel
import VSRNetworks

@testable import VSRTraining

@Suite struct StageTests {
    @Test func aNetworkLearnsStripes() throws {
        let folder = try TemporaryFolder()
        let configuration = TinyRuns.pretrain("\(folder.path)/run", iterations: 250)
        try pretrain(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        let losses = try records(configuration.output).compactMap { $0.means["reconstruction"] }
        #expect(losses.count == 250)
        let first = losses.prefix(10).reduce(0, +)
        let last = losses.suffix(10).reduce(0, +)
        #expect(last < 0.75 * first)
        let saved = try ConfigurationFile.load(
            PretrainConfiguration.self, path: "\(configuration.output)/configuration.yml")
        #expect(saved == configuration)
    }

    @Test func averagedWeightsFollowByTheirDecay() throws {
        let folder = try TemporaryFolder()
        var configuration = TinyRuns.pretrain("\(folder.path)/run", iterations: 1)
        configuration.optimizer.averageDecay = 0.75
        let start = try Model.initialized(
            configuration.network.blueprint, seed: configuration.run.seed)
        let averaged = try pretrain(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        configuration.optimizer.averageDecay = 0
        configuration.output = "\(folder.path)/plain"
        let plain = try pretrain(
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
            try pretrain(
                configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        }
        #expect(error?.message.contains("at iteration 1: the loss is") == true)
        #expect(error?.message.contains("lower optimizer.rate") == true)
        let checkpoint = try CheckpointFile.read(
            "\(configuration.output)/checkpoints/000000001.checkpoint")
        #expect(checkpoint.iteration == 1)
    }

    @Test func chosenFactorsVanishAndTheirUnitsAreGone() throws {
        let folder = try TemporaryFolder()
        let dense = "\(folder.path)/dense.safetensors"
        let model = try Model.initialized(TinyRuns.blueprint(.bidirectional), seed: 1)
        try ModelFile.write(model, to: dense)
        var configuration = TinyRuns.compress("\(folder.path)/run", model: dense)
        configuration.regularization.factorRate = 0.05
        configuration.regularization.hold = 60
        let result = try compress(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        #expect(result.selection.removedCount == model.blueprint.unitCount / 2)
        #expect(result.model.blueprint == (try model.blueprint.removing(result.selection)))
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
            let batch = ClipBatch(
                low: try Tensor.randomUniform([1, 3, 3, 8, 8], seed: 1),
                high: try Tensor.randomUniform([1, 3, 3, 16, 16], seed: 2))
            func temporal(_ teacher: String) throws -> Double {
                let stage = try FinetuneStage(
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
            let batch = ClipBatch(
                low: try Tensor.randomUniform([1, 3, 3, 8, 8], seed: 1),
                high: try Tensor.randomUniform([1, 3, 3, 16, 16], seed: 2))
            var configuration = TinyRuns.finetune("-", model: paths[0], teacher: paths[1])
            configuration.temporal.weight = 3
            let stage = try FinetuneStage(configuration, device: .cpu)
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
        var configuration = CompressConfiguration()
        configuration.model = "m"
        configuration.regularization.hold = 100
        let error = #expect(throws: VSRError.self) { try configuration.validate() }
        // 1,000 growing steps of 5 iterations, and 100 more: 2e-4 · 5,100 = 1.02.
        #expect(error?.message.contains("0.0002 over 5100 iterations") == true)
        #expect(error?.message.contains("5.9e-04") == true)
        configuration.regularization.factorRate = 6e-4
        #expect(throws: Never.self) { try configuration.validate() }
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
            try FinetuneStage(
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
