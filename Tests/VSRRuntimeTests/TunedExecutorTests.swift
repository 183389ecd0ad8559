import Testing
import VSRCore
import VSRModel
import VSRTestSupport

@testable import VSRRuntime

@Suite struct TunedExecutorTests {
    /// Winograd F(4×4) in fp32 loses some 1e-6 per convolution.
    private static let tolerance = 1e-5

    /// Every instruction set that this processor has, alone and all together.
    private static let instructionSets: [InstructionSets] = [
        .baseline, .avx2, [.avx2, .avx512], .all,
    ].filter { $0 == .all || InstructionSets.available.isSuperset(of: $0) }

    private func makeExecutor(
        _ model: Model, _ size: FrameSize, threads: Int = 2, sets: InstructionSets = .all,
        isProfiled: Bool = false
    ) throws -> TunedExecutor {
        try TunedExecutor(
            PackedNetwork(
                model, precision: .fp32, separateBlocks: isProfiled, threads: threads,
                instructionSets: sets),
            frameSize: size, threads: threads, isProfiled: isProfiled)
    }

    /// States and frames of a clip at the given flows, as ``ReferenceNetwork/run(_:flows:)``.
    private func run(
        _ executor: some NetworkExecutor, _ clip: [Frame], _ flows: ReferenceNetwork.ClipFlows
    ) throws -> (frames: [Frame], states: [Blueprint.Branch: [FeatureMap]]) {
        let count = clip.count
        let branches = executor.blueprint.branches
        try executor.reserve(pictures: count, flows: 1, states: branches.count * count)
        for (index, frame) in clip.enumerated() {
            try frame.samples.withUnsafeBufferPointer {
                try executor.load(.planarFloats($0, size: frame.size), picture: index)
            }
        }
        for (position, branch) in branches.enumerated() {
            let order = branch.isCausal ? Array(clip.indices) : clip.indices.reversed()
            let flows = flows[branch] ?? []
            let base = position * count
            for (step, index) in order.enumerated() {
                var origin: StateOrigin?
                if step > 0 {
                    let map = branch.isCausal ? flows[index - 1] : flows[index]
                    try executor.setFlow(map, flow: 0)
                    origin = StateOrigin(state: base + order[step - 1], flow: 0)
                }
                try executor.propagate(branch, picture: index, from: origin, state: base + index)
            }
        }
        let size = executor.frameSize.scaled(by: executor.blueprint.scale)
        let frames = try clip.indices.map { index in
            var frame = Frame(size: size)
            let states = branches.indices.map { $0 * count + index }
            try frame.samples.withUnsafeMutableBufferPointer {
                try executor.upsample(
                    picture: index, states: states, into: .planarFloats($0, size: size))
            }
            return frame
        }
        var states: [Blueprint.Branch: [FeatureMap]] = [:]
        for (position, branch) in branches.enumerated() {
            states[branch] = try clip.indices.map {
                try executor.hiddenState(position * count + $0)
            }
        }
        return (frames, states)
    }

    private func expectAgreement(
        _ executor: some NetworkExecutor, _ model: Model, _ clip: [Frame],
        _ flows: ReferenceNetwork.ClipFlows, _ note: String = ""
    ) throws {
        let expected = try ReferenceNetwork(model).run(clip, flows: flows)
        let found = try run(executor, clip, flows)
        let error = relativeError(
            found.frames.flatMap(\.samples), expected.frames.flatMap(\.samples))
        #expect(error <= Self.tolerance, "frames: relative error \(error) \(note)")
        for branch in model.blueprint.branches {
            let error = relativeError(
                found.states[branch, default: []].flatMap(\.samples),
                expected.states[branch, default: []].flatMap(\.samples))
            #expect(error <= Self.tolerance, "\(branch) states: relative error \(error) \(note)")
        }
    }

