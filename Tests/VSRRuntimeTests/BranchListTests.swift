import Synchronization
import Testing
import VSRCore
import VSRModel
import VSRTestSupport

@testable import VSRRuntime

/// Networks with other branches than the published ones: any list of causal and anticausal ones.
@Suite struct BranchListTests {
    /// Branches in the order of the fusion's inputs, and which way they go, written out here.
    struct Network: Sendable, CustomTestStringConvertible {
        var branches: [(branch: Blueprint.Branch, isCausal: Bool)]

        var direction: Blueprint.Direction { .init(branches.map(\.branch)) }
        var testDescription: String { direction.rawValue }
    }

    static let twoCausal = Network(
        branches: [(.backward, false), (.forward, true), (.forward(2), true)])
    static let twoAnticausal = Network(
        branches: [(.backward, false), (.forward, true), (.backward(2), false)])
    static let networks = [
        Network(branches: [(.forward, true), (.forward(2), true)]),
        Network(branches: [(.backward, false)]),
        twoCausal, twoAnticausal,
        Network(
            branches: [
                (.backward, false), (.forward, true), (.backward(2), false), (.forward(2), true),
            ]),
    ]

    /// One loop per branch over the whole clip, or over each window and its look-ahead for those
    /// that come from the end.
    private func frames(
        _ network: Network, _ model: Model, _ clip: [Frame], length: Int?, lookAhead: Int
    ) throws -> [Frame] {
        let reference = try ReferenceNetwork(model)
        let length = length ?? clip.count
        let states = try network.branches.map { branch, isCausal in
            var states: [FeatureMap?] = Array(repeating: nil, count: clip.count)
            func visit(_ t: Int, after neighbor: Int?, _ last: FeatureMap?) throws -> FeatureMap {
                try reference.hiddenState(
                    branch, frame: clip[t], previous: last,
                    flow: neighbor.map {
                        try reference.flow(reference: clip[t], supporting: clip[$0])
                    })
            }
            if isCausal {
                var last: FeatureMap?
                for t in clip.indices {
                    last = try visit(t, after: t > 0 ? t - 1 : nil, last)
                    states[t] = last
                }
                return states
            }
            for start in stride(from: 0, to: clip.count, by: length) {
                let end = min(clip.count, start + length + lookAhead)
                var last: FeatureMap?
                for t in (start..<end).reversed() {
                    last = try visit(t, after: t + 1 < end ? t + 1 : nil, last)
                    if t < start + length { states[t] = last }
                }
            }
            return states
        }
        return try clip.indices.map { t in
            try reference.upsampled(clip[t], states: states.map { try #require($0[t]) })
        }
    }

    @Test(arguments: networks, UpscalerChecks.executors)
    func framesAreThoseOfAPlainLoop(
        _ network: Network, _ executor: UpscalerOptions.Executor
    ) throws {
        var random = SeededGenerator(seed: 40)
        let model = random.model(network.direction, scale: 2)
        let clip = random.clip(FrameSize(width: 7, height: 6), count: 8)
        let windows: [(Int?, Int)] = [(nil, 0), (1, 0), (2, 1), (3, 2), (1, 3), (4, 9)]
        for (length, lookAhead) in windows {
            let found = try Upscaler(
                model: model,
                options: UpscalerChecks.options(
                    executor, windowLength: length, lookAhead: lookAhead)
            ).upscale(clip: clip)
            let expected = try frames(
                network, model, clip, length: length, lookAhead: lookAhead)
            guard executor == .tuned else {
                // The same operations in the same order.
                #expect(found == expected, "window \(length ?? 0), \(lookAhead)")
                continue
            }
            let error = relativeError(
                UpscalerChecks.samples(found), UpscalerChecks.samples(expected))
            #expect(
                error <= UpscalerChecks.tolerance,
                "window \(length ?? 0), \(lookAhead): relative error \(error)")
        }
    }

    /// Were a branch's state missing or another's, the test above would have to see it.
    @Test(arguments: [twoCausal, twoAnticausal])
    func framesDependOnEveryBranchAndWindow(_ network: Network) throws {
        var random = SeededGenerator(seed: 40)
        let model = random.model(network.direction, scale: 2)
        let clip = random.clip(FrameSize(width: 7, height: 6), count: 8)
        let whole = UpscalerChecks.samples(
            try frames(network, model, clip, length: nil, lookAhead: 0))
        let windows = try frames(network, model, clip, length: 1, lookAhead: 0)
        #expect(relativeError(UpscalerChecks.samples(windows), whole) > 1e-3)
        for index in network.branches.indices {
            var changed = model
            let bias = TensorKey.bias(.first(network.branches[index].branch))
            let tensor = try #require(changed.tensors[bias])
            changed.tensors[bias] = ModelTensor(
                shape: tensor.shape, values: tensor.values.map { $0 + 0.1 })
            let frames = try frames(network, changed, clip, length: nil, lookAhead: 0)
            #expect(relativeError(UpscalerChecks.samples(frames), whole) > 1e-3)
        }
    }

    /// A branch twice, each time with half of its weights in the fusion, is that branch once.
    @Test(arguments: [Blueprint.Branch.forward(2), .backward(2)], UpscalerChecks.executors)
    func aBranchInTwoHalvesIsTheBidirectionalNetwork(
        _ twin: Blueprint.Branch, _ executor: UpscalerOptions.Executor
    ) throws {
        var random = SeededGenerator(seed: 41)
        let model = random.model(.bidirectional, scale: 2)
        let original: Blueprint.Branch = twin == .forward(2) ? .forward : .backward
        var blueprint = model.blueprint
        blueprint.direction = .init(blueprint.branches + [twin])
        blueprint[twin] = blueprint[original]
        var tensors = model.tensors
        for layer in blueprint.layers where layer.part == .trunk(twin) {
            for (key, _) in layer.tensors {
                let source: Layer.Role =
                    switch key.role {
                    case .block(_, let index, let convolution):
                        .block(original, index, convolution)
                    default: .first(original)
                    }
                tensors[key] = model.tensors[TensorKey(source, key.kind)]
            }
        }
        let width = blueprint.width
        let fusion = try #require(model.tensors[.weight(.fusion)])
        let place = original == .backward ? 0 : 1
        tensors[.weight(.fusion)] = ModelTensor(
            shape: [width, 3 * width, 1, 1],
            values: (0..<width).flatMap { filter in
                let row = Array(fusion.values[2 * width * filter..<2 * width * (filter + 1)])
                let half = row[place * width..<(place + 1) * width].map { $0 / 2 }
                let other = Array(row[(1 - place) * width..<(2 - place) * width])
                return (place == 0 ? half + other : other + half) + half
            })
        let tripled = Model(blueprint: blueprint, tensors: tensors)
        let clip = random.clip(FrameSize(width: 9, height: 5), count: 7)
        for length in [nil, 3] {
            let options = UpscalerChecks.options(executor, windowLength: length, lookAhead: 1)
            let found = try Upscaler(model: tripled, options: options).upscale(clip: clip)
            let expected = try Upscaler(model: model, options: options).upscale(clip: clip)
            // Halves are exact, so only the fusion's sums of 12 products round otherwise: some
            // 12 · 2⁻²⁴ of their terms, which the upsampler's few layers do not enlarge.
            #expect(
                relativeError(UpscalerChecks.samples(found), UpscalerChecks.samples(expected))
                    <= 1e-5)
        }
    }

