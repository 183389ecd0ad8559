import Testing
import VSRCore
import VSRModel

/// Published counts at 320×180, biases counted once per output, the flow network apart.
@Suite struct CostsTests {
    private func costs(
        _ direction: Blueprint.Direction, width: Int = 64, at size: FrameSize? = nil
    ) -> Costs {
        Blueprint(direction: direction, width: width)
            .costs(at: size ?? Blueprint.referenceFrameSize)
    }

    /// To as many digits as the published figure has.
    private func rounded(_ count: Int, unit: Double) -> Double {
        (Double(count) / unit).rounded()
    }

    @Test func basicVSRCostsWhatIsPublished() {
        let costs = costs(.bidirectional)
        #expect(rounded(costs.macs, unit: 1e7) == 33_834)
        #expect(rounded(costs.parameters, unit: 1e3) == 4_851)
    }

    @Test func basicVSRUniCostsWhatIsPublished() {
        let costs = costs(.unidirectional)
        #expect(rounded(costs.macs, unit: 1e7) == 20_826)
        #expect(rounded(costs.parameters, unit: 1e3) == 2_593)
    }

    @Test func basicVSRLiteCostsWhatIsPublished() throws {
        let lite = try Blueprint.preset(named: "basicvsr-lite").blueprint()
        #expect(rounded(lite.costs().macs, unit: 1e8) == 852)
    }

    @Test func theFlowNetworkCostsWhatIsPublished() {
        let bi = costs(.bidirectional)
        let uni = costs(.unidirectional)
        #expect(rounded(bi.flowMacsPerDirection, unit: 1e7) == 1_966)
        #expect(bi.flowParameters == 1_440_300)
        #expect(bi.flowMacs == 2 * uni.flowMacs)
        #expect(bi.macsWithFlow == bi.macs + bi.flowMacs)
        #expect(bi.parametersWithFlow == bi.parameters + 1_440_300)
    }

    @Test func theFlowNetworkWorksAtSizesPaddedToMultiplesOf32() {
        // A module of 8 → 32 → 64 → 32 → 16 → 2 has 240,050 parameters; 33×1 is padded to 64×32.
        let costs = costs(.unidirectional, at: FrameSize(width: 33, height: 1))
        let areas = [2 * 1, 4 * 2, 8 * 4, 16 * 8, 32 * 16, 64 * 32]
        for (level, area) in areas.enumerated() {
            #expect(costs.macs(of: .flow(level: level)) == 240_050 * area)
        }
    }

    @Test func aFlowNetworkOfReducedFramesHasNoFinestLevels() {
        var blueprint = Blueprint(direction: .unidirectional)
        blueprint.flow.levels = 4
        blueprint.flow.reduction = 4
        let size = FrameSize(width: 33, height: 1)
        let costs = blueprint.costs(at: size)
        for (level, area) in [2 * 1, 4 * 2, 8 * 4, 16 * 8].enumerated() {
            #expect(costs.macs(of: .flow(level: level)) == 240_050 * area)
        }
        #expect(
            blueprint.flow.sizesAboveLevels(at: size)
                == [FrameSize(width: 32, height: 16), FrameSize(width: 64, height: 32)])
    }

    @Test func aSmallNetworkIsCountedByHand() {
        var blueprint = Blueprint(
            direction: .unidirectional, width: 2, blocks: 3, scale: 2,
            flow: .init(widths: [1, 1, 1, 1], levels: 1))
        blueprint.forward[1] = .init(keptInputs: [1], middleWidth: 3, keptOutputs: [0, 1])
        blueprint.forward[2] = .init(keptInputs: [], middleWidth: 0, keptOutputs: [1])
        let costs = blueprint.costs(at: FrameSize(width: 3, height: 2))
        // First convolution 2·(5·9+1); block 0: 2·19 + 2·19; block 1: 3·10 + 2·28; block 2: 1.
        let trunk = 92 + 76 + 86 + 1
        #expect(costs.parameters(of: .trunk(.forward)) == trunk)
        #expect(costs.macs(of: .trunk(.forward)) == 6 * trunk)
        // Fusion 2·3 and upconv1 8·19 at 3×2; conv_hr 2·19 and conv_last 3·19 at 6×4.
        #expect(costs.macs(of: .upsampler) == 6 * (6 + 152) + 24 * (38 + 57))
        #expect(costs.macs == 6 * trunk + 6 * 158 + 24 * 95)
        #expect(costs.layers.first { $0.layer.name == "forward_trunk.main.2.2.conv2" }?.macs == 6)
    }

    @Test func otherKernelsAndUpsamplersAreCountedByHand() {
        var blueprint = Blueprint(
            direction: .unidirectional, width: 2, blocks: 0,
            flow: .init(widths: [3], levels: 1, kernelSizes: [3, 5]))
        blueprint.upsampler = .oneStep(width: 2, scale: 4)
        let costs = blueprint.costs(at: FrameSize(width: 32, height: 64))
        // Flow 3·(8·9+1) + 2·(3·25+1).
        #expect(costs.flowParameters == 219 + 152)
        #expect(costs.flowMacs == 371 * 2048)
        // Fusion 2·3 and upconv1 32·19 at the input's size; conv_hr 2·19, conv_last 3·19 at 4 times.
        #expect(costs.parameters(of: .upsampler) == 6 + 608 + 38 + 57)
        #expect(costs.macs(of: .upsampler) == (6 + 608 + 16 * 95) * 2048)
    }

    @Test func aSecondRefinementIsCountedByHand() {
        var blueprint = Blueprint(
            direction: .unidirectional, width: 2, blocks: 0,
            flow: .init(widths: [1, 1, 1, 1], levels: 1))
        blueprint.upsampler = .init(widths: [3, 2], refinementWidths: [4, 1])
        let costs = blueprint.costs(at: FrameSize(width: 3, height: 2))
        // Fusion 2·3 and upconv1 12·(2·9+1) at 3×2; upconv2 8·(3·9+1) at 6×4; conv_hr 4·(2·9+1),
        // conv_hr2 1·(4·9+1) and conv_last 3·(1·9+1) at 12×8.
        #expect(costs.parameters(of: .upsampler) == 6 + 228 + 224 + 76 + 37 + 30)
        #expect(
            costs.macs(of: .upsampler) == 6 * (6 + 228) + 24 * 224 + 96 * (76 + 37 + 30))
        #expect(costs.layers.first { $0.layer.name == "conv_hr2" }?.macs == 96 * 37)
        // Between the shuffles, conv_hr2 2·(3·9+1) is computed for 6×4 pixels.
        blueprint.upsampler = .init(
            convolutions: [(1, 4), (2, 3), (1, 2), (2, 5)].map { .init(factor: $0, width: $1) })
        // Fusion, conv_hr 4·(2·9+1) and upconv1 12·(4·9+1) at 3×2, upconv2 20·(2·9+1) at 6×4, and
        // conv_last 3·(5·9+1) at 12×8.
        #expect(
            blueprint.costs(at: FrameSize(width: 3, height: 2)).macs(of: .upsampler)
                == 6 * (6 + 76 + 444) + 24 * (56 + 380) + 96 * 138)
    }

    @Test func absurdFrameSizesDoNotOverflow() {
        let costs = costs(.bidirectional, at: FrameSize(width: .max, height: .max))
        #expect(costs.macs == .max)
        #expect(costs.macsWithFlow == .max)
    }
}
