import Testing
import Torch
import VSRCore
import VSRModel
import VSRTestSupport

@testable import VSRTraining

/// `run.winograd` in the training stages, with networks wide enough for it.
@Suite struct WinogradStageTests {
    private static let blueprint = Blueprint(
        direction: .bidirectional, width: 12, blocks: 2, upsamplerWidth: 8, scale: 2,
        flow: TinyRuns.flow)

    private enum Kind: String, CaseIterable, Sendable {
        case pretrain, compress, finetune, imitation
    }

    /// The gradients of a stage's first loss, all parameters one after the other.
    private func gradients(
        _ kind: Kind, _ folder: String, winograd: Bool
    ) throws -> [Float] {
        var run = TinyRuns.run()
        run.winograd = winograd
        let (model, teacher) = ("\(folder)/model.safetensors", "\(folder)/teacher.safetensors")
        try ModelFile.write(.initialized(Self.blueprint, seed: 1), to: model)
        try ModelFile.write(.initialized(Self.blueprint, seed: 2), to: teacher)
        return try TorchThread.run {
            try setThreadCount(1)
            let batch = try TinyRuns.batch()
            switch kind {
            case .pretrain:
                var settings = TinyRuns.pretrain("-")
                settings.network.width = 12
                settings.run = run
                return try gradients(of: Pretrain(settings, device: .cpu), batch)
            case .compress:
                var settings = TinyRuns.compress("-", model: model)
                settings.run = run
                return try gradients(of: Compress(settings, device: .cpu), batch)
            case .finetune, .imitation:
                var settings = TinyRuns.finetune("-", model: model, teacher: teacher)
                settings.run = run
                settings.distillation.frameShare = kind == .imitation ? 1 : 0
                settings.distillation.stateWeight = kind == .imitation ? 1 : 0
                return try gradients(of: Finetune(settings, device: .cpu), batch)
            }
        }
    }

    private func gradients(of stage: some TrainingStage, _ batch: ClipBatch) throws -> [Float] {
        try stage.loss(of: batch, at: 0).total.backward()
        return try stage.network.namedParameters.flatMap { try $0.tensor.gradient?.floats() ?? [] }
    }

    /// The gradients are the same but for rounding, which shows that the setting is followed.
    @Test(arguments: Kind.allCases)
    private func everyStageFollowsTheSetting(kind: Kind) throws {
        let folder = try TemporaryFolder()
        let by = try gradients(kind, folder.path, winograd: true)
        let direct = try gradients(kind, folder.path, winograd: false)
        #expect(by.count == direct.count)
        #expect(by != direct)
        let squares = zip(by, direct).map { Double($0 - $1) }.reduce(0) { $0 + $1 * $1 }
        let norm = direct.map { Double($0) }.reduce(0) { $0 + $1 * $1 }
        // As for whole networks in WinogradNetworkTests.
        #expect(norm > 0 && squares.squareRoot() <= 1e-4 * norm.squareRoot())
    }

    @Test func bfloat16TurnsItOff() {
        var run = RunSettings()
        #expect(run.convolutions == .winograd)
        run.bfloat16 = true
        #expect(run.convolutions == .direct)
        run = RunSettings()
        run.winograd = false
        #expect(run.convolutions == .direct)
    }

    /// Weights of a run that was stopped equal those of one that was not, bit for bit, with two threads.
    @Test func finetuningResumesBitForBit() throws {
        let folder = try TemporaryFolder()
        let paths = ["model", "teacher"].map { "\(folder.path)/\($0).safetensors" }
        for (seed, path) in zip([1, 2] as [UInt64], paths) {
            try ModelFile.write(.initialized(Self.blueprint, seed: seed), to: path)
        }
        func configuration(_ output: String) -> Finetune.Configuration {
            var settings = TinyRuns.finetune(
                "\(folder.path)/\(output)", model: paths[0], teacher: paths[1])
            settings.distillation.frameShare = 0.5
            settings.distillation.stateWeight = 0.5
            settings.run.threads = 2
            return settings
        }
        let whole = try Finetune.run(
            configuration("whole"), environment: TinyRuns.environment(), clips: TinyRuns.sources())
        #expect(throws: (any Error).self) {
            try Finetune.run(
                configuration("stopped"), environment: TinyRuns.environment(stoppingAt: 3),
                clips: TinyRuns.sources())
        }
        let resumed = try Finetune.run(
            configuration("stopped"), environment: TinyRuns.environment(isResuming: true),
            clips: TinyRuns.sources())
        let areEqual = resumed.tensors == whole.tensors
        #expect(areEqual)
    }
}
