import Testing
import VSRCore
import VSRModel
import VSRPruning
import VSRTestSupport

@Suite struct AlignedSelectionTests {
    private func model(
        _ direction: Blueprint.Direction, scale: Int, width: Int = 6, blocks: Int = 2
    ) -> Model {
        .random(
            NetworkComparison.blueprint(direction, scale: scale, width: width, blocks: blocks),
            seed: 9)
    }

    @Test func theLeastImportantTiedChannelsGoEverywhere() throws {
        let blueprint = Blueprint(direction: .bidirectional, width: 4, blocks: 1)
        var scores = AlignedScores(values: [:])
        for group in blueprint.alignedGroups { scores.values[group] = [4, 3, 2, 1] }
        scores.values[.trunk(.backward)] = [1, 1, 3, 2]
        scores.values[.upsampler(.upconvolution(1))] = [2, 1, 1, 2]
        let selection = try AlignedSelection(scores, of: blueprint, to: .ratio(0.5))
        #expect(
            selection.kept == [
                .trunk(.backward): [2, 3], .trunk(.forward): [0, 1], .fusion: [0, 1],
                .middle(.backward, 0): [0, 1], .middle(.forward, 0): [0, 1],
                .upsampler(.upconvolution(0)): [0, 1], .upsampler(.upconvolution(1)): [0, 3],
                .upsampler(.refinement(0)): [0, 1],
            ])
    }

    @Test func halfOfBasicVSRIsTheLiteNetwork() throws {
        let dense = try Model.initialized(Blueprint(direction: .bidirectional), seed: 1)
        let narrow = try dense.keeping(AlignedSelection(pruning: dense, to: .ratio(0.5)))
        #expect(narrow.blueprint == Blueprint(direction: .bidirectional, width: 32))
        #expect((Double(narrow.blueprint.costs().macs) / 1e8).rounded() == 852)
    }

    @Test(arguments: SurgeryTests.variants)
    func theNarrowNetworkEqualsTheDenseOneWithFactorsZero(
        _ variant: SurgeryTests.Variant
    ) throws {
        let dense = variant.model(seed: 8)
        for share in [0.2, 0.5, 0.7] {
            let selection = try AlignedSelection(pruning: dense, to: .ratio(share))
            let narrow = try dense.keeping(selection)
            try narrow.validate()
            let silent = try dense.folding(
                AlignedFactors(switchingOff: selection, in: dense.blueprint))
            #expect(try NetworkComparison.distance(narrow, silent) < 1e-5)
            #expect(try NetworkComparison.distance(narrow, dense) > 1e-3)
        }
    }

    @Test func keptTrunkChannelsAreNotedInTheFirstNetworksCount() throws {
        let dense = model(.bidirectional, scale: 2)
        func selection(_ blueprint: Blueprint, backward: [Int], forward: [Int]) -> AlignedSelection
        {
            var kept: [AlignedGroup: [Int]] = [:]
            for group in blueprint.alignedGroups {
                kept[group] = Array(0..<(group.isTrunkWide ? backward.count : 2))
            }
            kept[.trunk(.backward)] = backward
            kept[.trunk(.forward)] = forward
            return AlignedSelection(kept: kept)
        }
        let once = try dense.keeping(
            selection(dense.blueprint, backward: [0, 2, 3, 5], forward: [1, 2, 4, 5]))
        let first = KeptChannels(
            width: 6, indices: [.backward: [0, 2, 3, 5], .forward: [1, 2, 4, 5]])
        #expect(try once.keptChannels() == first)
        let twice = try once.keeping(
            selection(once.blueprint, backward: [1, 3], forward: [0, 2]))
        let both = KeptChannels(width: 6, indices: [.backward: [2, 5], .forward: [1, 4]])
        #expect(try twice.keptChannels() == both)
        // Free pruning leaves every trunk channel where it is.
        let free = try once.removing(UnitSelection(pruning: once, to: .ratio(0.3)))
        #expect(try free.keptChannels() == first)
    }

    @Test(arguments: [Blueprint.Direction.unidirectional, .bidirectional], [16, 24, 48, 64])
    func targetsAreMetWithinOnePercent(_ direction: Blueprint.Direction, _ width: Int) throws {
        let dense = try Model.initialized(
            Blueprint(direction: direction, width: width, blocks: 8, flow: .quarter), seed: 1)
        let present = Double(dense.blueprint.costs().macs)
        let trunkWidths = try [0.9, 0.7, 0.5, 0.42, 0.3, 0.15].map { share in
            let selection = try AlignedSelection(pruning: dense, to: .macsFraction(share))
            let narrow = try dense.keeping(selection)
            let macs = Double(narrow.blueprint.costs().macs)
            #expect(abs(macs / (share * present) - 1) < 0.01, "\(share): \(macs / present)")
            // The free groups stay within one unit of the ratio of the trunk.
            for width in narrow.blueprint.forward.map(\.middleWidth) {
                #expect(abs(width - narrow.blueprint.width) <= 1)
            }
            return narrow.blueprint.width
        }
        #expect(trunkWidths == trunkWidths.sorted(by: >))
    }

    @Test func whatCannotBeMetIsRefused() throws {
        let dense = model(.bidirectional, scale: 4)
        let ratio = #expect(throws: VSRError.self) {
            try AlignedSelection(pruning: dense, to: .ratio(1))
        }
        #expect(ratio?.message.contains("would empty backward") == true)
        #expect(throws: VSRError.self) {
            try AlignedSelection(pruning: dense, to: .parameters(100))
        }
        let pruned = try dense.removing(
            UnitSelection(removed: [.block(.forward, 1, .output): [2]]))
        let error = #expect(throws: VSRError.self) {
            try AlignedSelection(pruning: pruned, to: .ratio(0.5))
        }
        #expect(error?.message.contains("block 1 of the forward trunk") == true)
        var kept = try AlignedSelection(pruning: dense, to: .ratio(0.5)).kept
        kept[.trunk(.forward)] = [0, 1]
        #expect(throws: VSRError.self) { try dense.keeping(AlignedSelection(kept: kept)) }
    }
}
