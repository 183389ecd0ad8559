import Foundation
import Testing
import VSRCore
import VSRModel
import VSRPruning

@Suite struct BlueprintPruningTests {
    private static let bi = Blueprint(direction: .bidirectional, width: 5, blocks: 2)

    @Test func selectionsAreEncodedByLayerName() throws {
        let selection = UnitSelection(removed: [
            .block(.forward, 3, .middle): [4, 1, 4], .upsampler(.upconvolution(0)): [],
        ])
        #expect(selection.removed == [.block(.forward, 3, .middle): [1, 4]])
        let json = String(decoding: try JSONEncoder().encode(selection), as: UTF8.self)
        #expect(json == #"{"removed":{"forward.3.mid":[1,4]}}"#)
        #expect(
            try JSONDecoder().decode(UnitSelection.self, from: Data(json.utf8)) == selection)
    }

    @Test func removingUnitsKeepsTheIndicesOfTheOthers() throws {
        let blueprint = Blueprint(direction: .unidirectional, width: 5, blocks: 2, scale: 4)
        let once = try blueprint.removing(
            UnitSelection(removed: [
                .block(.forward, 0, .input): [0, 3], .block(.forward, 0, .middle): [1],
                .block(.forward, 1, .output): [0, 1, 2, 3, 4], .upsampler(.upconvolution(1)): [0],
            ]))
        #expect(
            once.forward[0]
                == .init(keptInputs: [1, 2, 4], middleWidth: 4, keptOutputs: [0, 1, 2, 3, 4]))
        #expect(once.forward[1] == .init(keptInputs: [], middleWidth: 0, keptOutputs: []))
        #expect(once.upsampler == .init(widths: [5, 4], refinementWidths: [5]))
        // Units are counted within what is left: the second of inputs 1, 2, 4 is channel 2.
        let twice = try once.removing(UnitSelection(removed: [.block(.forward, 0, .input): [1]]))
        #expect(twice.forward[0].keptInputs == [1, 4])
        try twice.validate()
    }

    @Test func selectionsOfOtherNetworksAreRefused() {
        let selection = UnitSelection(removed: [.block(.forward, 1, .input): [5]])
        let error = #expect(throws: VSRError.self) { try Self.bi.removing(selection) }
        #expect(error?.message.contains("unit 5 of layer forward.1.in") == true)
        #expect(throws: VSRError.self) {
            try Self.bi.removing(UnitSelection(removed: [.block(.forward, 2, .input): [0]]))
        }
        #expect(throws: VSRError.self) {
            try Self.bi.removing(UnitSelection(removed: [.upsampler(.upconvolution(0)): [-1]]))
        }
    }
}
