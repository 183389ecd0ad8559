import Testing
import VSRModel

@Suite struct LayerNameTests {
    /// As BasicSR's checkpoints call them.
    @Test(
        arguments: [
            (.first(.backward), "backward_trunk.main.0"),
            (.first(.forward(2)), "forward2_trunk.main.0"),
            (.block(.forward, 12, .first), "forward_trunk.main.2.12.conv1"),
            (.block(.backward, 0, .second), "backward_trunk.main.2.0.conv2"),
            (.fusion, "fusion"), (.upconvolution(0), "upconv1"), (.upconvolution(1), "upconv2"),
            (.refinement(0), "conv_hr"), (.output, "conv_last"),
            // BasicSR has no more than one of these.
            (.refinement(1), "conv_hr2"), (.refinement(9), "conv_hr10"),
            (.flow(level: 5, convolution: 3), "spynet.basic_module.5.basic_module.6"),
        ] as [(Layer.Role, String)])
    func rolesHaveTheNamesOfBasicSR(_ role: Layer.Role, _ name: String) {
        #expect(role.name == name)
        #expect(Layer.Role(name: name) == role)
        #expect(TensorKey(name: "\(name).bias") == .bias(role))
        #expect(TensorKey(name: "\(name).weight")?.name == "\(name).weight")
    }

    @Test func everyTensorOfANetworkIsFoundByItsName() throws {
        let blueprint = try Blueprint.preset(named: "basicvsr").blueprint()
        let keys = blueprint.tensorShapes.keys
        // 2 · (1 + 2 · 30) trunk layers, 5 of the upsampler, 6 · 5 of the flow network.
        #expect(keys.count == 2 * (122 + 5 + 30))
        #expect(keys.allSatisfy { TensorKey(name: $0.name) == $0 })
    }

    @Test(arguments: [
        "", "fusion", "upconv01.weight", "upconv0.weight", "fusion.scale", "conv_hr.conv1.weight",
        "conv_hr0.weight", "conv_hr1.weight", "conv_hr02.weight", "conv_hr+2.weight",
        "sideways_trunk.main.0.weight", "forward_trunk.main.1.weight",
        "forward_trunk.main.2.-1x.conv1.weight", "forward_trunk.main.2.1.conv3.weight",
        "spynet.basic_module.0.basic_module.3.weight",
    ])
    func otherNamesAreNobodys(_ name: String) {
        #expect(TensorKey(name: name) == nil)
    }
}
