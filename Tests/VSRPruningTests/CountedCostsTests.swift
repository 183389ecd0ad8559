import Testing
import VSRCore
import VSRModel

@testable import VSRPruning

@Suite struct CountedCostsTests {
    /// Counts by position against those of the blueprint that results.
    @Test(arguments: SurgeryTests.variants)
    func countsEqualTheBlueprints(_ variant: SurgeryTests.Variant) throws {
        let blueprint = variant.model(seed: 0).blueprint
        let size = FrameSize(width: 11, height: 3)
        let macs = try CountedCosts(blueprint, .macs, at: size)
        let parameters = try CountedCosts(blueprint, .parameters, at: size)
        var random = SeededGenerator(seed: 4)
        for _ in 0..<100 {
            let layers = blueprint.unitGroups
            let kept = layers.map { layer in
                let count = blueprint.unitCount(of: layer)
                return random.integer(below: 4) == 0 ? 0 : random.integer(below: count + 1)
            }
            var removed: [UnitGroup: [Int]] = [:]
            for (layer, kept) in zip(layers, kept) {
                removed[layer] = Array(kept..<blueprint.unitCount(of: layer))
            }
            let costs = try blueprint.removing(UnitSelection(removed: removed)).costs(at: size)
            #expect(macs.cost(keeping: kept) == costs.macs)
            #expect(parameters.cost(keeping: kept) == costs.parameters)
        }
    }

    @Test func theWholeOfBasicVSRIsSolvedForByTheShortestPrefix() throws {
        let model = try Model.initialized(Blueprint(direction: .bidirectional), seed: 1)
        let scores = try UnitScores(l1Of: model)
        func macs(_ selection: UnitSelection) throws -> Int {
            try model.blueprint.removing(selection).costs().macs
        }
        let selection = try UnitSelection(scores, of: model.blueprint, to: .macs(90_000_000_000))
        #expect(try macs(selection) <= 90_000_000_000)
        let units = Double(model.blueprint.unitCount)
        let shorter = try UnitSelection(
            scores, of: model.blueprint,
            to: .ratio((Double(selection.removedCount) - 0.5) / units))
        #expect(shorter.removedCount == selection.removedCount - 1)
        #expect(try macs(shorter) > 90_000_000_000)
        let aligned = try UnitSelection(
            scores, of: model.blueprint, to: .macs(90_000_000_000), options: .init(alignment: 8))
        let blueprint = try model.blueprint.removing(aligned)
        #expect(blueprint.unitGroups.allSatisfy { blueprint.unitCount(of: $0) % 8 == 0 })
        #expect(blueprint.costs().macs <= 90_000_000_000)
        #expect(blueprint.costs().macs > 88_000_000_000)
    }

    @Test func framesBeyondAllMeasureAreRefused() throws {
        let blueprint = NetworkComparison.blueprint(.unidirectional, scale: 2)
        #expect(throws: VSRError.self) {
            try CountedCosts(blueprint, .macs, at: FrameSize(width: .max, height: 1))
        }
    }
}
