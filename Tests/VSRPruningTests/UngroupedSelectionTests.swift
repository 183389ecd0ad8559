import Foundation
import Testing
import VSRCore
import VSRModel
import VSRPruning
import VSRRuntime
import VSRTestSupport

/// Filters before a pixel-shuffle that go one by one.
@Suite struct UngroupedSelectionTests {
    private static let shuffle = UnitGroup.upsampler(.upconvolution(0))

    /// Scale 2, no blocks, upconv1 with 3 units of four filters, 2 filters of conv_hr; what a filter
    /// gives is its bias alone, and later layers add up what they read at their pixel.
    private func constants() -> Model {
        var blueprint = Blueprint(
            direction: .unidirectional, width: 3, blocks: 0, scale: 2,
            flow: .init(widths: [1, 1, 1, 1], levels: 1))
        blueprint.upsampler = .init(widths: [3], refinementWidths: [2])
        var model = Model(
            blueprint: blueprint,
            tensors: blueprint.tensorShapes.mapValues { ModelTensor(shape: $0) })
        model.tensors[.bias(.upconvolution(0))]?.values = (0..<12).map { Float(1 << $0) }
        // Middle taps: filter 0 reads channels 0, 1, 2 by 1, 2, 3, filter 1 by 10, 20, 30.
        for (input, factor) in [1, 2, 3].enumerated() {
            model.tensors[.weight(.refinement(0))]?.values[input * 9 + 4] = Float(factor)
            model.tensors[.weight(.refinement(0))]?.values[27 + input * 9 + 4] = Float(10 * factor)
        }
        // Red is conv_hr's filter 0, green its filter 1.
        model.tensors[.weight(.output)]?.values[4] = 1
        model.tensors[.weight(.output)]?.values[18 + 9 + 4] = 1
        return model
    }

    /// The first 2×2 pixels of red and green where a black picture is upscaled.
    private func square(_ model: Model) throws -> [[Float]] {
        let size = FrameSize(width: 3, height: 2)
        let black = Frame(size: size, samples: Array(repeating: 0, count: 18))
        let frame = try #require(try ReferenceNetwork(model).run([black], flows: [:]).frames.first)
        #expect(frame.size == size.scaled(by: 2))
        return [0, 1].map { channel in
            [0, 1, 6, 7].map { frame.samples[channel * 24 + $0] }
        }
    }

