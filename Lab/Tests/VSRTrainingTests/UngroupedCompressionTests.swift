import Foundation
import Testing
import Torch
import VSRCore
import VSRModel
import VSRNetworks
import VSRPruning
import VSRTestSupport

@testable import VSRTraining

/// Compression whose filters before a pixel-shuffle go one by one.
@Suite struct UngroupedCompressionTests {
    private let blueprint = TinyRuns.blueprint(.bidirectional)
    private static let shuffle = UnitGroup.upsampler(.upconvolution(0))

    private func configuration(
        _ folder: TemporaryFolder, output: String = "run"
    ) throws -> Compress.Configuration {
        let path = folder.path("dense.safetensors")
        try ModelFile.write(.initialized(blueprint, seed: 1), to: path)
        var configuration = TinyRuns.compress(folder.path(output), model: path)
        configuration.selection.structure = .ungrouped
        // Initial weights of the upsampler are much larger than those of blocks.
        configuration.selection.scope = .local
        return configuration
    }

    @Test func chosenFiltersVanishAndAreGone() throws {
        let folder = try TemporaryFolder()
        var configuration = try configuration(folder)
        configuration.regularization.factorRate = 0.05
        configuration.regularization.hold = 60
        let stage = try TorchThread.run { try Compress(configuration, device: .cpu) }
        // One factor for each of 16 filters, and none for the 4 groups that they make.
        #expect(stage.factors.first { $0.name == "upconv1" }?.factors.count == 16)
        #expect(stage.factors.filter { $0.name == "upconv1" }.count == 1)
        #expect(stage.network.factors[Self.shuffle] == nil)
        let result = try Compress.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        guard case .ungrouped(let removal) = result.removal else {
            Issue.record("another structure was compressed")
            return
        }
        let gone = try #require(removal.filters[Self.shuffle])
        #expect(gone.count.isMultiple(of: 4) && !gone.isEmpty)
        configuration.selection.structure = .free
        configuration.output = folder.path("free")
        let free = try Compress.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        #expect(result.model.blueprint == free.model.blueprint)
        let written = try Data(contentsOf: URL(fileURLWithPath: folder.path("run/selection.json")))
        #expect(
            try JSONDecoder().decode(PruningSelection.self, from: written) == result.removal)
        let log = try String(contentsOfFile: folder.path("run/log.jsonl"), encoding: .utf8)
        let last = try JSONDecoder().decode(
            LogRecord.self, from: Data(try #require(log.split(separator: "\n").last).utf8))
        #expect(abs(try #require(last.figures["chosen.upconv1"])) < 0.1)
        #expect(try #require(last.figures["kept"]) > 0.5)
    }

    /// Factors on single filters and on units together.
    @Test func foldingTheFactorsDoesNotChangeTheNetwork() throws {
        let model = Model.random(blueprint, seed: 5)
        try TorchThread.run {
            try setThreadCount(1)
            let network = try BasicVSR(
                model, hasFactors: true, filterUnits: blueprint.filterUnits(.ungrouped))
            for (index, factor) in network.namedFactors.enumerated() {
                let values = (0..<factor.tensor.count).map { 1.5 - 0.0625 * Float($0 + index % 3) }
                try factor.tensor.assign(try Tensor(values))
            }
            let folded = try model.folding(ScalingFactors(values: network.factorValues()))
                .folding(filterFactors: network.filterFactors.mapValues { try $0.floats() })
            let clip = try Tensor.randomUniform([1, 3, 3, 8, 8], seed: 3)
            let expected = try network.assembled()(clip).frames.doubles()
            let found = try BasicVSR(folded).assembled()(clip).frames.doubles()
            let plain = try BasicVSR(model).assembled()(clip).frames.doubles()
            let scale = expected.map(abs).max() ?? 1
            let largest = zip(found, expected).map { abs($0 - $1) }.max() ?? .nan
            #expect(largest <= 1e-5 * scale)
            #expect(zip(plain, expected).contains { abs($0 - $1) > 1e-3 })
        }
    }

    @Test func itResumesBitForBit() throws {
        let folder = try TemporaryFolder()
        let whole = try Compress.run(
            configuration(folder, output: "whole"), environment: TinyRuns.environment(),
            clips: TinyRuns.sources())
        let broken = try configuration(folder, output: "broken")
        #expect(throws: VSRError.self) {
            try Compress.run(
                broken, environment: TinyRuns.environment(stoppingAt: 3),
                clips: TinyRuns.sources())
        }
        let found = try Compress.run(
            broken, environment: TinyRuns.environment(isResuming: true),
            clips: TinyRuns.sources())
        #expect(found.model == whole.model && found.removal == whole.removal)
    }

    @Test func filtersGoAllAtOnceAndAreNotRefitted() throws {
        let folder = try TemporaryFolder()
        var rounds = try configuration(folder)
        rounds.regularization.rounds = 2
        let error = #expect(throws: VSRError.self) { try rounds.check() }
        #expect(error?.message.contains("1 with an ungrouped structure") == true)
        var refitted = try configuration(folder)
        refitted.compensate = true
        let other = #expect(throws: VSRError.self) { try refitted.check() }
        #expect(
            other?.message == "compensate is true; it must be left out with an ungrouped structure")
    }
}
