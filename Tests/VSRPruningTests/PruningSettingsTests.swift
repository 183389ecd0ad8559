import Foundation
import Testing
import VSRCore
import VSRModel
import VSRPruning

@Suite struct PruningSettingsTests {
    @Test func targetsBelowOneAreShares() throws {
        #expect(try CostTarget(0.5) == .share(0.5))
        #expect(try CostTarget(1) == .count(1))
        #expect(try CostTarget(parsing: "0.5") == .share(0.5))
        #expect(try CostTarget(parsing: "90G") == .count(90_000_000_000))
        #expect(try CostTarget(parsing: "1") == .count(1))
        for number in [0, -1, 1e18, .infinity, .nan] {
            #expect(throws: VSRError.self) { try CostTarget(number) }
        }
        for text in ["", "0", "-1", "many", "1e400", "nan"] {
            #expect(throws: VSRError.self) { try CostTarget(parsing: text) }
        }
    }

    @Test func theTargetIsTheRatioUnlessACostIsGiven() throws {
        var settings = PruningSettings()
        #expect(settings.target == .ratio(0.5))
        settings.targetParameters = .share(0.25)
        #expect(settings.target == .parametersFraction(0.25))
        settings.targetParameters = nil
        settings.targetMacs = .count(7)
        #expect(settings.target == .macs(7))
        settings.targetParameters = .count(8)
        let fault = #expect(throws: InvalidSetting.self) { try settings.validate() }
        #expect(fault?.key == "targetParameters")
    }

    @Test func aRatioBesideATargetIsRefused() throws {
        var settings = PruningSettings()
        settings.ratio = 0.5
        try settings.validate()
        for target in [\PruningSettings.targetMacs, \.targetParameters] {
            var both = settings
            both[keyPath: target] = .share(0.5)
            let fault = #expect(throws: InvalidSetting.self) { try both.validate() }
            #expect(fault?.key == "ratio" && fault?.found == "0.5")
        }
    }

    @Test func alignedStructuresRefuseWhatTheyHaveNoUseFor() throws {
        var usual = PruningSettings()
        usual.structure = .aligned
        try usual.validate()
        let changes: [(key: String, change: (inout PruningSettings) -> Void)] = [
            ("scope", { $0.scope = .local }), ("order", { $0.order = .max }),
            ("normalization", { $0.normalization = .mean }), ("align", { $0.align = 2 }),
            ("seed", { $0.seed = 1 }), ("allowEmpty", { $0.allowEmpty = true }),
        ]
        for (key, change) in changes {
            var settings = usual
            change(&settings)
            let fault = #expect(throws: InvalidSetting.self) { try settings.validate() }
            #expect(fault?.key == key && fault?.permitted.hasPrefix("left out with") == true)
            // Said, the same values are refused as well, but by this structure alone.
            let said = #expect(throws: InvalidSetting.self) { try usual.validate(given: [key]) }
            #expect(said?.key == key)
            try PruningSettings().validate(given: [key])
        }
    }

    @Test func selectionsOfAllStructuresSurviveJSON() throws {
        let model = try Model.initialized(
            Blueprint(direction: .bidirectional, width: 4, blocks: 2, upsamplerWidth: 4), seed: 3)
        for structure in PruningOptions.Structure.allCases {
            let selection = try PruningSelection(
                pruning: model, to: .ratio(0.5), options: PruningOptions(structure: structure))
            let data = try JSONEncoder().encode(selection)
            #expect(try JSONDecoder().decode(PruningSelection.self, from: data) == selection)
            try selection.validate(for: model.blueprint)
            let text = String(decoding: data, as: UTF8.self)
            let keys = ["removed", "filters", "kept"].filter { text.contains("\"\($0)\"") }
            switch structure {
            case .free: #expect(keys == ["removed"])
            case .aligned: #expect(keys == ["kept"])
            case .ungrouped: #expect(keys == ["removed", "filters"])
            }
        }
    }

    @Test func groupsOfAnAlignedStructureAreFoundByName() {
        let blueprint = Blueprint(direction: .bidirectional, width: 4, blocks: 2)
        for group in blueprint.alignedGroups { #expect(AlignedGroup(group.description) == group) }
        for text in ["", "forward.0.in", "forward.1", "conv_last", "sideways"] {
            #expect(AlignedGroup(text) == nil)
        }
    }

    @Test func layersAndGroupsAreTextInFilesAsKeysToo() throws {
        let groups: [AlignedGroup: [Int]] = [.middle(.forward, 1): [0, 2]]
        let layers: [UnitGroup: [Int]] = [.block(.forward, 1, .middle): [0, 2]]
        for text in [
            try JSONText.text(groups, .compact), try JSONText.text(layers, .compact),
        ] {
            #expect(text.trimmingCharacters(in: .newlines) == #"{"forward.1.mid":[0,2]}"#)
            let data = Data(text.utf8)
            #expect(try JSONDecoder().decode([AlignedGroup: [Int]].self, from: data) == groups)
            #expect(try JSONDecoder().decode([UnitGroup: [Int]].self, from: data) == layers)
        }
        let wrong = Data(#"["forward.1.mid", "sideways"]"#.utf8)
        for (decode, expected) in [
            (
                { _ = try JSONDecoder().decode([AlignedGroup].self, from: wrong) },
                "\"sideways\" is not a group of an aligned structure"
            ),
            (
                { _ = try JSONDecoder().decode([UnitGroup].self, from: wrong) },
                "\"sideways\" is not a group of units"
            ),
        ] as [(() throws -> Void, String)] {
            let error = try #require(throws: DecodingError.self) { try decode() }
            #expect(error.explanation().hasSuffix(expected))
        }
    }

    @Test func factorsOfFiltersFoldIntoWeightsAndBiases() throws {
        let blueprint = Blueprint(
            direction: .unidirectional, width: 2, blocks: 1, upsamplerWidth: 2, scale: 2,
            flow: .init(widths: [1, 1, 1, 1], levels: 1))
        var model = try Model.initialized(blueprint, seed: 3)
        model.tensors[.bias(.upconvolution(0))] = ModelTensor(
            shape: [8], values: [1, 2, 3, 4, 5, 6, 7, 8])
        let folded = try model.folding(filterFactors: [
            .upconvolution(0): [2, -1], .fusion: [0.5, 1],
        ])
        #expect(folded.tensors[.bias(.upconvolution(0))]?.values == [2, 4, 6, 8, -5, -6, -7, -8])
        let before = try #require(model.tensors[.weight(.fusion)]).values
        #expect(
            folded.tensors[.weight(.fusion)]?.values
                == [before[0] / 2, before[1] / 2, before[2], before[3]])
        #expect(folded.tensors[.weight(.refinement(0))] == model.tensors[.weight(.refinement(0))])
        let wrong: [[Layer.Role: [Float]]] = [
            [.upconvolution(0): [1, 1, 1]], [.upconvolution(1): [1]], [.fusion: [.nan, 1]],
        ]
        for factors in wrong {
            #expect(throws: VSRError.self) { try model.folding(filterFactors: factors) }
        }
    }
}
