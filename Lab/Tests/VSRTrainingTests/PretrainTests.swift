import Foundation
import Synchronization
import Testing
import Torch
import VSRCore
import VSRData
import VSRModel
import VSRTestSupport

@testable import VSRTraining

@Suite struct PretrainTests {
    /// Random frames, the same at each call.
    private func batch() throws -> ClipBatch {
        try TinyRuns.batch(2)
    }

    @Test func withoutFlowThePhotometricLossIsTheDistanceOfNeighbors() throws {
        try TorchThread.run {
            try setThreadCount(1)
            let stage = try Pretrain(TinyRuns.pretrain("-"), device: .cpu)
            let batch = try batch()
            let loss = try stage.loss(of: batch, at: 0)
            let pixels = try batch.low.doubles()
            let frame = 3 * 8 * 8
            var sum = 0.0
            for clip in 0..<2 {
                for pair in 0..<2 {
                    let start = (clip * 3 + pair) * frame
                    for index in start..<start + frame {
                        let difference = pixels[index + frame] - pixels[index]
                        sum += (difference * difference + 1e-12).squareRoot()
                    }
                }
            }
            let expected = sum / Double(4 * frame)
            let photometric = try #require(try loss.parts["photometric"]?.item())
            #expect(abs(photometric - expected) <= 1e-6)
            let reconstruction = try #require(try loss.parts["reconstruction"]?.item())
            // The configuration weighs it by 0.1.
            let total = try loss.total.item()
            #expect(abs(total - reconstruction - 0.1 * expected) <= 1e-6)
        }
    }

    @Test func pretrainedFlowIsFrozenFirstThenLearnsAtAFractionOfTheRate() throws {
        let folder = try TemporaryFolder()
        let source = "\(folder.path)/flow.safetensors"
        let model = try Model.initialized(TinyRuns.blueprint(), seed: 9)
        try ModelFile.write(model, to: source)
        var configuration = TinyRuns.pretrain("\(folder.path)/run", iterations: 4)
        configuration.network.flowWeights = source
        configuration.flow.frozenIterations = 3
        configuration.optimizer.averageDecay = 0
        let stage = try TorchThread.run {
            try Pretrain(configuration, device: .cpu)
        }
        #expect(stage.rate(ofGroup: 0, at: 0) == 2e-3)
        #expect(stage.rate(ofGroup: 1, at: 0) == 2.5e-4)
        configuration.run.checkpointEvery = 1
        configuration.run.checkpointsKept = 9
        try Pretrain.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        let key = TensorKey.bias(.flow(level: 1, convolution: 4))
        func values(_ iteration: Int) throws -> [Float]? {
            try CheckpointFile.read(
                "\(configuration.output)/checkpoints/00000000\(iteration).checkpoint"
            ).tensors["parameter.\(key.name)"]?.values
        }
        #expect(try values(3) == model.tensors[key]?.values)
        #expect(try values(4) != model.tensors[key]?.values)
    }

    @Test(arguments: [[3, 5, 1], [3, 5, 1, 7, 3, 3]])
    func networksWithOtherFlowNetworksAreMadeAndTakeTheirWeights(_ kernels: [Int]) throws {
        let folder = try TemporaryFolder()
        var configuration = TinyRuns.pretrain("\(folder.path)/run", iterations: 1)
        configuration.network.flowWidths = Array([2, 3, 2, 4, 3].prefix(kernels.count - 1))
        configuration.network.flowKernels = kernels
        let flow = Blueprint.FlowNetwork(
            widths: configuration.network.flowWidths, levels: 2, kernelSizes: kernels)
        var blueprint = TinyRuns.blueprint()
        blueprint.flow = flow
        let source = "\(folder.path)/flow.safetensors"
        let pretrained = try Model.initialized(blueprint, seed: 9)
        try ModelFile.write(pretrained, to: source)
        configuration.network.flowWeights = source
        configuration.optimizer.averageDecay = 0
        try Pretrain.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        let trained = try ModelFile.read("\(configuration.output)/model.safetensors")
        #expect(trained.blueprint == blueprint)
        // Frozen at first.
        for (key, tensor) in pretrained.tensors where key.role.isFlow {
            #expect(trained.tensors[key] == tensor)
        }
    }

    /// Pretrained weights are those for whole frames: their finest level is of no use.
    @Test func flowOfReducedFramesTakesTheCoarseLevelsOfPretrainedWeights() throws {
        let folder = try TemporaryFolder()
        let source = "\(folder.path)/flow.safetensors"
        let pretrained = try Model.initialized(TinyRuns.blueprint(), seed: 9)
        #expect(pretrained.blueprint.flow.levels == 2)
        try ModelFile.write(pretrained, to: source)
        var configuration = TinyRuns.pretrain("\(folder.path)/run", iterations: 1)
        configuration.network.flowWeights = source
        configuration.network.flowLevels = 1
        configuration.network.flowReduction = 2
        configuration.optimizer.averageDecay = 0
        try Pretrain.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        let trained = try ModelFile.read("\(configuration.output)/model.safetensors")
        #expect(trained.blueprint.flow.levels == 1)
        #expect(trained.blueprint.flow.reduction == 2)
        let flow = trained.tensors.filter { $0.key.role.isFlow }
        #expect(flow.count == 10)
        for (key, tensor) in flow { #expect(tensor == pretrained.tensors[key]) }
        // Fewer levels than either.
        configuration.network.flowReduction = 4
        configuration.network.flowLevels = 4
        let error = #expect(throws: VSRError.self) {
            try TorchThread.run { try Pretrain(configuration, device: .cpu) }
        }
        #expect(error?.message.contains("and 2 levels: set network.flowWidths") == true)
        configuration.network.flowReduction = 2
        configuration.network.flowLevels = 1
        // Weights that are for reduced frames already have as many levels as the network.
        try ModelFile.write(try pretrained.reducingFlow(by: 2), to: source)
        configuration.output = "\(folder.path)/again"
        try Pretrain.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        let again = try ModelFile.read("\(configuration.output)/model.safetensors")
        #expect(again.tensors == trained.tensors)
    }

