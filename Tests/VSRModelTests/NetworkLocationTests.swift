import Testing
import VSRCore
import VSRModel
import VSRTestSupport

/// Networks are found under whatever surrounds them in a file.
@Suite struct NetworkLocationTests {
    private typealias Tensors = [String: ModelTensor]

    /// The fixture's tensors under a prefix, every value raised by `shift`.
    private static func tensors(_ prefix: String, shift: Float = 0) -> Tensors {
        var result: Tensors = [:]
        for (name, tensor) in CheckpointFixture.tensors {
            result[prefix + name] = ModelTensor(
                shape: tensor.shape, values: tensor.values.map { $0 + shift })
        }
        return result
    }

    private func outcome(
        of tensors: Tensors, prefix: String? = nil
    ) throws -> ModelImport.Outcome {
        let file = try TemporaryFile([])
        try SafetensorsWriter.write(
            tensors.map { (name: $0.key, tensor: $0.value) }, to: file.path)
        return try ModelImport.outcome(of: file.path, options: .init(prefix: prefix))
    }

    @Test(arguments: [
        "", "net.", "_orig_mod.", "model_state_dict.", "module.", "generator.", "params.",
        "state_dict.model.module._orig_mod.", "what.nobody.thought.of.",
    ])
    func theNetworkIsFoundUnderAnyPrefix(_ prefix: String) throws {
        let outcome = try outcome(of: Self.tensors(prefix))
        #expect(outcome.model.tensors.named == CheckpointFixture.tensors)
        #expect(outcome.prefix == String(prefix.dropLast()))
        #expect(outcome.project == "BasicSR")
        #expect(outcome.remarks.isEmpty)
    }

    @Test func wrappersWithinTheNetworkAreSkipped() throws {
        var tensors: Tensors = [:]
        for (name, tensor) in CheckpointFixture.tensors {
            let renamed = name.replacing("_trunk.", with: "_trunk._orig_mod.")
                .replacing("spynet.", with: "spynet.module.")
            tensors["net.\(renamed)"] = tensor
        }
        #expect(try outcome(of: tensors).model.tensors.named == CheckpointFixture.tensors)
    }

    @Test(arguments: [
        ("params_ema.", "params."), ("ema.module.", "module."), ("netG_EMA.", "netG."),
        ("generator_ema.", "generator."), ("ema.", ""),
    ])
    func averagedWeightsArePreferredAndSaidSo(_ averaged: String, _ plain: String) throws {
        let both = Self.tensors(averaged).merging(Self.tensors(plain, shift: 1)) { $1 }
        let outcome = try outcome(of: both)
        #expect(outcome.model.tensors.named == CheckpointFixture.tensors)
        #expect(outcome.prefix == String(averaged.dropLast()))
        #expect(outcome.remarks.count == 1)
        #expect(outcome.remarks.first?.contains("not under \"\(plain.dropLast())\"") == true)
    }

    @Test func severalNetworksAreAQuestionThatThePrefixAnswers() throws {
        let both = Self.tensors("first.").merging(Self.tensors("second.", shift: 1)) { $1 }
        let error = #expect(throws: VSRError.self) { try outcome(of: both) }
        #expect(error?.code == .invalidArgument)
        for part in ["\"first\"", "\"second\"", "--prefix"] {
            #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        }
        let shifted = Self.tensors("", shift: 1)
        for prefix in ["second", "second."] {
            #expect(try outcome(of: both, prefix: prefix).model.tensors.named == shifted)
        }
        let wrong = #expect(throws: VSRError.self) { try outcome(of: both, prefix: "third") }
        #expect(wrong?.message.contains("under \"first\", \"second\"") == true)
    }

    @Test func errorsNameWhatTheUsersCommandTakes() throws {
        let both = Self.tensors("first.").merging(Self.tensors("second.")) { $1 }
        let file = try TemporaryFile([])
        try SafetensorsWriter.write(
            both.map { (name: $0.key, tensor: $0.value) }, to: file.path)
        for (command, choice) in [
            (nil, ": choose one with --prefix"),
            ("other-program", ": make a model file of one with other-program --prefix"),
        ] as [(String?, String)] {
            let error = #expect(throws: VSRError.self) {
                try ModelImport.outcome(of: file.path, options: .init(command: command))
            }
            #expect(error?.message.hasSuffix(choice) == true, "\(error?.message ?? "")")
        }
    }

    /// Doing what the error says gives the flow network.
    @Test func oneOfSeveralFlowNetworksIsTakenByImportingIt() throws {
        let both = Self.tensors("first.").merging(Self.tensors("second.", shift: 1)) { $1 }
        let file = try TemporaryFile([])
        try SafetensorsWriter.write(
            both.map { (name: $0.key, tensor: $0.value) }, to: file.path)
        let error = #expect(throws: VSRError.self) { try FlowWeights.read(file.path) }
        #expect(error?.message.contains("which slimvsr import --prefix makes") == true)
        let model = try ModelImport.outcome(of: file.path, options: .init(prefix: "second")).model
        let imported = try TemporaryFile([])
        try ModelFile.write(model, to: imported.path)
        let flow = Self.tensors("", shift: 1).filter { $0.key.hasPrefix("spynet.") }
        #expect(try FlowWeights.read(imported.path).named == flow)
    }

    @Test func theEmptyPrefixTakesTheOuterNetworkAlone() throws {
        let both = Self.tensors("").merging(Self.tensors("ema.", shift: 1)) { $1 }
        #expect(try outcome(of: both, prefix: "").model.tensors.named == CheckpointFixture.tensors)
    }

    @Test func whatIsLeftOutIsNamed() throws {
        var tensors = Self.tensors("state.generator.")
        for name in ["state.discriminator.a", "state.discriminator.b", "other.c"] {
            tensors[name] = ModelTensor(shape: [1])
        }
        let remarks = try outcome(of: tensors).remarks
        #expect(
            remarks == [
                "left out 3 tensors outside of the network: other, state.discriminator"
            ])
    }

    @Test func partsOfANetworkDoNotHideAWholeOne() throws {
        // Another module has a fusion too, as some discriminators and feature extractors do.
        var tensors = Self.tensors("net.")
        tensors["extractor.fusion.weight"] = ModelTensor(shape: [1])
        #expect(try outcome(of: tensors).prefix == "net")
    }

    @Test func activationsAreReadFromTheirNames() {
        #expect(Activation("relu") == .relu)
        #expect(Activation("leaky-relu") == .leakyReLU(negativeSlope: 0.1))
        #expect(Activation("LeakyReLU") == .leakyReLU(negativeSlope: 0.1))
        #expect(Activation("0.2") == .leakyReLU(negativeSlope: 0.2))
        for text in ["gelu", "", "-0.1", "1.5", "nan"] { #expect(Activation(text) == nil) }
    }

    @Test func theActivationIsAssumedUnlessItIsNamed() throws {
        let path = CheckpointFixture.path("basicsr")
        let assumed = try ModelImport.outcome(of: path)
        #expect(assumed.assumesActivation && assumed.model.blueprint.activation == .basicVSR)
        let named = try ModelImport.outcome(of: path, options: .init(activation: .relu))
        #expect(!named.assumesActivation && named.model.blueprint.activation == .relu)
    }
}
