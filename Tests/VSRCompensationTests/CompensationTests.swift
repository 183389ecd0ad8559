import Testing
import VSRCore
import VSRModel
import VSRRuntime
import VSRTestSupport

@testable import VSRCompensation

@Suite struct CompensationTests {
    private let size = FrameSize(width: 20, height: 18)

    private func clips(_ random: inout SeededGenerator, count: Int = 3) -> [CalibrationClip] {
        (0..<count).map { _ in
            CalibrationClip(frames: random.clip(size, count: 4), used: [1, 3])
        }
    }

    /// A network whose blocks hold each middle filter twice and whose upsampler has each unit twice,
    /// every copy with half of the weights after it.
    private func redundant(_ direction: Blueprint.Direction, refinements: Int) -> Model {
        var random = SeededGenerator(seed: 5)
        var blueprint = Blueprint(
            direction: direction, width: 6, blocks: 2, scale: 4,
            flow: Blueprint.FlowNetwork(widths: [3, 4, 3, 2], levels: 2))
        blueprint.upsampler = .init(
            widths: [6, 6], refinementWidths: Array(repeating: 6, count: refinements))
        var model = random.weights(blueprint)
        /// Filters `[count / 2, …]` are copies of the first half, `group` filters to a unit.
        func copyFilters(_ layer: Layer) {
            for key in [layer.weight, layer.bias] {
                guard let tensor = model.tensors[key] else { continue }
                let half = Array(tensor.values.prefix(tensor.values.count / 2))
                model.tensors[key] = ModelTensor(shape: tensor.shape, values: half + half)
            }
        }
        for branch in model.blueprint.branches {
            for index in model.blueprint[branch].indices {
                copyFilters(model.blueprint.blockLayers(branch, index)[0])
            }
        }
        for layer in model.blueprint.upsamplerLayers where layer.outputUnits != nil {
            copyFilters(layer)
        }
        return model
    }

    @Test(arguments: [
        (Blueprint.Direction.unidirectional, 1), (.bidirectional, 1), (.unidirectional, 2),
    ])
    func redundantFiltersGoWithoutLoss(
        _ direction: Blueprint.Direction, refinements: Int
    ) throws {
        let model = redundant(direction, refinements: refinements)
        var random = SeededGenerator(seed: 6)
        var slim = model.blueprint
        for branch in slim.branches {
            for index in slim[branch].indices { slim[branch][index].middleWidth = 3 }
        }
        slim.upsampler = slim.upsampler.withWidths { _, _ in 3 }
        var options = CompensationOptions()
        options.ridge = 1e-7
        let pruned = try model.compensated(
            on: clips(&random, count: 6), options: options, to: slim)
        let clip = random.clip(size, count: 5)
        func frames(_ model: Model) throws -> [Float] {
            let upscaler = try Upscaler(model: model)
            var result: [Frame] = []
            for frame in clip { result += try upscaler.push(frame) }
            return (result + (try upscaler.finish())).flatMap(\.samples)
        }
        // A ridge of 1e-7 leaves a bias of that size times the condition of the features.
        let error = relativeError(try frames(pruned), try frames(model))
        #expect(error < 1e-3, "\(error)")
    }

