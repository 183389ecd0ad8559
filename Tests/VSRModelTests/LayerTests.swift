import Testing
import VSRModel

@Suite struct LayerTests {
    @Test func parametersOfBasicVSRAreThePublishedOnes() {
        let bi = Blueprint(direction: .bidirectional)
        let flow = bi.flowLayers.reduce(0) { $0 + $1.parameters }
        let rest = bi.layers.reduce(0) { $0 + $1.parameters } - flow
        // conventions: 4.851 M, SPyNet 1,440,300.
        #expect(flow == 1_440_300)
        #expect((Double(rest) / 1e6 * 1000).rounded() == 4851)
    }
}
