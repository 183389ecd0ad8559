import Testing
import Torch
import VSRCore
import VSRModel
import VSRNetworks

@testable import VSRTraining

@Suite struct TrainingStepTests {
    /// A network wide enough for Winograd's algorithm.
    private static func model() throws -> Model {
        try .initialized(
            Blueprint(
                direction: .bidirectional, width: 12, blocks: 2, upsamplerWidth: 8, scale: 2,
                flow: TinyRuns.flow), seed: 1)
    }

    private static func settings() -> Pretrain.Configuration {
        var settings = Pretrain.Configuration()
        settings.optimizer.rate = 1e-3
        settings.optimizer.finalRate = 1e-3
        return settings
    }

    private static func onOneThread(_ body: () throws -> Void) throws {
        try TorchThread.run {
            try setThreadCount(1)
            try body()
        }
    }

    private static func losses(
        _ settings: Pretrain.Configuration, isFlowFrozen: Bool = false, pairByPair: Bool = false
    ) throws -> [Double] {
        let step = try RepeatedStep(
            settings, from: model(), on: TinyRuns.batch(2), isFlowFrozen: isFlowFrozen)
        return try (0..<3).map { _ in try (pairByPair ? step.pairByPair() : step()).loss }
    }

    /// Written out: Winograd's algorithm, pictures pixel by pixel, Charbonnier loss, Adam.
    @Test func theDefaultStepIsThis() throws {
        try Self.onOneThread {
            let network = try BasicVSR(Self.model())
            let adam = try Optimizer(groups: [
                .init(name: "all", parameters: network.namedParameters, rate: 1e-3)
            ])
            let batch = try TinyRuns.batch(2)
            func pixelByPixel(_ clips: Tensor) throws -> Tensor {
                let shape = clips.shape
                return try clips.reshaped([6] + shape[2...]).contiguous(.channelsLast)
                    .reshaped(shape)
            }
            let (low, high) = (try pixelByPixel(batch.low), try pixelByPixel(batch.high))
            let expected = try (0..<3).map { _ in
                try adam.dropGradients()
                let output = try network.assembled(convolutions: .winograd)(low).frames
                let loss = try ((output - high).square() + 1e-12).sqrt().mean()
                try loss.backward()
                try adam.step()
                return try loss.item()
            }
            let step = try RepeatedStep(Self.settings(), from: Self.model(), on: batch)
            #expect(try (0..<3).map { _ in try step().loss } == expected)
            #expect(expected[0] > expected[2])
            #expect(try step.step.stage.network.model() == network.model())
        }
    }

    /// The weights after three steps.
    private static func weights(winograd: Bool) throws -> Model {
        var settings = settings()
        settings.run.winograd = winograd
        let step = try RepeatedStep(settings, from: model(), on: TinyRuns.batch(2))
        for _ in 0..<3 { _ = try step() }
        return try step.step.stage.network.model()
    }

    @Test func settingsAreFollowed() throws {
        try Self.onOneThread {
            // By rounding, but not the same.
            #expect(try Self.weights(winograd: false) != Self.weights(winograd: true))
            let usual = try Self.losses(Self.settings())
            var rounding = Self.settings()
            rounding.run.bfloat16 = true
            let rounded = try Self.losses(rounding)
            #expect(abs(rounded[0] / usual[0] - 1) < 1e-2 && abs(rounded[0] / usual[0] - 1) > 1e-7)
            var muon = Self.settings()
            muon.optimizer.method = .muon
            let other = try Self.losses(muon)
            #expect(other[0] == usual[0] && abs(other[1] / usual[1] - 1) > 1e-6)
        }
    }

    @Test(arguments: [false, true])
    func flowsPairByPairAreTheSame(isFlowFrozen: Bool) throws {
        try Self.onOneThread {
            let together = try Self.losses(Self.settings(), isFlowFrozen: isFlowFrozen)
            let apart = try Self.losses(
                Self.settings(), isFlowFrozen: isFlowFrozen, pairByPair: true)
            for (one, other) in zip(apart, together) { #expect(abs(one / other - 1) < 1e-5) }
        }
    }

    @Test(arguments: [false, true])
    func theFlowNetworkLearnsUnlessItIsFrozen(isFlowFrozen: Bool) throws {
        try Self.onOneThread {
            let model = try Self.model()
            let step = try RepeatedStep(
                Self.settings(), from: model, on: TinyRuns.batch(), isFlowFrozen: isFlowFrozen)
            _ = try step()
            let after = try step.step.stage.network.model()
            let changed = model.tensors.keys.filter { after.tensors[$0] != model.tensors[$0] }
            #expect(changed.contains { $0.role.isFlow } == !isFlowFrozen)
            #expect(changed.contains { !$0.role.isFlow })
        }
    }

    @Test func aLossThatIsNoNumberChangesNothing() throws {
        try Self.onOneThread {
            let model = try Self.model()
            var batch = try TinyRuns.batch()
            batch.high = try batch.high * Double.nan
            let step = try RepeatedStep(Self.settings(), from: model, on: batch)
            let error = #expect(throws: VSRError.self) { try step() }
            #expect(error?.code == .corruptData)
            #expect(
                error?.message
                    == "training went wrong at iteration 0: the loss is nan; lower optimizer.rate")
            #expect(try step.step.stage.network.model().tensors == model.tensors)
        }
    }

    /// One more way where states are to be warmed up, in which the frames around count.
    @Test func warmStatesAreTimedWhereTheyAreAskedFor() throws {
        var settings = TinyRuns.pretrain("-")
        settings.data.batchSize = 1
        settings.data.warmFrames = 3
        let result = try StepBenchmark(settings, rounds: 1)
        #expect(result.variants.last?.name == "fp32, frozen, 3 warm frames")
        #expect(
            result.variants.map(\.warmFrames) == result.variants.dropLast().map { _ in 0 } + [3])
    }

    @Test func everyVariantIsTimed() throws {
        var settings = TinyRuns.pretrain("-")
        settings.data.batchSize = 1
        let result = try StepBenchmark(settings, rounds: 2)
        #expect(result.threads == 1)
        #expect(result.variants.count == (Device.cpu.hasBFloat16 ? 10 : 5))
        for variant in result.variants {
            #expect(variant.seconds.count == 2 && variant.processorSeconds.count == 2)
            #expect((variant.seconds + variant.processorSeconds).allSatisfy { $0 > 0 })
        }
        #expect(result.table.split(separator: "\n").count == result.variants.count + 1)
    }
}
