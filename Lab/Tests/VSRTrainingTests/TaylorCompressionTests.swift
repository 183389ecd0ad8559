import Foundation
import Testing
import Torch
import VSRCore
import VSRModel
import VSRPruning
import VSRTestSupport

@testable import VSRTraining

/// Scores computed in double precision by `scripts/reference/taylor_scores.py`.
struct TaylorFixture: Decodable, CustomStringConvertible {
    let name: String
    let seed: UInt64
    let frames: Int
    let width: Int
    let height: Int
    let batches: Int
    let blueprint: Blueprint
    let scores: [UnitGroup: [Double]]

    var description: String { name }

    static func all() throws -> [TaylorFixture] { try fixture("VSRTrainingTests/taylor.json") }

    /// The model and, once LibTorch may be used, the batches, drawn as the script draws them.
    func makeInputs() throws -> (model: Model, batches: [ClipBatch]) {
        var random = SeededGenerator(seed: seed)
        let model = random.weights(blueprint)
        func clip(_ scale: Int) throws -> Tensor {
            let count = frames * 3 * width * height * scale * scale
            return try Tensor(
                (0..<count).map { _ in random.uniform() },
                shape: [1, frames, 3, height * scale, width * scale])
        }
        let batches = try (0..<batches).map { _ in
            ClipBatch(low: try clip(1), high: try clip(blueprint.scale))
        }
        return (model, batches)
    }
}

/// Units chosen by how much the loss is expected to change without them.
@Suite struct TaylorCompressionTests {
    private func settings(
        _ folder: TemporaryFolder, _ output: String = "run", model: Model
    ) throws -> Compress.Configuration {
        let path = folder.path("dense.safetensors")
        try ModelFile.write(model, to: path)
        var configuration = TinyRuns.compress(folder.path(output), model: path)
        configuration.selection.score = .taylor
        configuration.selection.scoreBatches = 2
        configuration.run.channelsLast = false
        configuration.run.winograd = false
        return configuration
    }

    private func dense() throws -> Model {
        try .initialized(TinyRuns.blueprint(.bidirectional), seed: 1)
    }

    /// Gradients and weights are rounded to fp32, 6e-8, and a score sums up to 180 of their products,
    /// which may cancel: 1e-5 of the largest score of the network bounds that with room for the
    /// gradients' own sums over 3 frames of 28×24 pixels.
    @Test(arguments: try TaylorFixture.all())
    func scoresAreDerivativesByFactors(_ fixture: TaylorFixture) throws {
        let folder = try TemporaryFolder()
        try TorchThread.run {
            try setThreadCount(1)
            let (model, batches) = try fixture.makeInputs()
            let stage = try Compress(settings(folder, model: model), device: .cpu)
            var scores = try TaylorScores(of: model.blueprint, structure: .free)
            for batch in batches { try stage.add(batch, to: &scores) }
            guard case .free(let found) = scores.scores else {
                Issue.record("another structure was scored")
                return
            }
            #expect(Set(found.values.keys) == Set(fixture.scores.keys))
            let largest = try #require(fixture.scores.values.joined().max())
            for (group, expected) in fixture.scores {
                let values = try #require(found.values[group])
                #expect(values.count == expected.count)
                for (unit, (value, wanted)) in zip(values, expected).enumerated() {
                    #expect(abs(value - wanted) <= 1e-5 * largest, "\(group) \(unit)")
                }
            }
            // Factors on the units count: halved ones halve the derivative by a further factor of
            // what they then pass on; here they are put into the weights.
            let half = try #require(stage.network.factors[.upsampler(.refinement(0))])
            try half.assign(try Tensor(half.floats().map { $0 / 2 }))
            let folded = try model.folding(ScalingFactors(values: stage.network.factorValues()))
            let other = try Compress(settings(folder, model: folded), device: .cpu)
            var scaled = try TaylorScores(of: model.blueprint, structure: .free)
            var plain = scaled
            try stage.add(batches[0], to: &scaled)
            try other.add(batches[0], to: &plain)
            guard case .free(let one) = scaled.scores, case .free(let two) = plain.scores else {
                return
            }
            for (group, values) in one.values {
                let others = try #require(two.values[group])
                for (value, wanted) in zip(values, others) {
                    #expect(abs(value - wanted) <= 1e-5 * largest, "\(group)")
                }
            }
        }
    }

