import Testing
import Torch
import VSRCore
import VSRData
import VSRModel
import VSRNetworks
import VSRTestSupport

@testable import VSRTraining

/// States that are warmed up before the frames that are trained on.
@Suite struct WarmStatesTests {
    private static let directions: [Blueprint.Direction] = [.unidirectional, .bidirectional]

    private static func run(bfloat16: Bool = false) -> RunSettings {
        var run = TinyRuns.run()
        run.bfloat16 = bfloat16
        return run
    }

    /// A batch of 3 frames with 2 before it and 4 after it.
    private static func batch() throws -> ClipBatch {
        var batch = try TinyRuns.batch()
        batch.surroundings = FrameSurroundings(
            before: try Tensor.randomUniform([1, 2, 3, 8, 8], seed: 3),
            after: try Tensor.randomUniform([1, 4, 3, 8, 8], seed: 4))
        return batch
    }

    /// Random weights, in the flow network too: a new one finds no motion at all.
    private static func model(_ direction: Blueprint.Direction, seed: UInt64) -> Model {
        .random(TinyRuns.blueprint(direction), seed: seed)
    }

    private static func onOneThread(_ body: () throws -> Void) throws {
        try TorchThread.run {
            try setThreadCount(1)
            try body()
        }
    }

    /// The states before and after a batch, warped to it, as constants: by running the network over
    /// the longer clip and taking the one step beyond by hand.
    private static func constants(
        _ network: BasicVSR, _ batch: ClipBatch
    ) throws -> [Blueprint.Branch: Tensor] {
        try withoutGradients {
            let before = try #require(batch.surroundings?.before)
            let after = try #require(batch.surroundings?.after)
            let clip = try Tensor.concatenated([before, batch.low, after], along: 1)
            let assembled = try network.assembled()
            let (states, flows) = (
                try assembled.hiddenStates(of: clip), try assembled.flows(of: clip)
            )
            var result: [Blueprint.Branch: Tensor] = [:]
            for branch in network.blueprint.branches {
                // Frames 0, 1 lie before the batch, 5 to 8 after it; flow i belongs to i and i + 1.
                let (frame, flow) = branch.isCausal ? (1, 1) : (5, 4)
                let state = try #require(states[branch])[frame]
                result[branch] = try Warp.sample(
                    state, along: try #require(flows[branch]).selected(flow, along: 1),
                    outside: .zeros)
            }
            return result
        }
    }

    @Test(arguments: directions) func theyAreThoseOfTheLongerClip(
        direction: Blueprint.Direction
    ) throws {
        try Self.onOneThread {
            let network = try BasicVSR(Self.model(direction, seed: 1))
            let batch = try Self.batch()
            let expected = try Self.constants(network, batch)
            let found = try network.warmStates(around: batch, Self.run())
            #expect(Set(found.states.keys) == Set(direction.branches))
            for (branch, state) in expected {
                let own = try #require(found.states[branch])
                #expect(!own.requiresGradient)
                #expect(try relativeError(own.floats(), state.floats()) <= 1e-5)
                #expect((try state.floats().map(abs).max() ?? 0) > 0.01)
            }
        }
    }

    @Test func withoutSuchFramesNothingIsDone() throws {
        try Self.onOneThread {
            let network = try BasicVSR(Self.model(.bidirectional, seed: 1))
            let found = try network.warmStates(around: TinyRuns.batch(), Self.run())
            #expect(found.states.isEmpty && found.flows == nil)
        }
    }

    /// A network whose next state is its picture's red plus half of the last state: on a red of 0.4
    /// the state after 2 frames is 0.6.
    ///
    /// The loss is the sum of the state of one more frame over 64
    /// pixels, so its gradient by the weight of the last state is 64 · 0.6, not 64 · (0.6 + 0.5 · 0.4),
    /// as it would be if it went through the frames before.
    @Test func gradientsGoThroughTheTrainedFramesOnly() throws {
        try Self.onOneThread {
            let network = try BasicVSR(Self.halving())
            let red = try Tensor(
                (0..<3).flatMap { channel in
                    [Float](repeating: channel == 0 ? 0.4 : 0, count: 64)
                }, shape: [1, 1, 3, 8, 8])
            var batch = ClipBatch(low: red, high: try Tensor.zeros([1, 1, 3, 16, 16]))
            batch.surroundings = FrameSurroundings(
                before: try Tensor.concatenated([red, red], along: 1))
            let warm = try network.warmStates(around: batch, Self.run())
            let states = try network.assembled().hiddenStates(of: red, from: warm.states)
            let first = try #require(states[.forward]?.first)
            let values = try first.selected(0, along: 1).floats()
            #expect(values.allSatisfy { abs($0 - 0.7) <= 1e-6 })
            try first.selected(0, along: 1).sum().backward()
            let layer = network.blueprint.firstLayer(.forward)
            let gradient = try #require(network.parameters[layer.weight]?.gradient)
            // [outputs, 3 + width, 3, 3]: output 0, the state's channel 0, the middle.
            let found = try gradient.floats()[3 * 9 + 4]
            #expect(abs(found - 64 * 0.6) <= 1e-4)
        }
    }

