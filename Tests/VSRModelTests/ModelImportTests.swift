import Foundation
import Testing
import VSRCore
import VSRModel
import VSRTestSupport

/// Files of `scripts/reference/checkpoint_fixtures.py`, written by PyTorch, and of
/// `checkpoint_wrappers.py`, written by Python as PyTorch would.
enum CheckpointFixture {
    /// BasicSR's layout; mmagic's, with other names, types, strides, parameters and objects
    /// besides; PyTorch's file format before 1.6, also by newer and older pickles; a trainer's file.
    static let networks = ["basicsr", "mmagic", "legacy", "protocol4", "python2", "lightning"]

    static func path(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/VSRModelTests/\(name).pth").path
    }

    /// What every fixture holds under our name.
    static func tensor(_ name: String, _ shape: [Int]) -> ModelTensor {
        let count = shape.reduce(1, *)
        let values = (0..<count).map { Float($0 + name.utf8.count) / 64 }
        return ModelTensor(shape: shape, values: values)
    }

    static let blueprint: Blueprint = {
        var blueprint = Blueprint(
            direction: .bidirectional, width: 3, blocks: 1, upsamplerWidth: 2,
            flow: .init(widths: [1, 2, 1, 1], levels: 1))
        blueprint.activation = .leakyReLU(negativeSlope: 0.1)
        return blueprint
    }()

    /// The whole network.
    static var tensors: [String: ModelTensor] {
        var result: [String: ModelTensor] = [:]
        for (key, shape) in blueprint.tensorShapes {
            result[key.name] = tensor(key.name, shape)
        }
        return result
    }

    static var flowTensors: [String: ModelTensor] {
        tensors.filter { $0.key.hasPrefix("spynet.") }
    }
}

@Suite struct ModelImportTests {
    @Test(arguments: CheckpointFixture.networks)
    func checkpointsGiveTheWholeNetwork(_ name: String) throws {
        let model = try ModelImport.read(CheckpointFixture.path(name))
        #expect(model.blueprint == CheckpointFixture.blueprint)
        #expect(model.tensors.named == CheckpointFixture.tensors)
        #expect(model.metadata == [MetadataKey.flowOrigin: "pretrained"])
        try model.validate()
    }

    @Test(arguments: CheckpointFixture.networks)
    func checkpointsGiveTheFlowNetworkAlone(_ name: String) throws {
        let path = CheckpointFixture.path(name)
        #expect(try FlowWeights.read(path).named == CheckpointFixture.flowTensors)
    }

    @Test func halfAndBrainFloatsAreRead() throws {
        let checkpoint = try TorchCheckpoint(path: CheckpointFixture.path("half"))
        #expect(checkpoint.names == ["conv_last.bias", "conv_last.weight"])
        for (name, shape) in [("conv_last.weight", [3, 2, 3, 3]), ("conv_last.bias", [3])] {
            #expect(try checkpoint.tensor(name) == CheckpointFixture.tensor(name, shape))
        }
    }

