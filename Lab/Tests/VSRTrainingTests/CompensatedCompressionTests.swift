import Foundation
import Testing
import VSRConfiguration
import VSRCore
import VSRData
import VSRModel
import VSRPruning
import VSRRuntime
import VSRTestSupport
import VSRTools

@testable import VSRTraining

/// Compensation after regularization, and before it.
@Suite struct CompensatedCompressionTests {
    private let blueprint = TinyRuns.blueprint(.bidirectional)

    /// Two clips of stripes that calibration's windows of 36 low-resolution pixels fit into.
    private static func sources() -> [ClipSource] {
        let size = FrameSize(width: 80, height: 76)
        return (0..<2).map { clip in
            .rendered(name: "stripes-\(clip)", size: size, count: 5) {
                MovingStripes.frame($0, clip: clip, size: size)
            }
        }
    }

    private func dense(_ folder: TemporaryFolder) throws -> Model {
        let model = Model.random(blueprint, seed: 4)
        try ModelFile.write(model, to: folder.path("dense.safetensors"))
        return model
    }

    private func configuration(
        _ folder: TemporaryFolder, _ output: String, compensate: Bool? = true
    ) -> Compress.Configuration {
        var result = TinyRuns.compress(
            folder.path(output), model: folder.path("dense.safetensors"))
        result.compensate = compensate
        return result
    }

    private func run(
        _ configuration: Compress.Configuration, stoppingAt iteration: Int? = nil,
        isResuming: Bool = false
    ) throws -> Compress.Outcome {
        try Compress.run(
            configuration,
            environment: TinyRuns.environment(isResuming: isResuming, stoppingAt: iteration),
            clips: Self.sources())
    }

    /// What the refit makes of the plain run's result, and nothing else.
    @Test func whatIsLeftIsRefittedToTheDenseNetwork() throws {
        let folder = try TemporaryFolder()
        let dense = try dense(folder)
        let plain = try run(configuration(folder, "plain", compensate: nil))
        let result = try run(configuration(folder, "run"))
        #expect(result.removal == plain.removal)
        #expect(result.model.blueprint == plain.model.blueprint)
        var refit = CompensatedRefit()
        refit.clips.seed = 3
        refit.options.threads = 1
        let expected = try refit.refitted(
            plain.model, to: dense, without: plain.removal,
            on: refit.calibration(on: Self.sources(), scale: 2, degradation: "BI"))
        #expect(result.model == expected)
        #expect(result.model.tensors != plain.model.tensors)
        #expect(
            result.model.metadata[MetadataKey.history]?.contains(
                "compress, 8 iterations, seed 3; refitted to the dense network") == true)
        #expect(try ModelFile.read(folder.path("run/model.safetensors")) == result.model)
        // Its frames are nearer to the dense network's than before.
        let clip = try Self.sources()[0].open()
        var frames: [Frame] = []
        while let next = try clip.next() { frames.append(next.frame) }
        func distance(_ model: Model) throws -> Float {
            let (one, other) = (try upscaled(frames, by: model), try upscaled(frames, by: dense))
            return zip(one, other).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        let (before, after) = (try distance(plain.model), try distance(result.model))
        #expect(after < before, "\(before) became \(after)")
    }

    private func upscaled(_ frames: [Frame], by model: Model) throws -> [Float] {
        let upscaler = try Upscaler(model: model)
        var result: [Frame] = []
        for frame in frames { result += try upscaler.push(frame) }
        return (result + (try upscaler.finish())).flatMap(\.samples)
    }

    @Test func itResumesBitForBit() throws {
        let folder = try TemporaryFolder()
        _ = try dense(folder)
        let whole = try run(configuration(folder, "whole"))
        // Stopped while it is regularized, and, at the last iteration, before it is refitted.
        for stop in [3, 8] {
            let broken = configuration(folder, "broken-\(stop)")
            let error = #expect(throws: VSRError.self) { try run(broken, stoppingAt: stop) }
            #expect(error?.code == .cancelled)
            #expect(
                !FileManager.default.fileExists(atPath: "\(broken.output)/model.safetensors"))
            #expect(try run(broken, isResuming: true).model == whole.model)
        }
        // A run that was not to be refitted is another one.
        let plain = configuration(folder, "plain", compensate: nil)
        #expect(throws: VSRError.self) { try run(plain, stoppingAt: 3) }
        var changed = plain
        changed.compensate = true
        let error = #expect(throws: VSRError.self) { try run(changed, isResuming: true) }
        #expect(error?.message.contains("the settings differ") == true)
        changed.compensate = false
        _ = try run(changed, isResuming: true)
    }

    @Test func clipsTooSmallAreFoundBeforeTraining() throws {
        let folder = try TemporaryFolder()
        _ = try dense(folder)
        let error = #expect(throws: VSRError.self) {
            try Compress.run(
                configuration(folder, "run"), environment: TinyRuns.environment(),
                clips: TinyRuns.sources())
        }
        #expect(error?.message.contains("a clip to calibrate on is at least 72x72") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.path("run/log.jsonl")))
        // Settings that do not ask for it are written as they always were.
        let yaml = try ConfigurationFile.yaml(of: configuration(folder, "run", compensate: nil))
        #expect(!yaml.contains("compensate"))
    }

    /// A compensated network is a model file like others, with blocks narrower than the trunk.
    @Test func compressionGoesOnFromACompensatedNetwork() throws {
        let folder = try TemporaryFolder()
        let dense = try dense(folder)
        var pruning = CompensatedPruning(to: .macsFraction(0.8))
        pruning.options.threads = 1
        let compensated = try pruned(pruning, dense, folder)
        #expect(compensated.blueprint[.forward][0].middleWidth < 4)
        var settings = configuration(folder, "run")
        settings.model = folder.path("compensated.safetensors")
        settings.selection.targetMacs = .share(0.5)
        let result = try run(settings)
        #expect(
            Double(result.model.blueprint.costs().macs)
                <= 0.5 * Double(compensated.blueprint.costs().macs))
        guard case .free(let removal) = result.removal else { return }
        #expect(try compensated.blueprint.removing(removal) == result.model.blueprint)
        try result.model.validate()
        let history = try #require(result.model.metadata[MetadataKey.history])
        for step in ["pruned with compensation", "compress, 8 iterations", "refitted to"] {
            #expect(history.contains(step), "\(history)")
        }
    }

    private func pruned(
        _ pruning: CompensatedPruning, _ dense: Model, _ folder: TemporaryFolder
    ) throws -> Model {
        let model = try pruning.pruned(dense, on: Self.sources()).model
        try ModelFile.write(model, to: folder.path("compensated.safetensors"))
        return model
    }
}