    private static func halving() throws -> Model {
        var model = model(.unidirectional, seed: 1)
        let first = model.blueprint.firstLayer(.forward)
        for layer in model.blueprint.flowLayers
            + model.blueprint[.forward].indices.flatMap({
                model.blueprint.blockLayers(.forward, $0)
            }) + [first]
        {
            for (key, shape) in layer.tensors { model.tensors[key] = ModelTensor(shape: shape) }
        }
        let shape = try #require(model.tensors[first.weight]).shape
        model.tensors[first.weight] = ModelTensor(
            shape: shape,
            values: (0..<shape.reduce(1, *)).map { index in
                let (input, output) = (index / 9 % shape[1], index / 9 / shape[1])
                guard index % 9 == 4 else { return 0 }
                return input == 0 ? 1 : input == 3 + output ? 0.5 : 0
            })
        return model
    }

    /// The loss of each stage and all its gradients are those of a network that begins with the same
    /// states as constants.
    @Test(arguments: directions, [false, true])
    func stagesBeginWithThem(direction: Blueprint.Direction, bfloat16: Bool) throws {
        guard !bfloat16 || Device.cpu.hasBFloat16 else { return }
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.path("model.safetensors")
        try ModelFile.write(Self.model(direction, seed: 1), to: path)
        try Self.onOneThread {
            var pretrain = TinyRuns.pretrain("-")
            pretrain.network.direction = direction
            pretrain.flow.photometricWeight = 0
            pretrain.run = Self.run(bfloat16: bfloat16)
            try compare(
                try Pretrain(
                    pretrain, from: ModelFile.read(path), hasPretrainedFlow: true, device: .cpu),
                bfloat16)
            var finetune = Finetune.Configuration()
            finetune.model = path
            finetune.run = pretrain.run
            try compare(try Finetune(finetune, device: .cpu), bfloat16)
            var compress = TinyRuns.compress("-", model: path)
            compress.run = pretrain.run
            // At iteration 0 the penalty is 0.
            try compare(try Compress(compress, device: .cpu), bfloat16)
        }
    }

