import Testing
import VSRCore
import VSRModel

@testable import VSRPruning

/// Pruning to a time per frame, by rates that are made up.
@Suite struct LatencyTests {
    private static let blueprint = Blueprint(
        direction: .bidirectional, width: 8, blocks: 3, upsamplerWidth: 6, scale: 4,
        flow: .init(widths: [2, 2, 2, 2], levels: 2))

    /// Block: 3 + 0.1 i + 0.2 m + 0.3 o + 0.01 im + 0.02 mo. Upsampler: 5 + u₁ + 2 u₂ + 3 r + u₁u₂
    /// + 2 u₂r.
    private static let model = LatencyModel(
        fixed: 40, blocks: .init([3, 0.1, 0.2, 0.3, 0.01, 0.02]), upsampler: [5, 1, 2, 3, 1, 2],
        stepsPerFrame: [.backward: 1.5])

    @Test func theTimeIsTheSumOfItsRates() {
        // A block of 8 channels: 3 + 0.8 + 1.6 + 2.4 + 0.64 + 1.28 = 9.72, three of them, backward
        // 1.5 times. Upsampler of 8, 6 and 6 units: 5 + 8 + 12 + 18 + 48 + 72 = 163.
        let time = Self.model.milliseconds(of: Self.blueprint)
        #expect(abs(time - (40 + 9.72 * 3 * 2.5 + 163)) < 1e-9)
    }

    /// Upsampler: 5 + u₁ + 2 u₂ + 3 r₁ + 4 r₂ + u₁u₂ + 2 u₂r₁ + 3 r₁r₂.
    @Test func aSecondRefinementTakesTimeOfItsOwn() throws {
        var blueprint = Self.blueprint
        blueprint.upsampler = .init(widths: [8, 6], refinementWidths: [5, 4])
        var model = Self.model
        model.upsampler = [5, 1, 2, 3, 4, 1, 2, 3]
        // 5 + 8 + 12 + 15 + 16 + 48 + 60 + 60.
        let time = model.milliseconds(of: blueprint)
        #expect(abs(time - (40 + 9.72 * 3 * 2.5 + 224)) < 1e-9)
        // One unit less of the second refinement saves 4 + 3 · 5.
        var kept = blueprint.unitGroups.map { blueprint.unitCount(of: $0) }
        kept[kept.count - 1] -= 1
        let costs = LatencyCosts(blueprint, model)
        #expect(abs(costs.milliseconds(keeping: kept) - (time - 19)) < 1e-9)
    }

    @Test func aMeasuredNetworkCorrectsAllButTheFixedPart() {
        let corrected = Self.model.corrected(Self.blueprint, took: 300)
        #expect(abs(corrected.milliseconds(of: Self.blueprint) - 300) < 1e-9)
        #expect(corrected.fixed == 40)
        // What took less than the fixed part says nothing about the rest.
        #expect(Self.model.corrected(Self.blueprint, took: 39) == Self.model)
    }

    @Test func timesByPositionEqualTheBlueprints() throws {
        let costs = LatencyCosts(Self.blueprint, Self.model)
        let layers = Self.blueprint.unitGroups
        var random = SeededGenerator(seed: 4)
        for _ in 0..<200 {
            let kept = layers.map { layer in
                let count = Self.blueprint.unitCount(of: layer)
                return random.integer(below: 4) == 0 ? 0 : random.integer(below: count + 1)
            }
            var removed: [UnitGroup: [Int]] = [:]
            for (layer, kept) in zip(layers, kept) {
                removed[layer] = Array(kept..<Self.blueprint.unitCount(of: layer))
            }
            let smaller = try Self.blueprint.removing(UnitSelection(removed: removed))
            // Upsamplers without units are a case of their own: here the rates go on.
            guard smaller.upsampler.convolutions.allSatisfy({ $0.width > 0 }) else { continue }
            let expected = Self.model.milliseconds(of: smaller)
            #expect(abs(costs.milliseconds(keeping: kept) - expected) < 1e-9)
        }
    }

    @Test func theTargetIsMetByTheFewestUnits() throws {
        let model = try Model.initialized(Self.blueprint, seed: 1)
        let options = PruningOptions()
        let selection = try UnitSelection(pruning: model, to: .milliseconds(150, Self.model))
        #expect(Self.model.milliseconds(of: try Self.blueprint.removing(selection)) <= 150)
        let ranking = try UnitRanking(
            UnitScores(l1Of: model), blueprint: Self.blueprint, options: options)
        let costs = LatencyCosts(Self.blueprint, Self.model)
        let sequence = try ranking.sequence(
            keeping: 1, costs, CountedCosts(Self.blueprint, .macs, at: options.frameSize), options)
        var kept = ranking.counts
        for layer in sequence.prefix(selection.removedCount - 1) { kept[layer] -= 1 }
        #expect(costs.milliseconds(keeping: kept) > 150)
        kept[sequence[selection.removedCount - 1]] -= 1
        #expect(selection == ranking.selection(keeping: kept))
    }

