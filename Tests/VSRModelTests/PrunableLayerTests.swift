import Foundation
import Testing
import VSRCore
import VSRModel

@Suite struct PrunableLayerTests {
    private func bi() -> Blueprint { Blueprint(direction: .bidirectional, width: 5, blocks: 2) }

    @Test func layersComeInTheOrderOfTheMethod() {
        let names = bi().prunableLayers.map(\.description)
        #expect(
            names == [
                "backward.0.in", "backward.0.mid", "backward.0.out",
                "backward.1.in", "backward.1.mid", "backward.1.out",
                "forward.0.in", "forward.0.mid", "forward.0.out",
                "forward.1.in", "forward.1.mid", "forward.1.out",
                "upconv1", "upconv2", "conv_hr",
            ])
        #expect(bi().prunableLayers.shuffled().sorted() == bi().prunableLayers)
        #expect(bi().unitCount == 15 * 5)
    }

    @Test func layersWithoutUnitsAreLeftOut() {
        var blueprint = Blueprint(direction: .unidirectional, width: 5, blocks: 1, scale: 2)
        blueprint.forward[0] = .init(keptInputs: [], middleWidth: 0, keptOutputs: [1, 4])
        #expect(
            blueprint.prunableLayers == [
                .block(.forward, 0, .output), .upsampler(.upconv1), .upsampler(.refinement),
            ])
        #expect(blueprint.unitCount(of: .block(.forward, 0, .output)) == 2)
        #expect(blueprint.unitCount(of: .block(.backward, 0, .output)) == 0)
        #expect(blueprint.unitCount(of: .block(.forward, 9, .input)) == 0)
    }

    @Test func namesReadBack() {
        for layer in bi().prunableLayers { #expect(PrunableLayer(layer.description) == layer) }
        for text in ["", "backward", "backward.x.in", "backward.01.in", "forward.-1.in", "hr"] {
            #expect(PrunableLayer(text) == nil)
        }
    }

    @Test func selectionsAreEncodedByLayerName() throws {
        let selection = UnitSelection(removed: [
            .block(.forward, 3, .middle): [4, 1, 4], .upsampler(.upconv1): [],
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
                .block(.forward, 1, .output): [0, 1, 2, 3, 4], .upsampler(.upconv2): [0],
            ]))
        #expect(
            once.forward[0]
                == .init(keptInputs: [1, 2, 4], middleWidth: 4, keptOutputs: [0, 1, 2, 3, 4]))
        #expect(once.forward[1] == .init(keptInputs: [], middleWidth: 0, keptOutputs: []))
        #expect(once.upsampler == .init(firstWidth: 5, secondWidth: 4, refinementWidth: 5))
        // Units are counted within what is left: the second of inputs 1, 2, 4 is channel 2.
        let twice = try once.removing(UnitSelection(removed: [.block(.forward, 0, .input): [1]]))
        #expect(twice.forward[0].keptInputs == [1, 4])
        try twice.validate()
    }

    @Test func selectionsOfOtherNetworksAreRefused() {
        let selection = UnitSelection(removed: [.block(.forward, 1, .input): [5]])
        let error = #expect(throws: VSRError.self) { try bi().removing(selection) }
        #expect(error?.message.contains("unit 5 of layer forward.1.in") == true)
        #expect(throws: VSRError.self) {
            try bi().removing(UnitSelection(removed: [.block(.forward, 2, .input): [0]]))
        }
        #expect(throws: VSRError.self) {
            try bi().removing(UnitSelection(removed: [.upsampler(.upconv1): [-1]]))
        }
    }
}