    @Test func whatIsLeftIsShuffledInItsOrder() throws {
        let dense = constants()
        // Biases 1, 2, 4, … 2048, channels of four: 1 · 1 + 2 · 16 + 3 · 256 at the first pixel.
        #expect(
            try square(dense) == [
                [801, 1602, 3204, 6408], [8010, 16020, 32040, 64080],
            ])
        let selection = UngroupedSelection(
            units: .init(), filters: [Self.shuffle: [0, 3, 4, 9]])
        try selection.validate(for: dense.blueprint)
        let slim = try dense.removing(selection)
        try slim.validate()
        #expect(slim.blueprint.upsampler == .init(widths: [2], refinementWidths: [2]))
        // Left are 1, 2, 5, 6 and 7, 8, 10, 11: biases 2, 4, 32, 64 and 128, 256, 1024, 2048. The
        // first of each were of channels 0 and 1, which conv_hr reads by 1 and 2, and 10 and 20.
        let expected: [Float] = [2 + 256, 4 + 512, 32 + 2048, 64 + 4096]
        #expect(try square(slim) == [expected, expected.map { 10 * $0 }])
        #expect(
            try slim.tensors[.bias(.upconvolution(0))]?.values
                == [2, 4, 32, 64, 128, 256, 1024, 2048])
    }

    @Test func wholeGroupsAreTheSameEitherWay() throws {
        let dense = Model.random(
            NetworkComparison.blueprint(.bidirectional, scale: 4), seed: 5)
        let units = UnitSelection(removed: [
            .block(.forward, 0, .middle): [1, 4], .upsampler(.refinement(0)): [2],
        ])
        let grouped = UnitSelection(
            removed: units.removed.merging([
                Self.shuffle: [0, 3], .upsampler(.upconvolution(1)): [1],
            ]) { $1 })
        let single = UngroupedSelection(
            units: units,
            filters: [
                Self.shuffle: [0, 1, 2, 3, 12, 13, 14, 15],
                .upsampler(.upconvolution(1)): [4, 5, 6, 7],
            ])
        #expect(try dense.removing(single) == dense.removing(grouped))
        // All that a layer has.
        let all = UngroupedSelection(units: .init(), filters: [Self.shuffle: Array(0..<24)])
        #expect(
            try dense.removing(all)
                == dense.removing(UnitSelection(removed: [Self.shuffle: Array(0..<6)])))
    }

    @Test func theSmallestFiltersGoAsManyAsWouldInGroups() throws {
        let blueprint = constants().blueprint
        let units = UnitScores(values: [
            Self.shuffle: [0.5, 0.1, 0.2], .upsampler(.refinement(0)): [1, 2],
        ])
        let filters = [5, 1, 8, 9, 2, 7, 6, 3, 12, 11, 4, 10].map(Double.init)
        func removed(_ order: PruningOptions.Order) throws -> [Int]? {
            let selection = try UngroupedSelection(
                units, filters: [Self.shuffle: filters], of: blueprint, to: .ratio(0.2),
                options: .init(order: order))
            #expect(selection.units.removed.isEmpty)
            return selection.filters[Self.shuffle]
        }
        // floor(0.2 · 5) = 1 group: the filters of 1, 2, 3 and 4.
        #expect(try removed(.min) == [1, 4, 7, 10])
        let random = UngroupedSelectionTests.random(blueprint, seed: 3)
        #expect(random == UngroupedSelectionTests.random(blueprint, seed: 3))
        #expect(
            Set((0..<6).map { UngroupedSelectionTests.random(blueprint, seed: $0) }).count > 1)
    }

    private static func random(_ blueprint: Blueprint, seed: UInt64) -> UngroupedSelection? {
        try? UngroupedSelection(
            UnitScores(values: [:]), filters: [shuffle: Array(repeating: 0, count: 12)],
            of: blueprint, to: .ratio(0.5),
            options: .init(order: .random, seed: seed, excluded: [.layer(.refinement(0))]))
    }

    /// Filters of constant weights have their size as their score, or 27 times that.
    @Test(arguments: [ScoreNorm.mean, .sum])
    func filtersAreScoredByTheirWeights(norm: ScoreNorm) throws {
        var model = constants()
        model.tensors[.weight(.upconvolution(0))]?.values = (0..<12).flatMap {
            Array(repeating: $0.isMultiple(of: 2) ? Float($0) : -Float($0), count: 27)
        }
        let scores = try PruningScores(
            l1Of: model, options: .init(structure: .ungrouped, norm: norm))
        guard case .ungrouped(let units, let filters) = scores else {
            Issue.record("another structure was scored")
            return
        }
        let factor = norm == .sum ? 27.0 : 1
        #expect(filters == [Self.shuffle: (0..<12).map { factor * Double($0) }])
        #expect(try units == UnitScores(l1Of: model, norm: norm))
    }

    @Test(arguments: [0.3, 0.5])
    func costsAreThoseOfAFreeStructure(share: Double) throws {
        let model = try Model.initialized(
            Blueprint(direction: .bidirectional, width: 16, blocks: 3), seed: 2)
        func blueprint(_ structure: PruningOptions.Structure) throws -> Blueprint {
            let selection = try PruningSelection(
                pruning: model, to: .macsFraction(share), options: .init(structure: structure))
            let pruned = try model.pruned(by: selection)
            #expect(try model.blueprint.pruned(by: selection) == pruned.blueprint)
            try pruned.validate()
            return pruned.blueprint
        }
        let (free, ungrouped) = (try blueprint(.free), try blueprint(.ungrouped))
        #expect(free == ungrouped)
        #expect(free.upsampler != model.blueprint.upsampler)
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let dense = constants()
        for filters in [[0, 1, 2], [0, 1, 2, 12], [-1, 0, 1, 2]] {
            let error = #expect(throws: VSRError.self) {
                try dense.removing(
                    UngroupedSelection(units: .init(), filters: [Self.shuffle: filters]))
            }
            #expect(error?.message.contains("single filters of layer upconv1") == true)
        }
        let twice = UngroupedSelection(
            units: UnitSelection(removed: [Self.shuffle: [0]]),
            filters: [Self.shuffle: [0, 1, 2, 3]])
        #expect(throws: VSRError.self) { try twice.validate(for: dense.blueprint) }
    }
}