    /// A unit without weights changes nothing: it goes first, whatever L1 scores say of its layer.
    @Test func aRunRemovesWhatTheLossDoesNotNeed() throws {
        let folder = try TemporaryFolder()
        var model = try dense()
        // Unread: conv2's weights for middle filter 2 are 0, while conv1's own are the largest.
        let first = Layer.Role.block(.forward, 0, .first)
        let second = Layer.Role.block(.forward, 0, .second)
        for index in 72..<108 { model.tensors[.weight(first)]?.values[index] = 3 }
        let reads = try #require(model.tensors[.weight(second)])
        for output in 0..<4 {
            for tap in 0..<9 {
                model.tensors[.weight(second)]?.values[(output * 4 + 2) * 9 + tap] = 0
            }
        }
        #expect(reads.shape == [4, 4, 3, 3])
        var configuration = try settings(folder, model: model)
        configuration.selection.ratio = 1.0 / Double(model.blueprint.unitCount)
        let result = try Compress.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        #expect(
            result.removal
                == .free(UnitSelection(removed: [.block(.forward, 0, .middle): [2]])))
        configuration.selection.score = .l1
        configuration.selection.scoreBatches = nil
        configuration.output = folder.path("l1")
        let other = try Compress.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        #expect(other.removal != result.removal)
    }

    @Test(arguments: [PruningOptions.Structure.free, .aligned], [1, 2])
    func itResumesBitForBit(_ structure: PruningOptions.Structure, rounds: Int) throws {
        guard structure == .free || rounds == 1 else { return }
        let folder = try TemporaryFolder()
        func configuration(_ output: String) throws -> Compress.Configuration {
            var result = try settings(folder, output, model: dense())
            result.selection.structure = structure
            result.regularization.rounds = rounds
            return result
        }
        let whole = try Compress.run(
            configuration("whole"), environment: TinyRuns.environment(), clips: TinyRuns.sources())
        for stop in [3, 8, 11] where stop < 8 * rounds {
            let broken = try configuration("broken-\(stop)")
            #expect(throws: VSRError.self) {
                try Compress.run(
                    broken, environment: TinyRuns.environment(stoppingAt: stop),
                    clips: TinyRuns.sources())
            }
            let found = try Compress.run(
                broken, environment: TinyRuns.environment(isResuming: true),
                clips: TinyRuns.sources())
            #expect(found.removal == whole.removal, "stopped at \(stop)")
            #expect(found.model == whole.model, "stopped at \(stop)")
        }
    }

    @Test func whatTaylorScoresHaveNoUseForIsRefused() throws {
        let folder = try TemporaryFolder()
        let usual = try settings(folder, model: dense())
        let changes: [(key: String, change: (inout Compress.Configuration) -> Void)] = [
            ("selection.norm", { $0.selection.norm = .sum }),
            ("selection.score", { $0.selection.order = .random }),
            ("selection.scoreBatches", { $0.selection.scoreBatches = 0 }),
            ("selection.scoreBatches", { $0.selection.score = nil }),
            (
                "regularization.rounds",
                { ($0.selection.targetMs, $0.regularization.rounds) = (1, 2) }
            ),
        ]
        try usual.check()
        for (key, change) in changes {
            var settings = usual
            change(&settings)
            let error = #expect(throws: VSRError.self) { try settings.check() }
            #expect(error?.message.hasPrefix("\(key) is") == true, "\(error?.message ?? "")")
        }
    }

    /// What cannot be reached is said before clips are read.
    @Test func aTargetOutOfReachIsRefusedAtOnce() throws {
        let folder = try TemporaryFolder()
        var settings = try settings(folder, model: dense())
        settings.selection.targetMacs = .count(10)
        settings.data.clips = folder.path("nowhere")
        let error = #expect(throws: VSRError.self) {
            try Compress.run(settings, environment: TinyRuns.environment())
        }
        #expect(error?.message.contains("the network cannot shrink to 10 MACs") == true)
    }
}
