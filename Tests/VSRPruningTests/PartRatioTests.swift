import Foundation
import Testing
import VSRCore
import VSRModel
import VSRPruning

/// Parts of a network that lose shares of their own.
@Suite struct PartRatioTests {
    private static let input = UnitGroup.block(.forward, 0, .input)
    private static let middle = UnitGroup.block(.forward, 0, .middle)
    private static let output = UnitGroup.block(.forward, 0, .output)
    private static let shuffle = UnitGroup.upsampler(.upconvolution(0))
    private static let refinement = UnitGroup.upsampler(.refinement(0))
    private static let upconv1 = PrunablePart.layer(.upconvolution(0))
    private static let convHR = PrunablePart.layer(.refinement(0))

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

    private func removed(
        _ target: PruningTarget, _ ratios: PartRatios
    ) throws -> [UnitGroup: [Int]] {
        try removed(target, .init(partRatios: ratios))
    }

    @Test func thePartLosesItsShareAndTheRatioCountsTheOthers() throws {
        // Of the upsampler's 8 units 4: 0.05, 0.15, 0.85, and since upconv1 keeps its last, one of
        // conv_hr. Of the others' 12 floor(0.25 · 12) = 3: 0.1, 0.1 and 0.2.
        #expect(
            try removed(.ratio(0.25), [.upsampler: 0.5]) == [
                Self.shuffle: [0, 1, 3], Self.refinement: [0], Self.input: [0],
                Self.middle: [0, 1],
            ])
        // Each of several parts by itself; the others stay.
        #expect(
            try removed(.ratio(0), [Self.upconv1: 0.25, Self.convHR: 0.5])
                == [Self.shuffle: [1], Self.refinement: [0, 1]])
        // A part that loses nothing, and one that stays by name.
        #expect(
            try removed(
                .ratio(0.5), .init(excluded: [Self.convHR], partRatios: [Self.upconv1: 0]))
                == removed(.ratio(0.5), .init(excluded: [.upsampler])))
    }

    @Test func layersCompeteWithinThePartOrLoseAlike() throws {
        #expect(
            try removed(.ratio(0.25), .init(scope: .local, partRatios: [.trunk: 0.5])) == [
                Self.input: [0, 2], Self.middle: [0, 1], Self.output: [2, 3],
                Self.shuffle: [1], Self.refinement: [0],
            ])
        // Kept 1 and 3 of the upsampler: 2 and 2 in multiples of 2.
        #expect(
            try removed(.ratio(0), .init(alignment: 2, partRatios: [.upsampler: 0.5]))
                == [Self.shuffle: [0, 1], Self.refinement: [0, 1]])
    }

    @Test func aTargetIsReachedByTheOthers() throws {
        // A filter of conv_hr has 4 · 9 + 1 parameters and 3 · 9 of conv_last read it, so that two
        // fewer leave 1423 − 128 = 1295.
        let parts: PartRatios = [Self.convHR: 0.5]
        #expect(try removed(.parameters(1295), parts) == [Self.refinement: [0, 1]])
        // Group 1 of upconv1, the first of the others, has 4 · (4 · 9 + 1), and two filters of conv_hr
        // read it by 9 each: 166 fewer, 1129. Then comes input 0.
        let shuffled: [UnitGroup: [Int]] = [Self.refinement: [0, 1], Self.shuffle: [1]]
        let more = shuffled.merging([Self.input: [0]]) { $1 }
        #expect(try removed(.parameters(1294), parts) == shuffled)
        #expect(try removed(.parameters(1129), parts) == shuffled)
        #expect(try removed(.parameters(1128), parts) == more)
        // A share counts the network as it was: 1129 of 1423 are 0.79339….
        #expect(try removed(.parametersFraction(0.7934), parts) == shuffled)
        #expect(try removed(.parametersFraction(0.7933), parts) == more)
    }

    @Test func unitsOfEarlierRoundsGoFirst() throws {
        let scores = UnitScores(values: [
            Self.input: [1, 2, 3, 4], Self.middle: [1, 2, 3, 4], Self.output: [1, 2, 3, 4],
            Self.shuffle: [1, 2, 3, 4], Self.refinement: [1, 2, 3, 4],
        ])
        let earlier = UnitSelection(removed: [Self.refinement: [3]])
        let selection = try UnitSelection(
            scores, of: blueprint, to: .ratio(0), options: .init(partRatios: [Self.convHR: 0.5]),
            after: earlier)
        #expect(selection.removed == [Self.refinement: [0, 3]])
    }

    @Test func alignedGroupsLoseTheirShareToo() throws {
        let blueprint = Blueprint(direction: .bidirectional, width: 4, blocks: 1)
        var scores = AlignedScores(values: [:])
        for group in blueprint.alignedGroups { scores.values[group] = [4, 3, 2, 1] }
        func counts(_ target: PruningTarget, _ ratios: PartRatios) throws -> [AlignedGroup: Int] {
            try AlignedSelection(scores, of: blueprint, to: target, partRatios: ratios)
                .kept.mapValues(\.count)
        }
        for (group, count) in try counts(.ratio(0.5), [.upsampler: 0.25]) {
            if case .upsampler = group {
                #expect(count == 3, "\(group)")
            } else {
                #expect(count == 2, "\(group)")
            }
        }
        let trunk = try counts(.ratio(0), [.trunk: 0.25])
        #expect(trunk[.fusion] == 3 && trunk[.middle(.backward, 0)] == 3)
        #expect(trunk[.upsampler(.refinement(0))] == 4)
        let solved = try counts(.macsFraction(0.5), [Self.convHR: 0.25])
        #expect(solved[.upsampler(.refinement(0))] == 3)
        #expect(try #require(solved[.fusion]) < 4)
        let error = #expect(throws: VSRError.self) { try counts(.ratio(0), [.upsampler: 1]) }
        #expect(error?.message.contains("ratio 1.0 of upsampler would empty upconv1") == true)
    }

    @Test func whatContradictsItselfIsRefused() throws {
        func error(_ target: PruningTarget, _ ratios: PartRatios) -> String {
            let error = #expect(throws: VSRError.self) { try removed(target, ratios) }
            return error?.message ?? ""
        }
        #expect(
            error(.ratio(0.5), [.branch(.backward): 0.5])
                == "partRatio names backward, which has no units in this network; leave it out")
        #expect(
            error(.ratio(0.5), [.trunk: 0.5, .upsampler: 0.5]).contains(
                "partRatio and exclude name all units (trunk, upsampler); leave ratio out"))
        #expect(
            error(.parameters(100), [.trunk: 0.25, .upsampler: 0.25]).contains(
                "with all parts pruned by ratios of their own it has"))
        #expect(error(.ratio(0), [.upsampler: 1]).contains("must keep one each"))
        #expect(
            error(.parameters(100), [.upsampler: 0.25]).contains(
                "layers forward.0.in, forward.0.mid, forward.0.out at their smallest"))

        func fault(_ change: (inout PruningSettings) -> Void) -> InvalidSetting? {
            var settings = PruningSettings()
            change(&settings)
            return #expect(throws: InvalidSetting.self) { try settings.validate() }
        }
        #expect(fault { $0.partRatio = [.upsampler: 1.5] }?.found == "upsampler=1.5")
        #expect(
            fault { $0.partRatio = [.trunk: 0.5, .branch(.forward): 0.25] }?.found
                == "given for forward and trunk")
        #expect(
            fault { $0.partRatio = [.upsampler: 0.5, Self.convHR: 0.5] }?.permitted
                == "given once for a unit: leave one of the two out")
        #expect(
            fault {
                $0.partRatio = [Self.convHR: 0.5]
                $0.exclude = [.upsampler]
            }?.permitted == "left out for what exclude names, upsampler")
        #expect(
            fault {
                $0.partRatio = [.branch(.forward): 0.5]
                $0.structure = .aligned
            }?.key == "partRatio")
        var fine = PruningSettings()
        fine.partRatio = [.branch(.forward): 0.5, .branch(.backward): 0.25, .upsampler: 0]
        fine.targetMacs = .share(0.5)
        try fine.validate()
    }

    /// Without a ratio the others stay; studies know settings by their JSON, which has new keys only
    /// where they are used.
    @Test func settingsWithoutPartsAreWhatTheyWere() throws {
        var settings = PruningSettings()
        #expect(settings.target == .ratio(0.5))
        let text = try JSONText.text(settings, .compact)
        #expect(!text.contains("partRatio") && !text.contains("score"))
        settings.partRatio = [.upsampler: 0.5, .branch(.forward): 0.25]
        #expect(settings.target == .ratio(0))
        let data = try JSONText.data(settings, .compact)
        #expect(
            String(decoding: data, as: UTF8.self)
                .contains(#""partRatio":{"forward":0.25,"upsampler":0.5}"#))
        #expect(try JSONDecoder().decode(PruningSettings.self, from: data) == settings)
    }
}