    /// Of each pair of copies one goes, here of some pairs, there of all.
    ///
    /// Of the trunk a channel that another repeats is not read, and one that a block leaves as it is
    /// gets no filter. The network was changed before, so that only the fit can bring it back.
    @Test(arguments: [Blueprint.Direction.unidirectional, .bidirectional])
    func anySelectionOfRedundantUnitsIsRefittedWithoutLoss(
        _ direction: Blueprint.Direction
    ) throws {
        var model = redundant(direction, refinements: 1)
        // Channel 5 of every trunk repeats channel 4.
        func repeatChannel(_ layer: Layer) {
            for key in [layer.weight, layer.bias] {
                guard var tensor = model.tensors[key] else { continue }
                let size = tensor.values.count / layer.outputs
                for index in 0..<size {
                    tensor.values[5 * size + index] = tensor.values[4 * size + index]
                }
                model.tensors[key] = tensor
            }
        }
        for branch in model.blueprint.branches {
            repeatChannel(model.blueprint.firstLayer(branch))
            for index in model.blueprint[branch].indices {
                let second = model.blueprint.blockLayers(branch, index)[1]
                repeatChannel(second)
                // Channel 1 passes through.
                for (key, size) in [(second.weight, 54), (second.bias, 1)] {
                    for place in size..<2 * size { model.tensors[key]?.values[place] = 0 }
                }
            }
        }
        var slim = model.blueprint
        var kept: [UnitGroup: [Int]] = [:]
        for branch in slim.branches {
            kept[.block(branch, 0, .middle)] = [1, 3, 5]
            kept[.block(branch, 1, .middle)] = [0, 1, 2, 4]
            slim[branch][0].middleWidth = 3
            slim[branch][1].middleWidth = 4
            slim[branch][0].keptInputs = [0, 1, 2, 3, 5]
            slim[branch][1].keptInputs = [0, 1, 2, 3, 4]
            for index in 0..<2 { slim[branch][index].keptOutputs = [0, 2, 3, 4, 5] }
        }
        kept[.upsampler(.upconvolution(0))] = [2, 3, 4]
        kept[.upsampler(.upconvolution(1))] = [0, 1, 3, 4, 5]
        kept[.upsampler(.refinement(0))] = [1, 3, 5]
        slim.upsampler = .init(widths: [3, 5], refinementWidths: [3])
        var random = SeededGenerator(seed: 12)
        var changed = random.weights(slim)
        for layer in slim.flowLayers {
            for (key, _) in layer.tensors { changed.tensors[key] = model.tensors[key] }
        }
        var options = CompensationOptions()
        // Sums in fp32 of features that repeat each other bear no smaller one.
        options.ridge = 1e-6
        let refitted = try changed.refitted(
            to: model, keeping: kept, on: clips(&random, count: 6), options: options)
        #expect(refitted.blueprint == slim)
        let clip = random.clip(size, count: 5)
        func frames(_ model: Model) throws -> [Float] {
            let upscaler = try Upscaler(model: model)
            var result: [Frame] = []
            for frame in clip { result += try upscaler.push(frame) }
            return (result + (try upscaler.finish())).flatMap(\.samples)
        }
        // In a direction of variance v the ridge r leaves r / (v + r) of the distance to the weights
        // before, √v of which is seen: at most √r / 2 of it, 5e-4, in each of ten layers.
        let error = relativeError(try frames(refitted), try frames(model))
        #expect(error < 5e-3, "\(error)")
        #expect(relativeError(try frames(changed), try frames(model)) > 0.05)
        // What the data leave open stays: with no weight but the ridge's, everything does.
        options.ridge = 1e12
        let held = try changed.refitted(
            to: model, keeping: kept, on: clips(&random), options: options)
        for (key, tensor) in changed.tensors {
            let found = try #require(held.tensors[key])
            #expect(relativeError(found.values, tensor.values) < 1e-6, "\(key.name)")
        }
    }