    @Test func networksWithOtherActivationsAreTrained() throws {
        let folder = try TemporaryFolder()
        func trained(_ activation: Activation) throws -> Model {
            var configuration = TinyRuns.pretrain("\(folder.path)/\(activation)", iterations: 3)
            configuration.network.activation = activation
            try Pretrain.run(
                configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
            return try ModelFile.read("\(configuration.output)/model.safetensors")
        }
        let models = try [Activation.basicVSR, .relu, .leakyReLU(negativeSlope: 0.5)].map {
            let model = try trained($0)
            #expect(model.blueprint.activation == $0)
            return model
        }
        // From the same weights and samples.
        #expect(models[0].tensors != models[1].tensors)
        #expect(models[0].tensors != models[2].tensors)
    }

    @Test func bfloat16ComesNearFullPrecision() throws {
        try TorchThread.run {
            try setThreadCount(1)
            var configuration = TinyRuns.pretrain("-")
            let exact = try Pretrain(configuration, device: .cpu)
            configuration.run.bfloat16 = true
            let rounded = try Pretrain(configuration, device: .cpu)
            let expected = try exact.loss(of: batch(), at: 0).total.item()
            let found = try rounded.loss(of: batch(), at: 0).total.item()
            // Eight bits of mantissa are 0.4 %; the mean of many errors is far below.
            #expect(abs(found - expected) <= 4e-3 * expected)
            #expect(found != expected)
        }
    }

    @Test func withoutInstructionsForBfloat16TheRunStaysInSinglePrecision() throws {
        let folder = try TemporaryFolder()
        let notes = Mutex<[String]>([])
        func trained(_ name: String, isRounding: Bool, hasBFloat16: Bool) throws -> Model {
            var configuration = TinyRuns.pretrain("\(folder.path)/\(name)", iterations: 2)
            configuration.run.bfloat16 = isRounding
            try Pretrain.run(
                configuration,
                environment: TinyRuns.environment(hasBFloat16: hasBFloat16) { note in
                    notes.withLock { $0.append(note) }
                }, clips: TinyRuns.sources())
            return try ModelFile.read("\(configuration.output)/model.safetensors")
        }
        let exact = try trained("exact", isRounding: false, hasBFloat16: true)
        let rounded = try trained("rounded", isRounding: true, hasBFloat16: true)
        #expect(notes.withLock { $0 }.isEmpty)
        let refused = try trained("refused", isRounding: true, hasBFloat16: false)
        #expect(notes.withLock { $0.count { $0.hasPrefix("run.bfloat16 is ignored") } } == 1)
        #expect(refused.tensors == exact.tensors)
        #expect(rounded.tensors != exact.tensors)
        let written = try String(
            contentsOfFile: "\(folder.path)/refused/configuration.yml", encoding: .utf8)
        #expect(written.contains("bfloat16: false"))
    }

    @Test func withoutClipsScenesAreRendered() throws {
        var settings = TinyRuns.data()
        settings.scenes = 2
        settings.sceneFrames = 4
        settings.sceneSize = "32x24"
        func sampler(_ seed: UInt64) throws -> BatchSampler {
            try settings.sampler(
                of: nil, for: TinyRuns.blueprint(), seed: seed, environment: TinyRuns.environment())
        }
        let first = try sampler(1)
        #expect(first.clips.count == 2)
        #expect(first.clips.shape(clip: 1).frames == 4)
        #expect(first.clips.shape(clip: 1).size == FrameSize(width: 32, height: 24))
        #expect(try sampler(1).batch(7) == first.batch(7))
        #expect(try sampler(2).batch(7).highResolution != first.batch(7).highResolution)
    }

    @Test func aFlowNetworkOfAnotherShapeIsRefused() throws {
        let folder = try TemporaryFolder()
        let source = "\(folder.path)/flow.safetensors"
        try ModelFile.write(.initialized(TinyRuns.blueprint(), seed: 9), to: source)
        var configuration = TinyRuns.pretrain("-")
        configuration.network.flowWeights = source
        configuration.network.flowWidths = [4, 4, 4, 4]
        let error = #expect(throws: VSRError.self) {
            try TorchThread.run { try Pretrain(configuration, device: .cpu) }
        }
        #expect(error?.message.contains("[2, 2, 2, 2]") == true)
        configuration.network.flowWeights = "$VSR_NO_SUCH_VARIABLE/flow.safetensors"
        let unset = #expect(throws: VSRError.self) {
            try TorchThread.run { try Pretrain(configuration, device: .cpu) }
        }
        #expect(unset?.message.contains("VSR_NO_SUCH_VARIABLE, which is not set") == true)
    }
}