    private func compare<Stage: TrainingStage>(_ stage: Stage, _ bfloat16: Bool) throws {
        let batch = try Self.batch()
        let network = stage.network
        let warm = try network.warmStates(around: batch, Self.run(bfloat16: bfloat16))
        func gradients(_ loss: Tensor) throws -> [String: [Float]] {
            try loss.backward()
            var result: [String: [Float]] = [:]
            for entry in network.namedParameters {
                result[entry.name] = try entry.tensor.gradient?.floats()
                try entry.tensor.setGradient(nil)
            }
            return result
        }
        let loss = try stage.loss(of: batch, at: 0)
        let value = try loss.parts["reconstruction"]?.item() ?? loss.total.item()
        let found = try gradients(loss.total)
        let constants = try autocasting(bfloat16, .cpu) {
            let assembled = try network.assembled(
                convolutions: Self.run(bfloat16: bfloat16).convolutions)
            let flows = try assembled.flows(of: batch.low, isFrozen: !(stage is Finetune))
            return try assembled(batch.low, flows: flows, from: warm.states).frames
        }
        let expectedLoss = try Losses.charbonnier(constants, batch.high)
        #expect(try value == expectedLoss.item())
        let expected = try gradients(expectedLoss)
        #expect(Set(found.keys) == Set(expected.keys) && found.count > 10)
        for (name, values) in expected { #expect(found[name] == values, "\(name)") }
        let cold = try network.assembled()(batch.low).frames
        #expect(abs(try Losses.charbonnier(cold, batch.high).item() - value) > 1e-5)
    }

    /// The teacher is warmed up over the same frames, or not at all.
    @Test(arguments: [true, false]) func teachersAreWarmedUpToo(isWarm: Bool) throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let paths = [folder.path("student.safetensors"), folder.path("teacher.safetensors")]
        for (seed, path) in zip([1, 2] as [UInt64], paths) {
            try ModelFile.write(Self.model(.bidirectional, seed: seed), to: path)
        }
        try Self.onOneThread {
            let batch = try Self.batch()
            var configuration = TinyRuns.finetune("-", model: paths[0], teacher: paths[1])
            configuration.distillation.frameShare = 1
            configuration.temporal.warmTeacher = isWarm
            configuration.temporal.weight = isWarm ? 1 : 0
            let loss = try Finetune(configuration, device: .cpu).loss(of: batch, at: 0)
            let networks = try paths.map { try BasicVSR(ModelFile.read($0)) }
            let outputs = try networks.enumerated().map { index, network in
                try network.assembled()(
                    batch.low,
                    from: index == 0 || isWarm ? try Self.constants(network, batch) : [:])
            }
            func distance(_ a: Tensor, _ b: Tensor) throws -> Double {
                zip(try a.doubles(), try b.doubles()).reduce(0) { $0 + abs($1.0 - $1.1) }
                    / Double(a.shape.reduce(1, *))
            }
            let imitation = try #require(loss.parts["imitation"]).item()
            #expect(try abs(imitation - distance(outputs[0].frames, outputs[1].frames)) <= 3e-6)
            guard isWarm else { return }
            var expected = 0.0
            for branch in [Blueprint.Branch.forward, .backward] {
                expected += try distance(
                    try #require(outputs[0].finalState(branch)),
                    try #require(outputs[1].finalState(branch)))
            }
            #expect(try abs(#require(loss.parts["temporal"]).item() - expected) <= 3e-6)
        }
    }

    /// Flows of whole clips lead through the frames around a sample as they do within it: with clips
    /// as large as the patch they are what the flow network finds.
    @Test func flowsOfWholeClipsLeadToThemToo() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.path("model.safetensors")
        try ModelFile.write(Self.model(.bidirectional, seed: 1), to: path)
        var configuration = Finetune.Configuration()
        configuration.model = path
        configuration.flow.rateFactor = 0
        configuration.flow.wholeClips = true
        configuration.data = TinyRuns.data()
        configuration.data.patch = 16
        configuration.data.flips = false
        configuration.data.rotations = false
        configuration.data.timeReversal = true
        configuration.data.batchSize = 4
        configuration.data.warmFrames = 6
        let environment = TinyRuns.environment(clipCache: folder.path("cache"))
        let size = FrameSize(width: 32, height: 32)
        let blueprint = TinyRuns.blueprint(.bidirectional)
        let batches = try configuration.data.batches(
            of: [
                .rendered(name: "stripes", size: size, count: 5) {
                    MovingStripes.frame($0, clip: 0, size: size)
                }
            ], for: blueprint, seed: 1, environment: environment)
        try TorchThread.run {
            let stage = try Finetune(configuration, environment: environment)
            try stage.prepare(batches, environment: environment)
            let batch = try stage.batch(batches.batch(0), isChannelsLast: false)
            let expected = try withoutGradients {
                try stage.network.assembled().flows(
                    around: batch.low, try #require(batch.surroundings))
            }
            for (branch, flows) in expected {
                let found = try #require(batch.flowsAround?[branch])
                #expect(found.shape == [4, 6, 2, 16, 16] && flows.shape == found.shape)
                for (own, other) in zip(
                    try Self.pictures(found), try Self.pictures(flows))
                {
                    // A frame shown twice in a row does not move: the file has no flow for it.
                    if own.allSatisfy({ $0 == 0 }) { continue }
                    #expect((zip(own, other).map { abs($0 - $1) }.max() ?? 1) <= 1e-5)
                }
                // Of 24 pairs at most 8 show a frame twice: clips of 5 frames turn every 5.
                #expect(
                    try Self.pictures(found).filter { $0.contains { $0 != 0 } }.count >= 16)
            }
        }
    }

    private static func pictures(_ flows: Tensor) throws -> [[Float]] {
        let values = try flows.floats()
        let length = flows.shape[2...].reduce(1, *)
        return stride(from: 0, to: values.count, by: length).map {
            Array(values[$0..<$0 + length])
        }
    }
}