    @Test func whatDoesNotBelongTogetherIsRefused() throws {
        var random = SeededGenerator(seed: 13)
        let dense = random.model(.unidirectional, scale: 4)
        let middle = UnitGroup.block(.forward, 0, .middle)
        var slim = dense
        slim.blueprint[.forward][0].middleWidth = 2
        func message(_ slim: Model, _ kept: [UnitGroup: [Int]]) -> String {
            let error = #expect(throws: VSRError.self) {
                try slim.refitted(to: dense, keeping: kept, on: clips(&random))
            }
            #expect(error?.code == .invalidArgument)
            return error?.message ?? ""
        }
        for kept in [[0], [0, 4], [1, 0], [0, 1, 2]] {
            #expect(
                message(slim, [middle: kept]).contains(
                    "forward.0.mid keeps \(kept.count) of 4 units"))
        }
        #expect(message(slim, [:]).contains("forward.0.mid keeps 4 of 4 units"))
        var other = dense
        other.blueprint[.forward].append(.init(width: 4))
        #expect(message(other, [:]).contains("was not cut out of the dense one"))
        var wider = dense
        wider.blueprint[.forward][0].keptInputs = [0, 1, 2, 7]
        #expect(message(wider, [:]).contains("has channels that the dense network's has not"))
        let error = #expect(throws: VSRError.self) {
            try dense.refitted(to: dense, keeping: [:], on: [])
        }
        #expect(error?.message.contains("needs clips to calibrate on") == true)
    }

    /// What a branch makes of the recorded picture and carried state is the recorded state.
    @Test func recordedStepsBelongTogether() throws {
        var random = SeededGenerator(seed: 8)
        let model = random.model(.bidirectional, scale: 4)
        let clip = random.clip(size, count: 5)
        let steps = try RecordedStep.record(model, clip: clip, at: [0, 2, 4], holdingAfter: 1)
        #expect(steps.count == 3)
        for step in steps {
            for branch in model.blueprint.branches {
                let first = model.blueprint.firstLayer(branch)
                let inputs = Features([[FeatureMap(step.picture), step.carried[branch]!]])
                var state = try PatchFilter(first, of: model)(inputs, threads: 1)
                    .activated(by: first.activation)
                for (index, block) in model.blueprint[branch].enumerated() {
                    let layers = model.blueprint.blockLayers(branch, index)
                    let middle = try PatchFilter(layers[0], of: model)(state, threads: 1)
                        .activated(by: layers[0].activation)
                    state.add(
                        try PatchFilter(layers[1], of: model)(middle, threads: 1),
                        to: block.keptOutputs)
                }
                let expected = Features([[step.states[branch]!]])
                #expect(relativeError(state.values.values, expected.values.values) < 1e-5)
            }
        }
        // Held from the second step on: the fourth's state is carried to nothing.
        let free = try RecordedStep.record(model, clip: clip, at: [4])
        #expect(
            steps[2].carried[.forward]!.samples != free[0].carried[.forward]!.samples,
            "a held state is another one")
    }

    @Test(arguments: [0.2, 0.5, 0.9], [1, 2])
    func costsAreCloseToTheTarget(share: Double, refinements: Int) throws {
        var dense = Blueprint(direction: .bidirectional, width: 64, blocks: 30, scale: 4)
        dense.upsampler = .init(
            widths: [64, 64], refinementWidths: Array(repeating: 64, count: refinements))
        let most = Int(share * Double(dense.costs().macs))
        let slim = try dense.slimmed { $0.costs().macs <= most }
        let reached = Double(slim.costs().macs) / Double(most)
        #expect(reached <= 1 && reached > 0.99, "\(reached)")
        try slim.validate()
        let widths = slim[.forward].map(\.middleWidth)
        #expect(widths.max()! - widths.min()! <= 1)
        #expect(Set(slim.upsampler.convolutions.map(\.width)).count == 1)
    }

    @Test func whatCannotBeDoneIsSaid() throws {
        var random = SeededGenerator(seed: 9)
        let model = random.model(.unidirectional, scale: 4)
        func error(_ clips: [CalibrationClip], _ macs: Int = .max) -> VSRError? {
            #expect(throws: VSRError.self) {
                try model.compensated(on: clips) { $0.costs().macs <= macs }
            }
        }
        #expect(error([])?.code == .invalidArgument)
        #expect(error(clips(&random), 1)?.message.contains("ask for more") == true)
        let other = CalibrationClip(
            frames: random.clip(FrameSize(width: 8, height: 8), count: 2), used: [0])
        #expect(error(clips(&random) + [other])?.code == .shapeMismatch)
        var broken = clips(&random)
        broken[0].frames[1].samples[3] = .nan
        #expect(error(broken)?.code == .corruptData)
        var cancelled = CompensationOptions()
        let cancellation = Cancellation()
        cancellation.request()
        cancelled.cancellation = cancellation
        #expect(throws: VSRError.self) {
            try model.compensated(on: clips(&random), options: cancelled) { _ in true }
        }
    }
}