    @Test func causalBranchesAloneGiveEachFrameAtOnce() throws {
        var random = SeededGenerator(seed: 42)
        let model = random.model(Self.networks[0].direction, scale: 2)
        let upscaler = try Upscaler(model: model, options: UpscalerChecks.options(.tuned))
        for frame in random.clip(FrameSize(width: 5, height: 5), count: 3) {
            #expect(try upscaler.push(frame).count == 1)
        }
        #expect(try upscaler.finish().isEmpty)
        #expect(upscaler.clipWindow == nil)
    }

    @Test(arguments: UpscalerChecks.executors)
    func aClipWithinOneWindowAndItsLookAheadIsProcessedWhole(
        _ executor: UpscalerOptions.Executor
    ) throws {
        var random = SeededGenerator(seed: 43)
        for network in Self.networks {
            let model = random.model(network.direction, scale: 2)
            let clip = random.clip(FrameSize(width: 6, height: 5), count: 5)
            func upscaled(_ length: Int?, _ lookAhead: Int) throws -> [Frame] {
                try Upscaler(
                    model: model,
                    options: UpscalerChecks.options(
                        executor, windowLength: length, lookAhead: lookAhead)
                ).upscale(clip: clip)
            }
            let whole = try upscaled(nil, 0)
            for (length, lookAhead) in [(3, 2), (5, 0), (2, 3), (9, 2)] {
                #expect(try upscaled(length, lookAhead) == whole)
            }
        }
    }

    @Test func progressCountsTheStepsOfAllAnticausalBranches() throws {
        var random = SeededGenerator(seed: 44)
        let model = random.model(Self.twoAnticausal.direction, scale: 2)
        var options = UpscalerChecks.options(.tuned, windowLength: nil)
        let steps = Mutex<[ProgressUpdate]>([])
        options.progress = { update in steps.withLock { $0.append(update) } }
        _ = try Upscaler(model: model, options: options)
            .upscale(clip: random.clip(FrameSize(width: 6, height: 5), count: 3))
        #expect(steps.withLock { $0.map(\.completed) } == [1, 2, 3, 4, 5, 6])
        #expect(steps.withLock { $0.allSatisfy { $0.total == 6 } })
    }
}