    @Test func layersThatSaveNoTimeKeepTheirUnits() throws {
        // Only outputs and the upsampler take time; the others' units would go first by score.
        let rates = LatencyModel(
            fixed: 1, blocks: .init([0, 0, 0, 1, 0, 0]), upsampler: [0, 1, 1, 1, 0, 0],
            stepsPerFrame: [:])
        let layers = Self.blueprint.unitGroups
        let scores = UnitScores(
            values: Dictionary(
                uniqueKeysWithValues: layers.map { layer in
                    let isFree = layer.isInput || "\(layer)".hasSuffix("mid")
                    let count = Self.blueprint.unitCount(of: layer)
                    return (layer, (0..<count).map { Double($0) + (isFree ? 1 : 100) })
                }))
        let whole = rates.milliseconds(of: Self.blueprint)
        let byTime = try UnitSelection(
            scores, of: Self.blueprint, to: .milliseconds(whole / 2, rates))
        for layer in layers where layer.isInput || "\(layer)".hasSuffix("mid") {
            #expect(byTime.removed(in: layer).isEmpty)
        }
        // By operations, they go first.
        let byWork = try UnitSelection(scores, of: Self.blueprint, to: .macsFraction(0.5))
        #expect(layers.contains { $0.isInput && !byWork.removed(in: $0).isEmpty })
    }

    @Test func whereAllLayersSaveAsTheyShouldTheOrderStays() throws {
        let model = try Model.initialized(Self.blueprint, seed: 3)
        let options = PruningOptions()
        let ranking = try UnitRanking(
            UnitScores(l1Of: model), blueprint: Self.blueprint, options: options)
        let work = try CountedCosts(Self.blueprint, .macs, at: options.frameSize)
        // Rates at which each unit yields far more than its share: yields are at most 1.
        let rates = LatencyModel(
            fixed: 0, blocks: .init([0, 0, 0, 0, 0, 0]), upsampler: [0, 0, 0, 0, 0, 0],
            stepsPerFrame: [:])
        let order = ranking.sequence(
            keeping: 1, LatencyCosts(Self.blueprint, rates), work, options)
        #expect(order == ranking.sequence(keeping: 1))
    }

    @Test(arguments: [PruningOptions.Structure.free, .aligned])
    func timesBelowWhatIsLeftAreRefused(_ structure: PruningOptions.Structure) throws {
        let model = try Model.initialized(Self.blueprint, seed: 1)
        let error = #expect(throws: VSRError.self) {
            try PruningSelection(
                pruning: model, to: .milliseconds(41, Self.model),
                options: PruningOptions(structure: structure))
        }
        #expect(error?.message.contains("41.0 ms per frame") == true)
    }

    @Test func alignedStructuresComeNearTheTime() throws {
        let model = try Model.initialized(Self.blueprint, seed: 1)
        let selection = try PruningSelection(
            pruning: model, to: .milliseconds(150, Self.model),
            options: PruningOptions(structure: .aligned))
        let smaller = try Self.blueprint.pruned(by: selection)
        #expect(try model.pruned(by: selection).blueprint == smaller)
        #expect(abs(Self.model.milliseconds(of: smaller) - 150) < 15)
    }

    @Test func partsOfATargetLieOnTheWayToIt() {
        let size = FrameSize(width: 8, height: 8)
        let costs = Self.blueprint.costs(at: size)
        func part(_ share: Double, _ target: PruningTarget) -> PruningTarget {
            target.part(share, of: Self.blueprint, at: size)
        }
        #expect(part(0.5, .ratio(0.4)) == .ratio(0.2))
        #expect(part(0.25, .macs(costs.macs - 400)) == .macs(costs.macs - 100))
        #expect(
            part(0.25, .parameters(costs.parameters - 40)) == .parameters(costs.parameters - 10))
        #expect(part(0.5, .macsFraction(0.5)) == .macsFraction(0.75))
        #expect(part(1, .parametersFraction(0.5)) == .parametersFraction(0.5))
        let whole = Self.model.milliseconds(of: Self.blueprint)
        #expect(
            part(0.5, .milliseconds(whole - 10, Self.model)) == .milliseconds(whole - 5, Self.model)
        )
    }
}
