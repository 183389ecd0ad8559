import Foundation
import Testing
import Torch
import VSRConfiguration
import VSRCore
import VSRModel
import VSRNetworks
import VSRPruning
import VSRTestSupport

@testable import VSRTraining

/// Compression into a narrower dense network: filters tied by skip connections and recurrence go
/// together.
@Suite struct AlignedCompressionTests {
    /// A network of one block, all of whose weights are 0.01 times their filter's number here.
    ///
    /// At ratio 0.5 each group of three loses the smallest one, and each of two as well: channel 1
    /// of the trunk, filter 2 of conv1, 0 of the fusion, group 1 of upconv1 and filter 0 of conv_hr.
    private static let scores: [(convolution: Layer.Role, values: [Float])] = [
        (.first(.forward), [3, 1, 2]), (.block(.forward, 0, .second), [2, 1, 3]),
        (.block(.forward, 0, .first), [2, 3, 1]), (.fusion, [1, 2, 3]),
        (.upconvolution(0), [2, 1]), (.refinement(0), [1, 2]),
    ]

    private static let chosen = [
        "forward_trunk.main.0": [1], "forward_trunk.main.2.0.conv2": [1],
        "forward_trunk.main.2.0.conv1": [2], "fusion": [0], "upconv1": [1], "conv_hr": [0],
    ]

    private func model() throws -> Model {
        let blueprint = Blueprint(
            direction: .unidirectional, width: 3, blocks: 1, upsamplerWidth: 2, scale: 2,
            flow: TinyRuns.flow)
        var model = try Model.initialized(blueprint, seed: 4)
        for (role, values) in Self.scores {
            let weight = try #require(model.tensors[.weight(role)])
            let size = weight.values.count / values.count
            model.tensors[.weight(role)] = ModelTensor(
                shape: weight.shape,
                values: weight.values.indices.map { 0.01 * values[$0 / size] })
        }
        return model
    }

    private func configuration(
        _ folder: TemporaryFolder, output: String = "run"
    ) throws -> Compress.Configuration {
        let path = "\(folder.path)/dense.safetensors"
        try ModelFile.write(try model(), to: path)
        var configuration = TinyRuns.compress("\(folder.path)/\(output)", model: path)
        configuration.selection.structure = .aligned
        return configuration
    }

    @Test func allMembersOfAGroupLoseTheSameUnits() throws {
        let folder = try TemporaryFolder()
        let stage = try TorchThread.run {
            try Compress(configuration(folder), device: .cpu)
        }
        let found = Dictionary(uniqueKeysWithValues: stage.factors.map { ($0.name, $0.chosen) })
        #expect(found == Self.chosen)
        // A pixel-shuffle group of four filters has one factor.
        let counts = stage.factors.map { "\($0.name) \($0.factors.count)" }
        #expect(counts.contains("upconv1 2") && counts.contains("fusion 3"))
    }

    /// At iteration 0 the penalty α is 0, at iteration 1 it is 0.5: the gradients differ by α · γ on
    /// the chosen factors, by nothing elsewhere.
    @Test func thePenaltysGradientIsAlphaTimesTheFactorOnTheChosenOnes() throws {
        let folder = try TemporaryFolder()
        let configuration = try configuration(folder)
        try TorchThread.run {
            try setThreadCount(1)
            let stage = try Compress(configuration, device: .cpu)
            let batch = try TinyRuns.batch()
            for layer in stage.factors {
                let values = (0..<layer.factors.count).map { 1 - 0.25 * Float($0) }
                try layer.factors.assign(try Tensor(values))
            }
            let leaves = stage.factors.map(\.factors)
            let gradients = try [0, 1].map { iteration in
                try stage.loss(of: batch, at: iteration).total.gradients(of: leaves)
                    .map { try #require($0).doubles() }
            }
            for (index, layer) in stage.factors.enumerated() {
                let chosen = try #require(Self.chosen[layer.name])
                for unit in 0..<layer.factors.count {
                    let factor = 1 - 0.25 * Double(unit)
                    let expected = chosen.contains(unit) ? 0.5 * factor : 0
                    let (before, after) = (gradients[0][index][unit], gradients[1][index][unit])
                    // Two roundings of single precision, of the sum and of its parts.
                    let tolerance = 0x1p-22 * (abs(before) + abs(after) + 1)
                    #expect(abs(after - before - expected) <= tolerance, "\(layer.name) \(unit)")
                }
            }
        }
    }

    @Test func foldingTheFactorsDoesNotChangeTheNetwork() throws {
        let model = try model()
        try TorchThread.run {
            try setThreadCount(1)
            let network = try BasicVSR(
                model, filterUnits: model.blueprint.alignedFilterUnits)
            for (index, factor) in network.namedFactors.enumerated() {
                let values = (0..<factor.tensor.count).map { 1.5 - 0.25 * Float($0 + index % 3) }
                try factor.tensor.assign(try Tensor(values))
            }
            let folded = try model.folding(
                filterFactors: network.filterFactors.mapValues { try $0.floats() })
            let clip = try Tensor.randomUniform([1, 3, 3, 8, 8], seed: 3)
            let expected = try network.assembled()(clip).frames.doubles()
            let found = try BasicVSR(folded).assembled()(clip).frames.doubles()
            let plain = try BasicVSR(model).assembled()(clip).frames.doubles()
            let largest = zip(found, expected).map { abs($0 - $1) }.max() ?? .nan
            #expect(largest <= 1e-5)
            #expect(zip(plain, expected).contains { abs($0 - $1) > 1e-3 })
        }
    }

    @Test func theResultIsANarrowerDenseNetworkThatNotesItsChannels() throws {
        let folder = try TemporaryFolder()
        var configuration = try configuration(folder)
        configuration.regularization.factorRate = 0.05
        configuration.regularization.hold = 60
        let result = try Compress.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        let blueprint = result.model.blueprint
        #expect(blueprint.width == 2)
        #expect(blueprint.forward == [Blueprint.ResidualBlock(width: 2)])
        #expect(blueprint.upsampler == .init(widths: [1], refinementWidths: [1]))
        #expect(
            try result.model.keptChannels() == KeptChannels(width: 3, indices: [.forward: [0, 2]]))
        let written = try Data(
            contentsOf: URL(fileURLWithPath: "\(configuration.output)/selection.json"))
        #expect(try JSONDecoder().decode(PruningSelection.self, from: written) == result.removal)
        let log = try String(contentsOfFile: "\(configuration.output)/log.jsonl", encoding: .utf8)
        let last = try JSONDecoder().decode(
            LogRecord.self, from: Data(try #require(log.split(separator: "\n").last).utf8))
        #expect(abs(try #require(last.figures["chosen"])) < 0.1)
        #expect(try #require(last.figures["kept"]) > 0.5)
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
}