    @Test(arguments: [Blueprint.Direction.unidirectional, .bidirectional], [2, 4])
    func statesAndFramesAgreeWithTheReferenceAfterTenFrames(
        _ direction: Blueprint.Direction, scale: Int
    ) throws {
        var random = SeededGenerator(seed: 20)
        let blueprint = Blueprint(direction: direction, width: 16, blocks: 5, scale: scale)
        let model = try Model.initialized(blueprint, seed: 21)
        let size = FrameSize(width: 37, height: 10)
        let clip = random.clip(size, count: 10)
        try expectAgreement(
            makeExecutor(model, size), model, clip, random.flows(size, count: 9, reach: 4))
    }

    @Test func networksOfAsManyBranchesAsThereCanBeAgreeWithTheReference() throws {
        var random = SeededGenerator(seed: 25)
        let most = Blueprint.Branch.allCases.prefix(Blueprint.Limit.branches)
        let model = random.weights(
            random.blueprint(.init(Array(most)), scale: 4, width: 11, blocks: 3))
        let size = FrameSize(width: 29, height: 13)
        let clip = random.clip(size, count: 4)
        try expectAgreement(
            makeExecutor(model, size), model, clip, random.flows(size, count: 3, reach: 3))
    }

    @Test func aNetworkOfFullDepthAgreesWithTheReferenceAfterTenFrames() throws {
        var random = SeededGenerator(seed: 22)
        let model = try Model.initialized(Blueprint(direction: .unidirectional), seed: 23)
        let size = FrameSize(width: 13, height: 8)
        let clip = random.clip(size, count: 10)
        try expectAgreement(
            makeExecutor(model, size), model, clip, random.flows(size, count: 9, reach: 2))
    }

