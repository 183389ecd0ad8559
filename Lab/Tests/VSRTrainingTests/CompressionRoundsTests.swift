import Testing
import Torch
import VSRCore
import VSRModel
import VSRNetworks
import VSRPruning
import VSRTestSupport

@testable import VSRTraining

/// Regularization in several rounds, each of which chooses more units.
@Suite struct CompressionRoundsTests {
    private static let blueprint = TinyRuns.blueprint(.bidirectional)

    private func configuration(_ folder: TemporaryFolder) throws -> Compress.Configuration {
        let path = "\(folder.path)/dense.safetensors"
        try ModelFile.write(.initialized(Self.blueprint, seed: 1), to: path)
        var configuration = TinyRuns.compress("\(folder.path)/run", model: path)
        configuration.regularization.rounds = 2
        return configuration
    }

    /// Calls `body` with the stage and the iterations of a round.
    private func withStage(_ body: @Sendable (Compress, Int) throws -> Void) throws {
        let folder = try TemporaryFolder()
        let configuration = try configuration(folder)
        try TorchThread.run {
            try setThreadCount(1)
            try body(
                try Compress(configuration, device: .cpu),
                configuration.regularization.roundIterations)
        }
    }

    private func batch() throws -> ClipBatch {
        try TinyRuns.batch()
    }

    private func units(_ removal: PruningSelection) throws -> [UnitGroup: Set<Int>] {
        guard case .free(let units) = removal else {
            throw VSRError(.unsupported, "an aligned structure")
        }
        return units.removed.mapValues(Set.init)
    }

    @Test func theSecondRoundAddsToTheFirstByTheWeightsOfItsTime() throws {
        try withStage { stage, length in
            let total = Self.blueprint.unitCount
            let first = try units(stage.removal)
            #expect(first.values.map(\.count).reduce(0, +) == total / 4)
            // The unit that is the most important now will be the least: its factor falls to 0.
            let layer = UnitGroup.block(.forward, 0, .middle)
            let factors = try #require(stage.network.factors[layer])
            var values = try factors.floats()
            let kept = try #require(values.indices.last { first[layer]?.contains($0) != true })
            values[kept] = 0
            try factors.assign(try Tensor(values))
            _ = try stage.loss(of: batch(), at: length - 1)
            #expect(stage.removals.count == 1)
            _ = try stage.loss(of: batch(), at: length)
            #expect(stage.removals.count == 2)
            let second = try units(stage.removal)
            #expect(second.values.map(\.count).reduce(0, +) == total / 2)
            for (layer, gone) in first { #expect(second[layer]?.isSuperset(of: gone) == true) }
            #expect(second[layer]?.contains(kept) == true)
            // A later iteration changes nothing any more.
            _ = try stage.loss(of: batch(), at: 2 * length - 1)
            #expect(stage.removals.count == 2)
        }
    }

    /// With all factors at 1 the penalty is α₁/2 for each unit of the first round and α₂/2 for each
    /// of the second.
    @Test func theLossHasEachRoundsPenaltyOnItsOwnUnits() throws {
        try withStage { stage, length in
            let quarter = Double(Self.blueprint.unitCount / 4)
            // α is 0, 0.5, 1, 1 … from the start of each round.
            let second = Double(Self.blueprint.unitCount / 2) - quarter
            for (iteration, expected) in [
                (0, 0), (1, 0.25 * quarter), (2, 0.5 * quarter), (length, 0.5 * quarter),
                (length + 1, 0.5 * quarter + 0.25 * second),
                (length + 5, 0.5 * quarter + 0.5 * second),
            ] {
                let loss = try stage.loss(of: batch(), at: iteration)
                let reconstruction = try #require(try loss.parts["reconstruction"]?.item())
                let penalty = try loss.total.item() - reconstruction
                // A few roundings of single precision.
                #expect(abs(penalty - expected) <= 4e-7 * (expected + 1), "\(iteration)")
            }
        }
    }

    @Test func alignedStructuresGoAllAtOnce() throws {
        let folder = try TemporaryFolder()
        var configuration = try configuration(folder)
        configuration.selection.structure = .aligned
        let error = #expect(throws: VSRError.self) {
            try Compress.run(
                configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        }
        #expect(error?.message.contains("regularization.rounds is 2; it must be 1") == true)
    }

    @Test func theWholeRunReachesTheTarget() throws {
        let folder = try TemporaryFolder()
        var configuration = try configuration(folder)
        configuration.selection.targetMacs = .share(0.4)
        let result = try Compress.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        let share =
            Double(result.model.blueprint.costs().macs) / Double(Self.blueprint.costs().macs)
        #expect(share <= 0.4)
        #expect(
            result.model.metadata[MetadataKey.history]?.hasSuffix("compress, 16 iterations, seed 3")
                == true)
    }
}
