import Testing
import VSRCore
import VSRModel

@Suite struct InitializationTests {
    private func model(_ seed: UInt64 = 1) throws -> Model {
        try .initialized(
            Blueprint(direction: .bidirectional, width: 24, blocks: 3, flow: .quarter), seed: seed)
    }

    @Test func everyTensorIsThere() throws {
        let model = try model()
        try model.validate()
        #expect(model.tensors.count == model.blueprint.tensorShapes.count)
    }

    @Test func theSeedDecides() throws {
        #expect(try model(3) == model(3))
        #expect(try model(3) != model(4))
    }

    @Test func residualConvolutionsAreKaimingNormalTimesATenth() throws {
        let tensor = try #require(try model().tensors[.weight(.block(.forward, 1, .second))])
        let count = Double(tensor.values.count)
        let mean = tensor.values.reduce(0) { $0 + Double($1) } / count
        let variance =
            tensor.values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
        // σ = 0.1·√(2 / (24·9)); 5,184 samples give the mean to σ/72 and σ to 1 %, each ± 4 times.
        let deviation = 0.1 * (2.0 / 216).squareRoot()
        #expect(abs(mean) < 4 * deviation / 72)
        #expect(abs(variance.squareRoot() / deviation - 1) < 0.04)
        // A uniform distribution of the same variance would end at √3 σ.
        #expect(tensor.values.contains { Double($0.magnitude) > 2.5 * deviation })
        let bias = try model().tensors[.bias(.block(.forward, 1, .second))]
        #expect(bias == ModelTensor(shape: [24]))
    }

    @Test(arguments: [
        ("backward_trunk.main.0", 27 * 9), ("fusion", 48), ("upconv2", 24 * 9),
        ("spynet.basic_module.3.basic_module.4", 16 * 49),
    ])
    func otherConvolutionsAreUniformByFanIn(_ name: String, _ fanIn: Int) throws {
        let model = try model()
        let bound = 1 / Float(fanIn).squareRoot()
        for (suffix, fills) in [("weight", true), ("bias", false)] {
            let values = try #require(model.tensors.named["\(name).\(suffix)"]).values
            #expect(values.allSatisfy { $0.magnitude <= bound })
            #expect(Set(values).count > values.count / 2)
            // Thousands of uniform samples come within 1 % of both bounds.
            if fills, values.count > 1000 {
                #expect((values.max() ?? 0) > 0.99 * bound)
                #expect((values.min() ?? 0) < -0.99 * bound)
            }
        }
    }

    @Test func theFlowStartsAtZero() throws {
        let model = try model()
        for level in 0..<6 {
            let name = "spynet.basic_module.\(level).basic_module.8"
            let tensors = model.tensors.named
            #expect(tensors["\(name).weight"] == ModelTensor(shape: [2, 4, 7, 7]))
            #expect(tensors["\(name).bias"] == ModelTensor(shape: [2]))
        }
    }

    @Test func layersWithoutInputsHaveOnlyBiases() throws {
        var blueprint = Blueprint(direction: .unidirectional, width: 4, blocks: 1)
        blueprint.forward[0] = .init(keptInputs: [], middleWidth: 2, keptOutputs: [3])
        blueprint.upsampler.convolutions[0].width = 0
        let model = try Model.initialized(blueprint, seed: 1)
        try model.validate()
        #expect(
            model.tensors[.weight(.upconvolution(1))]
                == ModelTensor(shape: [16, 0, 3, 3], values: []))
    }
}