    @Test(arguments: 0..<24)
    func anyNetworkAndSizeAgreesWithTheReference(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(1000 + seed))
        let direction: Blueprint.Direction =
            random.integer(below: 2) == 0 ? .unidirectional : .bidirectional
        let blueprint = random.blueprint(
            direction, scale: seed % 2 == 0 ? 4 : 2, width: 1 + random.integer(below: 20),
            blocks: random.integer(below: 4))
        let model = random.weights(blueprint)
        let size =
            seed == 0
            ? FrameSize(width: 1, height: 1)
            : FrameSize(
                width: 1 + random.integer(below: seed < 12 ? 9 : 80),
                height: 1 + random.integer(below: 12))
        let clip = random.clip(size, count: 3)
        let executor = try makeExecutor(model, size, threads: 1 + seed % 3)
        try expectAgreement(
            executor, model, clip, random.flows(size, count: 2, reach: 3), "\(size) \(blueprint)")
    }

    @Test(arguments: instructionSets)
    func everyInstructionSetAgreesWithTheReference(_ sets: InstructionSets) throws {
        var random = SeededGenerator(seed: 30)
        let model = random.weights(
            random.blueprint(.bidirectional, scale: 4, width: 13, blocks: 3))
        let size = FrameSize(width: 71, height: 9)
        let clip = random.clip(size, count: 3)
        try expectAgreement(
            makeExecutor(model, size, sets: sets), model, clip,
            random.flows(size, count: 2, reach: 3))
    }

    @Test(arguments: [(1, 1), (32, 64), (33, 31), (7, 70), (96, 45)])
    func flowsAgreeWithTheReference(_ sides: (width: Int, height: Int)) throws {
        let size = FrameSize(width: sides.width, height: sides.height)
        var random = SeededGenerator(seed: 40)
        let blueprint = Blueprint(
            direction: .unidirectional, width: 2, blocks: 0,
            flow: Blueprint.FlowNetwork(widths: [9, 20, 17, 5]))
        let model = random.weights(blueprint)
        let clip = random.clip(size, count: 3)
        let executor = try makeExecutor(model, size)
        try load(clip, into: executor)
        let network = try ReferenceNetwork(model)
        for (reference, supporting) in [(0, 1), (1, 0), (2, 1), (1, 2), (0, 2), (0, 0)] {
            try executor.estimateFlow(reference: reference, supporting: supporting, flow: 0)
            let expected = try network.flow(
                reference: clip[reference], supporting: clip[supporting])
            let largest =
                zip(executor.flow(0).samples, expected.samples)
                .map { abs($0 - $1) }.max() ?? .infinity
            #expect(largest <= 1e-3, "\(reference) to \(supporting): off by \(largest) px")
            #expect((expected.samples.map(abs).max() ?? 0) > 0.1, "flows are worth comparing")
        }
    }

    private func load(_ clip: [Frame], into executor: TunedExecutor) throws {
        try executor.reserve(pictures: clip.count, flows: 1, states: 0)
        for (index, frame) in clip.enumerated() {
            try frame.samples.withUnsafeBufferPointer {
                try executor.load(.planarFloats($0, size: frame.size), picture: index)
            }
        }
    }

    @Test func aReloadedPictureGetsItsOwnFlow() throws {
        let size = FrameSize(width: 40, height: 33)
        var random = SeededGenerator(seed: 50)
        let model = random.weights(
            Blueprint(
                direction: .unidirectional, width: 2, blocks: 0,
                flow: Blueprint.FlowNetwork(widths: [4, 4, 4, 4], levels: 3)))
        let clip = random.clip(size, count: 3)
        let executor = try makeExecutor(model, size)
        try load(Array(clip[..<2]), into: executor)
        try executor.estimateFlow(reference: 0, supporting: 1, flow: 0)
        try load([clip[2], clip[1]], into: executor)
        try executor.estimateFlow(reference: 0, supporting: 1, flow: 0)
        let expected = try ReferenceNetwork(model).flow(reference: clip[2], supporting: clip[1])
        #expect(relativeError(executor.flow(0).samples, expected.samples) <= 1e-4)
    }

    /// Three convolutions instead of five, of each size that kernels are written for.
    @Test(arguments: [[3, 7, 1], [7, 3, 3], [3, 3, 3, 3, 3, 3]])
    func otherFlowNetworksEqualTheReference(_ kernelSizes: [Int]) throws {
        let size = FrameSize(width: 40, height: 33)
        var random = SeededGenerator(seed: 70)
        let model = random.weights(
            Blueprint(
                direction: .unidirectional, width: 2, blocks: 0,
                flow: Blueprint.FlowNetwork(
                    widths: Array([5, 3, 6, 2, 7].prefix(kernelSizes.count - 1)), levels: 3,
                    kernelSizes: kernelSizes)))
        let clip = random.clip(size, count: 2)
        let executor = try makeExecutor(model, size)
        try load(clip, into: executor)
        try executor.estimateFlow(reference: 0, supporting: 1, flow: 0)
        let expected = try ReferenceNetwork(model).flow(reference: clip[0], supporting: clip[1])
        #expect(relativeError(executor.flow(0).samples, expected.samples) <= 1e-4)
    }

    /// Factors of the upsampler's convolutions, among them none, several and early refinements.
    @Test(arguments: [
        [2], [2, 2], [2, 1, 1], [2, 2, 1, 1], [2, 2, 1, 1, 1], [1, 2, 2], [2, 1, 2, 1],
    ])
    func otherUpsamplersEqualTheReference(_ factors: [Int]) throws {
        var random = SeededGenerator(seed: 80)
        var blueprint = Blueprint(
            direction: .bidirectional, width: 5, blocks: 1, scale: factors.reduce(1, *),
            flow: Blueprint.FlowNetwork(widths: [2, 2, 2, 2], levels: 2))
        for widths in [[7, 4, 6, 3, 5], [3, 0, 2, 5, 4]] {
            blueprint.upsampler = .init(
                convolutions: zip(factors, widths).map { .init(factor: $0, width: $1) })
            let model = random.weights(blueprint)
            for (size, threads) in [
                (FrameSize(width: 41, height: 9), 1), (FrameSize(width: 7, height: 85), 3),
            ] {
                try expectAgreement(
                    makeExecutor(model, size, threads: threads), model, random.clip(size, count: 2),
                    random.flows(size, count: 1, reach: 2), "\(size) \(widths)")
            }
        }
    }

    @Test func whatNoTunedKernelCanDoIsRefused() throws {
        var options = UpscalerOptions()
        func refused(_ blueprint: Blueprint) throws -> String {
            let model = try Model.initialized(blueprint, seed: 1)
            options.executor = .tuned
            let error = #expect(throws: VSRError.self) {
                try Upscaler(model: model, options: options)
            }
            options.executor = .reference
            let clip = [Frame(size: FrameSize(width: 3, height: 2))]
            let size = try Upscaler(model: model, options: options).upscale(clip: clip)[0].size
            #expect(size == FrameSize(width: 12, height: 8))
            #expect(error?.code == .unsupported)
            return error?.message ?? ""
        }
        var blueprint = Blueprint(direction: .unidirectional, width: 2, blocks: 1)
        blueprint.flow = .init(widths: [2], levels: 1, kernelSizes: [5, 3])
        #expect(try refused(blueprint).contains("convolutions of 5x5"))
        blueprint.flow = .quarter
        blueprint.upsampler = .oneStep(width: 2, scale: 4)
        #expect(try refused(blueprint).contains("pixel-shuffles by 4"))
        // Nor where no filter is left of it.
        blueprint.upsampler = .oneStep(width: 0, scale: 4)
        #expect(try refused(blueprint).contains("pixel-shuffles by 4"))
    }

    @Test func timesAreRecordedPerLayer() throws {
        var random = SeededGenerator(seed: 60)
        let model = random.weights(Blueprint(direction: .unidirectional, width: 4, blocks: 2))
        var options = UpscalerOptions()
        options.isProfiled = true
        let upscaler = try Upscaler(model: model, options: options)
        let clip = random.clip(FrameSize(width: 9, height: 9), count: 3)
        let frames = try upscaler.upscale(clip: clip)
        options.isProfiled = false
        let plain = try Upscaler(model: model, options: options)
        #expect(try plain.upscale(clip: clip) == frames)
        #expect(plain.profile.isEmpty)
        let calls = Dictionary(uniqueKeysWithValues: upscaler.profile.map { ($0.name, $0.calls) })
        #expect(calls["forward_trunk.main.0"] == 3)
        #expect(calls["forward_trunk.main.2.1"] == 3)
        #expect(calls["upsampler"] == 3)
        #expect(calls["spynet.basic_module.5.basic_module.8"] == 2)
        #expect(upscaler.profile.allSatisfy { $0.seconds > 0 })
        func names(_ step: LayerTiming.Step) -> Set<String> {
            Set(upscaler.profile.filter { $0.step == step }.map(\.name))
        }
        #expect(names(.warp) == ["warp"])
        #expect(names(.upsampler) == ["upsampler"])
        #expect(
            names(.trunk(.forward)) == [
                "forward_trunk.main.0", "forward_trunk.main.2.0", "forward_trunk.main.2.1",
            ])
        #expect(names(.trunk(.backward)) == [])
        #expect(names(.flow).count == upscaler.profile.count - 5)
        // Single layers have the role of their name; blocks and steps are none.
        for timing in upscaler.profile {
            #expect(timing.layer == Layer.Role(name: timing.name), "\(timing.name)")
        }
        #expect(upscaler.profile.contains { $0.layer == .first(.forward) })
    }
}

extension SeededGenerator {
    /// Flows of random displacements of up to `reach` pixels, some of them out of the picture.
    mutating func flows(
        _ size: FrameSize, count: Int, reach: Float
    ) -> ReferenceNetwork.ClipFlows {
        func maps(_ random: inout SeededGenerator) -> [FeatureMap] {
            (0..<count).map { _ in
                FeatureMap(
                    channels: 2, size: size,
                    samples: random.tensor([2 * size.area], bound: reach).values)
            }
        }
        let (backward, forward) = (maps(&self), maps(&self))
        return Dictionary(
            uniqueKeysWithValues: Blueprint.Branch.allCases.map {
                ($0, $0.isCausal ? forward : backward)
            })
    }
}
