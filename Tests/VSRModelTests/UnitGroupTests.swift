import Testing
import VSRCore
import VSRModel

@Suite struct UnitGroupTests {
    private func bi() -> Blueprint { Blueprint(direction: .bidirectional, width: 5, blocks: 2) }

    @Test func layersComeInTheOrderOfTheMethod() {
        let names = bi().unitGroups.map(\.description)
        #expect(
            names == [
                "backward.0.in", "backward.0.mid", "backward.0.out",
                "backward.1.in", "backward.1.mid", "backward.1.out",
                "forward.0.in", "forward.0.mid", "forward.0.out",
                "forward.1.in", "forward.1.mid", "forward.1.out",
                "upconv1", "upconv2", "conv_hr",
            ])
        #expect(bi().unitGroups.shuffled().sorted() == bi().unitGroups)
        #expect(bi().unitCount == 15 * 5)
    }

    @Test func everyConvolutionOfTheUpsamplerHasUnits() {
        var blueprint = Blueprint(direction: .unidirectional, width: 5, blocks: 0)
        blueprint.upsampler = .init(widths: [4, 3], refinementWidths: [2, 1])
        let layers = blueprint.unitGroups
        #expect(layers.map(\.description) == ["upconv1", "upconv2", "conv_hr", "conv_hr2"])
        #expect(layers.map { blueprint.unitCount(of: $0) } == [4, 3, 2, 1])
        #expect(layers.shuffled().sorted() == layers)
        #expect(layers.allSatisfy { UnitGroup($0.description) == $0 })
        #expect(blueprint.unitCount(of: .upsampler(.refinement(2))) == 0)
        // Each is numbered among its kind, wherever the other kind stands.
        blueprint.upsampler = .init(
            convolutions: [1, 2, 1, 2].map { .init(factor: $0, width: 6) })
        #expect(
            blueprint.upsampler.units
                == [.refinement(0), .upconvolution(0), .refinement(1), .upconvolution(1)])
        let wider = blueprint.upsampler.withWidths { $0 == .refinement(1) ? $1 + 1 : $1 }
        #expect(wider.convolutions.map(\.width) == [6, 6, 7, 6])
        #expect(wider.width(of: .refinement(1)) == 7)
    }

    @Test func layersWithoutUnitsAreLeftOut() {
        var blueprint = Blueprint(direction: .unidirectional, width: 5, blocks: 1, scale: 2)
        blueprint.forward[0] = .init(keptInputs: [], middleWidth: 0, keptOutputs: [1, 4])
        #expect(
            blueprint.unitGroups == [
                .block(.forward, 0, .output), .upsampler(.upconvolution(0)),
                .upsampler(.refinement(0)),
            ])
        #expect(blueprint.unitCount(of: .block(.forward, 0, .output)) == 2)
        #expect(blueprint.unitCount(of: .block(.backward, 0, .output)) == 0)
        #expect(blueprint.unitCount(of: .block(.forward, 9, .input)) == 0)
    }

    @Test func namesReadBack() {
        for layer in bi().unitGroups { #expect(UnitGroup(layer.description) == layer) }
        for text in ["", "backward", "backward.x.in", "backward.01.in", "forward.-1.in", "hr"] {
            #expect(UnitGroup(text) == nil)
        }
    }
}