    @Test func wholeModulesAreRefused() throws {
        let error = #expect(throws: VSRError.self) {
            try TorchCheckpoint(path: CheckpointFixture.path("module"))
        }
        #expect(error?.message.contains("state_dict") == true)
    }

    @Test func safetensorsOfOtherProjectsAreRead() throws {
        let file = try TemporaryFile([])
        let tensors = CheckpointFixture.tensors.sorted { $0.key < $1.key }
            .map { (name: $0, tensor: $1) }
        try SafetensorsWriter.write(tensors, to: file.path)
        #expect(try ModelImport.read(file.path).tensors.named == CheckpointFixture.tensors)
        #expect(try FlowWeights.read(file.path).named == CheckpointFixture.flowTensors)
        let relu = try ModelImport.read(file.path, activation: .relu)
        #expect(relu.blueprint.activation == .relu)
    }

    @Test func unidirectionalNetworksOfScale2AreRead() throws {
        let blueprint = Blueprint(
            direction: .unidirectional, width: 4, blocks: 3, upsamplerWidth: 2, scale: 2,
            flow: .quarter)
        let model = try Model.initialized(blueprint, seed: 1)
        let file = try TemporaryFile([])
        try SafetensorsWriter.write(
            model.tensors.map { (name: "generator.\($0.key.name)", tensor: $0.value) },
            to: file.path)
        let read = try ModelImport.read(file.path)
        #expect(read.blueprint == blueprint)
        #expect(read.tensors == model.tensors)
    }

    @Test func averagedWeightsComeFirst() throws {
        let file = try TemporaryFile([])
        let flow = CheckpointFixture.flowTensors
        let tensors = flow.flatMap { name, tensor in
            [
                (name: "params.\(name)", tensor: ModelTensor(shape: tensor.shape)),
                (name: "params_ema.\(name)", tensor: tensor),
            ]
        }
        try SafetensorsWriter.write(tensors, to: file.path)
        #expect(try FlowWeights.read(file.path).named == flow)
    }

    @Test func aFlowNetworkReplacesAnother() throws {
        let model = try Model.initialized(Blueprint(direction: .unidirectional, width: 2), seed: 1)
        let flow = try FlowWeights.read(CheckpointFixture.path("basicsr"))
        let replaced = try model.replacingFlow(with: flow)
        #expect(replaced.blueprint.flow == CheckpointFixture.blueprint.flow)
        #expect(replaced.tensors[.weight(.fusion)] == model.tensors[.weight(.fusion)])
        let key = TensorKey.weight(.flow(level: 0, convolution: 4))
        let name = "spynet.basic_module.0.basic_module.8.weight"
        #expect(replaced.tensors[key] == CheckpointFixture.tensors[name])
        #expect(replaced.tensors[.weight(.flow(level: 5, convolution: 4))] == nil)
        var partial = flow
        partial[key] = nil
        #expect(throws: VSRError.self) { try model.replacingFlow(with: partial) }
    }

    @Test(arguments: [
        Blueprint.FlowNetwork(widths: [3, 2], levels: 2, kernelSizes: [3, 5, 1]),
        Blueprint.FlowNetwork(
            widths: [3, 2, 4, 1, 5], levels: 2, kernelSizes: [3, 7, 1, 5, 3, 9]),
    ])
    func flowNetworksOfOtherNumbersOfConvolutionsAreRead(_ flow: Blueprint.FlowNetwork) throws {
        let blueprint = Blueprint(direction: .unidirectional, width: 2, blocks: 1, flow: flow)
        let model = try Model.initialized(blueprint, seed: 1)
        let file = try TemporaryFile([])
        try SafetensorsWriter.write(
            model.tensors.map { (name: $0.key.name, tensor: $0.value) }, to: file.path)
        let read = try ModelImport.read(file.path)
        #expect(read.blueprint == blueprint)
        #expect(read.tensors == model.tensors)
        let weights = try FlowWeights.read(file.path)
        #expect(weights == model.tensors.filter { $0.key.role.isFlow })
        let other = try Model.initialized(Blueprint(direction: .unidirectional, width: 2), seed: 2)
        let replaced = try other.replacingFlow(with: weights)
        #expect(replaced.blueprint.flow == flow)
        #expect(replaced.tensors.filter { $0.key.role.isFlow } == weights)
    }

    @Test func filesOfOtherNetworksAreRefused() throws {
        func refused(
            _ reason: String, _ change: (inout [String: ModelTensor]) -> Void
        ) throws {
            var tensors = CheckpointFixture.tensors
            change(&tensors)
            let file = try TemporaryFile([])
            try SafetensorsWriter.write(
                tensors.map { (name: $0.key, tensor: $0.value) }, to: file.path)
            let error = #expect(throws: VSRError.self) { try ModelImport.read(file.path) }
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
            #expect(error?.message.contains(file.path) == true)
        }
        try refused("no tensor fusion.weight") { $0["fusion.weight"] = nil }
        try refused("no tensor fusion.weight, but none") { $0 = [:] }
        try refused("deform_align") { $0["deform_align.weight"] = ModelTensor(shape: [1]) }
        try refused("conv_last.weight") { $0["conv_last.weight"] = ModelTensor(shape: [3, 3]) }
        try refused("conv_last.bias") { $0["conv_last.bias"] = nil }
        try refused("no flow network") {
            $0 = $0.filter { !$0.key.hasPrefix("spynet.") }
        }
        try refused("upconv1") { $0["upconv1.weight"] = ModelTensor(shape: [6, 3, 3, 3]) }
    }

    /// The published flow network, where the shared data is at hand.
    @Test(.enabled(if: Self.publishedFlow != nil, "SLIMVSR_DATA is not set"))
    func thePublishedFlowNetworkIsRead() throws {
        let path = try #require(Self.publishedFlow)
        let tensors = try FlowWeights.read(path)
        #expect(try FlowWeights.network(of: tensors) == .full)
        #expect(tensors.values.reduce(0) { $0 + $1.values.count } == 1_440_300)
    }

    private static var publishedFlow: String? {
        guard let data = ProcessInfo.processInfo.environment["SLIMVSR_DATA"] else { return nil }
        let path = "\(data)/../weights/spynet_sintel_final.safetensors"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }
}
