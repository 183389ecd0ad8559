import Foundation
import Testing
import VSRCore
import VSRModel
import VSRPruning

/// Parts of a network that pruning leaves as they are.
@Suite struct ExclusionTests {
    private static let input = UnitGroup.block(.forward, 0, .input)
    private static let middle = UnitGroup.block(.forward, 0, .middle)
    private static let output = UnitGroup.block(.forward, 0, .output)
    private static let shuffle = UnitGroup.upsampler(.upconvolution(0))
    private static let refinement = UnitGroup.upsampler(.refinement(0))

    /// One block of width 4, scale 2: five layers of 4 units; 1,423 parameters, see
    /// `UnitSelectionTests`.
    private let blueprint = Blueprint(
        direction: .unidirectional, width: 4, blocks: 1, scale: 2,
        flow: .init(widths: [1, 1, 1, 1], levels: 1))

    private func removed(
        _ target: PruningTarget, _ options: PruningOptions
    ) throws -> [UnitGroup: [Int]] {
        let scores = UnitScores(values: [
            Self.input: [0.1, 0.9, 0.5, 0.5], Self.middle: [0.2, 0.1, 0.3, 0.4],
            Self.output: [0.8, 0.7, 0.6, 0.5], Self.shuffle: [0.15, 0.05, 0.95, 0.85],
            Self.refinement: [1, 1, 1, 1],
        ])
        return try UnitSelection(scores, of: blueprint, to: target, options: options).removed
    }

