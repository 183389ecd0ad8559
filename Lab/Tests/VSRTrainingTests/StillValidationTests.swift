import Foundation
import Testing
import Torch
import VSRCore
import VSRData
import VSRModel
import VSRNetworks
import VSRRuntime
import VSRTools

@testable import VSRTraining

@Suite struct StillValidationTests {
    /// A network without flow whose next state is its picture's red plus `growth` times the last one.
    private static func growing(
        _ growth: Float, _ direction: Blueprint.Direction = .unidirectional
    ) throws -> Model {
        var model = Model.random(TinyRuns.blueprint(direction), seed: 1)
        let blueprint = model.blueprint
        let blocks = blueprint.branches.flatMap { branch in
            blueprint[branch].indices.flatMap { blueprint.blockLayers(branch, $0) }
        }
        let firsts = blueprint.branches.map { blueprint.firstLayer($0) }
        for layer in blueprint.flowLayers + blocks + firsts {
            for (key, shape) in layer.tensors { model.tensors[key] = ModelTensor(shape: shape) }
        }
        for layer in firsts {
            let shape = try #require(model.tensors[layer.weight]).shape
            model.tensors[layer.weight] = ModelTensor(
                shape: shape,
                values: (0..<shape.reduce(1, *)).map { index in
                    let (input, output) = (index / 9 % shape[1], index / 9 / shape[1])
                    guard index % 9 == 4 else { return 0 }
                    return input == 0 ? 1 : input == 3 + output ? growth : 0
                })
        }
        return model
    }

    private static func measured(_ model: Model) throws -> StillValidation.Result {
        try TorchThread.run {
            try setThreadCount(1)
            let network = try BasicVSR(model).assembled()
            return try StillValidation(frames: 40, degradation: .bicubic, scale: 2).measure(
                network, isChannelsLast: true, environment: TinyRuns.environment())
        }
    }

    /// States are red · (gⁿ − 1) / (g − 1) after n steps.
    ///
    /// Noise of 1.5 levels, fresh in each frame,
    /// is some percent of the red of dark pixels and averages out over the states' 3,072 values.
    @Test(arguments: [Blueprint.Direction.unidirectional, .bidirectional])
    func theRatioIsThatOfTheLastStatesToThoseAfterTenSteps(
        direction: Blueprint.Direction
    ) throws {
        for growth in [0.5, 1.05] {
            let found = try Self.measured(Self.growing(Float(growth), direction))
            let expected = (pow(growth, 40) - 1) / (pow(growth, 10) - 1)
            #expect(abs(found.stateRatio / expected - 1) < 0.01, "\(growth): \(found.stateRatio)")
        }
    }

    /// The runtime, whose executors know nothing of LibTorch, gives the same frames of the same clip.
    @Test(arguments: [Blueprint.Direction.unidirectional, .bidirectional])
    func framesAreThoseOfTheStabilityCommand(direction: Blueprint.Direction) throws {
        let model = Model.random(TinyRuns.blueprint(direction), seed: 3)
        let found = try Self.measured(model)
        var stability = Stability()
        stability.clips = [.still]
        stability.frames = 40
        stability.degradation = .bicubic
        stability.options.guardsStability = false
        stability.options.precision = .fp32
        stability.options.window = .whole
        let clip = try #require(
            try stability.run(UpscalingMethod(model, name: "random")).clips.first)
        // Sums that round to another level move single values by one of 255.
        #expect(abs(found.first - clip.psnr[0]) < 0.01)
        #expect(abs(found.last - clip.psnr[39]) < 0.01)
        #expect(abs(found.first - found.last) > 1e-6)
    }

    /// They are written beside the rest; the log of a run without them is as it was.
    @Test func theLogHasThemWhereTheyAreAskedFor() throws {
        let source = ClipSource.rendered(
            name: "gray", size: FrameSize(width: 16, height: 16), count: 1
        ) { _ in Frame(size: FrameSize(width: 16, height: 16), filledWith: 0.4) }
        for frames in [0, 40] {
            let validation = try Validation(
                [source], frames: 1, stillFrames: frames, degradation: .bicubic, scale: 2,
                isChannelsLast: false)
            let result = try TorchThread.run {
                try validation.measure(Self.growing(1.05), environment: TinyRuns.environment())
            }
            let text = try JSONText.text(ValidationRecord(iteration: 1, result))
            #expect(text.contains("stateRatio") == (frames > 0))
            #expect(text.contains("still") == (frames > 0))
            #expect(result.summary.contains("still picture") == (frames > 0))
        }
    }
}