    @Test func theRatioCountsTheOtherUnitsOnly() throws {
        // floor(0.29 · 12) = 3: 0.1, 0.1 and 0.2.
        #expect(
            try removed(.ratio(0.29), .init(excluded: [.upsampler]))
                == [Self.input: [0], Self.middle: [0, 1]])
        // floor(0.29 · 16) = 4: 0.3 too.
        #expect(
            try removed(.ratio(0.29), .init(excluded: [.layer(.upconvolution(0))]))
                == [Self.input: [0], Self.middle: [0, 1, 2]])
        // floor(0.5 · 8) = 4: 0.05, 0.15, 0.85, and since upconv1 keeps its last, one of conv_hr.
        #expect(
            try removed(.ratio(0.5), .init(excluded: [.trunk]))
                == [Self.shuffle: [0, 1, 3], Self.refinement: [0]])
        #expect(
            try removed(.ratio(0.5), .init(scope: .local, excluded: [.upsampler])) == [
                Self.input: [0, 2], Self.middle: [0, 1], Self.output: [2, 3],
            ])
    }

    @Test func countsAreRoundedWhereUnitsMayGo() throws {
        // Kept 3, 2, 4 = 9 of the block: 2, 2, 4 = 8 in multiples of 2.
        #expect(
            try removed(.ratio(0.25), .init(alignment: 2, excluded: [.upsampler]))
                == [Self.input: [0, 2], Self.middle: [0, 1]])
        // Multiples of 3 of the block's layers; the upsampler keeps its 4.
        let three = try removed(.ratio(0), .init(alignment: 3, excluded: [.upsampler]))
        #expect(Set(three.keys) == [Self.input, Self.middle, Self.output])
    }

    @Test func aPartIsTheLayersOfItsName() throws {
        let network = Blueprint(direction: .bidirectional, width: 2, blocks: 1)
        let scores = UnitScores(
            values: Dictionary(
                uniqueKeysWithValues: network.unitGroups.map { ($0, [1.0, 2.0]) }))
        func untouched(_ part: PrunablePart) throws -> Set<UnitGroup> {
            let selection = try UnitSelection(
                scores, of: network, to: .ratio(0.5), options: .init(excluded: [part]))
            return Set(network.unitGroups).subtracting(selection.removed.keys)
        }
        func block(_ branch: Blueprint.Branch) -> Set<UnitGroup> {
            [.block(branch, 0, .input), .block(branch, 0, .middle), .block(branch, 0, .output)]
        }
        #expect(try untouched(.branch(.backward)) == block(.backward))
        #expect(try untouched(.branch(.forward)) == block(.forward))
        #expect(try untouched(.trunk) == block(.forward).union(block(.backward)))
        #expect(try untouched(.layer(.upconvolution(0))) == [.upsampler(.upconvolution(0))])
        #expect(try untouched(.layer(.upconvolution(1))) == [.upsampler(.upconvolution(1))])
        #expect(try untouched(.layer(.refinement(0))) == [.upsampler(.refinement(0))])
    }

    @Test func aLayerThatOnlyOtherNetworksHaveIsAPartToo() throws {
        var network = Blueprint(direction: .unidirectional, width: 2, blocks: 0)
        network.upsampler = .init(widths: [2, 2], refinementWidths: [2, 2])
        let scores = UnitScores(
            values: Dictionary(
                uniqueKeysWithValues: network.unitGroups.map { ($0, [1.0, 2.0]) }))
        let part = try #require(PrunablePart(rawValue: "conv_hr2"))
        let selection = try UnitSelection(
            scores, of: network, to: .ratio(0.5), options: .init(excluded: [part]))
        #expect(
            Set(selection.removed.keys) == [
                .upsampler(.upconvolution(0)), .upsampler(.upconvolution(1)),
                .upsampler(.refinement(0)),
            ])
        var options = PruningOptions()
        options.excluded = [part, .trunk, .branch(.backward)]
        let data = try JSONEncoder().encode(options)
        #expect(String(decoding: data, as: UTF8.self).contains(#"["conv_hr2","trunk","backward"]"#))
        #expect(try JSONDecoder().decode(PruningOptions.self, from: data) == options)
    }

    @Test func partsHaveTheNamesThatPeopleKnow() {
        let names = ["trunk", "backward", "forward", "upsampler", "upconv1", "upconv2", "conv_hr"]
        #expect(PrunablePart.allCases.map(\.rawValue) == names)
        for name in names { #expect(PrunablePart(rawValue: name)?.rawValue == name) }
        for name in ["", "refinement", "conv_hr1", "fusion", "conv_last"] {
            #expect(PrunablePart(rawValue: name) == nil)
        }
    }

    @Test(arguments: Blueprint.Branch.allCases)
    func everyBranchIsAPartOfItsName(branch: Blueprint.Branch) {
        #expect(PrunablePart(rawValue: branch.rawValue) == .branch(branch))
        #expect(PrunablePart.branch(branch).rawValue == branch.rawValue)
    }

    @Test func targetsCountTheWholeNetwork() throws {
        // The first to go is input 0, 4 · 9 parameters.
        #expect(
            try removed(.parameters(1387), .init(excluded: [.upsampler])) == [Self.input: [0]])
        let error = #expect(throws: VSRError.self) {
            try removed(.parameters(800), .init(excluded: [.upsampler]))
        }
        #expect(error?.message.contains("conv_hr") == false)
        #expect(error?.message.contains("forward.0.in") == true)
    }

    @Test func alignedGroupsStayToo() throws {
        let blueprint = Blueprint(direction: .bidirectional, width: 4, blocks: 1)
        var scores = AlignedScores(values: [:])
        for group in blueprint.alignedGroups { scores.values[group] = [4, 3, 2, 1] }
        func kept(_ excluded: [PrunablePart]) throws -> [AlignedGroup: [Int]] {
            try AlignedSelection(
                scores, of: blueprint, to: .ratio(0.5), excluding: excluded
            ).kept
        }
        for (group, indices) in try kept([.upsampler]) {
            let upsampler: [AlignedGroup] = [
                .upsampler(.upconvolution(0)), .upsampler(.upconvolution(1)),
                .upsampler(.refinement(0)),
            ]
            let isUpsampler = upsampler.contains(group)
            #expect(indices == (isUpsampler ? [0, 1, 2, 3] : [0, 1]), "\(group)")
        }
        let trunk = try kept([.trunk, .layer(.upconvolution(1))])
        #expect(trunk[.trunk(.backward)]?.count == 4 && trunk[.fusion]?.count == 4)
        #expect(trunk[.middle(.forward, 0)]?.count == 4)
        #expect(trunk[.upsampler(.upconvolution(0))] == [0, 1])
        #expect(trunk[.upsampler(.upconvolution(1))]?.count == 4)
    }

    @Test func whatIsNotThereOrLeavesNothingIsRefused() throws {
        let missing = #expect(throws: VSRError.self) {
            try removed(.ratio(0.5), .init(excluded: [.branch(.backward)]))
        }
        #expect(missing?.message.contains("exclude names backward") == true)
        let nothing = #expect(throws: VSRError.self) {
            try removed(.ratio(0.5), .init(excluded: [.trunk, .upsampler]))
        }
        #expect(nothing?.message.contains("no units are left to prune") == true)
    }
}
