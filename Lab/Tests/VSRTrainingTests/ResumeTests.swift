import Foundation
import Testing
import VSRCore
import VSRModel
import VSRTestSupport

@testable import VSRTraining

@Suite struct ResumeTests {
    @Test func pretrainingResumesBitForBit() throws {
        let folder = try TemporaryFolder()
        try expectSameWeights(folder) { output, environment in
            try Pretrain.run(
                TinyRuns.pretrain(output), environment: environment, clips: TinyRuns.sources())
        }
    }

    @Test(arguments: [Blueprint.Direction.unidirectional, .bidirectional])
    func compressionResumesBitForBit(direction: Blueprint.Direction) throws {
        let folder = try TemporaryFolder()
        let dense = "\(folder.path)/dense.safetensors"
        try ModelFile.write(.initialized(TinyRuns.blueprint(direction), seed: 1), to: dense)
        try expectSameWeights(folder) { output, environment in
            try Compress.run(
                TinyRuns.compress(output, model: dense), environment: environment,
                clips: TinyRuns.sources()
            ).model
        }
    }

    /// With samples that stand still, warm states and a still picture in each validation.
    @Test func stagesWithStillSamplesAndWarmStatesResumeBitForBit() throws {
        let folder = try TemporaryFolder()
        let dense = folder.path("dense.safetensors")
        try ModelFile.write(.initialized(TinyRuns.blueprint(.bidirectional), seed: 1), to: dense)
        func steadied(_ data: inout DataSettings) {
            data.stillShare = 0.5
            data.warmFrames = 4
        }
        for name in ["pretrain", "compress", "finetune"] {
            let own = try TemporaryFolder()
            try expectSameWeights(own) { output, environment in
                switch name {
                case "pretrain":
                    var configuration = TinyRuns.pretrain(output)
                    configuration.network.direction = .bidirectional
                    steadied(&configuration.data)
                    return try Pretrain.run(
                        configuration, environment: environment, clips: TinyRuns.sources())
                case "compress":
                    var configuration = TinyRuns.compress(output, model: dense)
                    steadied(&configuration.data)
                    return try Compress.run(
                        configuration, environment: environment, clips: TinyRuns.sources()
                    ).model
                default:
                    var configuration = TinyRuns.finetune(output, model: dense, teacher: dense)
                    steadied(&configuration.data)
                    return try Finetune.run(
                        configuration, environment: environment, clips: TinyRuns.sources())
                }
            }
        }
    }

    /// Stopped in the first round and in the second.
    @Test func compressionInRoundsResumesBitForBit() throws {
        let folder = try TemporaryFolder()
        let dense = "\(folder.path)/dense.safetensors"
        try ModelFile.write(.initialized(TinyRuns.blueprint(.bidirectional), seed: 1), to: dense)
        try expectSameWeights(folder) { output, environment in
            var configuration = TinyRuns.compress(output, model: dense)
            configuration.regularization.rounds = 2
            configuration.regularization.hold = 2
            configuration.regularization.factorRate = 0.5
            return try Compress.run(
                configuration, environment: environment, clips: TinyRuns.sources()
            ).model
        }
    }

    @Test(arguments: OptimizerSettings.Method.allCases)
    func finetuningResumesBitForBit(method: OptimizerSettings.Method) throws {
        let folder = try TemporaryFolder()
        let model = "\(folder.path)/model.safetensors"
        let teacher = "\(folder.path)/teacher.safetensors"
        try ModelFile.write(.initialized(TinyRuns.blueprint(), seed: 1), to: model)
        try ModelFile.write(.initialized(TinyRuns.blueprint(), seed: 2), to: teacher)
        try expectSameWeights(folder) { output, environment in
            var configuration = TinyRuns.finetune(output, model: model, teacher: teacher)
            configuration.optimizer.method = method
            configuration.data.candidates = 2
            return try Finetune.run(
                configuration, environment: environment, clips: TinyRuns.sources())
        }
    }

    /// Trains once without a break and once with two, and compares all weights and the log.
    private func expectSameWeights(
        _ folder: TemporaryFolder, _ train: (String, TrainingEnvironment) throws -> Model
    ) throws {
        let whole = "\(folder.path)/whole"
        let broken = "\(folder.path)/broken"
        let expected = try train(whole, TinyRuns.environment())
        for (isResuming, stop) in [(false, 3), (true, 5)] {
            let error = #expect(throws: VSRError.self) {
                try train(
                    broken, TinyRuns.environment(isResuming: isResuming, stoppingAt: stop))
            }
            #expect(error?.code == .cancelled)
            #expect(error?.message.contains("iteration \(stop) of 8") == true)
        }
        let found = try train(broken, TinyRuns.environment(isResuming: true))
        #expect(found == expected)
        #expect(try ModelFile.read("\(broken)/model.safetensors") == expected)
        #expect(try losses(broken) == losses(whole))
    }

    /// Iteration and loss of each line of a run's log.
    private func losses(_ output: String) throws -> [String] {
        let text = try String(contentsOfFile: "\(output)/log.jsonl", encoding: .utf8)
        return try text.split(separator: "\n").map {
            let record = try JSONDecoder().decode(LogRecord.self, from: Data($0.utf8))
            return "\(record.iteration) \(record.means["loss"] ?? .nan)"
        }
    }

    /// A process killed while it writes its checkpoints leaves the one before whole.
    @Test func aRunKilledWhileWritingResumesBitForBit() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            var configuration = TinyRuns.pretrain("\(path)/killed", iterations: 40)
            configuration.run.checkpointEvery = 1
            let checkpoints = "\(path)/killed/checkpoints"
            Thread.detachNewThread {
                // Three checkpoints are done when a half-written one is met.
                while true {
                    let names = try? FileManager.default.contentsOfDirectory(atPath: checkpoints)
                    let done = (names ?? []).filter { !$0.hasPrefix(".") }.max() ?? ""
                    if done >= "000000003", (names ?? []).contains(where: { $0.hasPrefix(".") }) {
                        kill(getpid(), SIGKILL)
                    }
                }
            }
            try Pretrain.run(
                configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        }
        var resumed = TinyRuns.pretrain("\(path)/killed", iterations: 40)
        resumed.run.checkpointEvery = 20
        var whole = TinyRuns.pretrain("\(path)/whole", iterations: 40)
        whole.run.checkpointEvery = 20
        let found = try Pretrain.run(
            resumed, environment: TinyRuns.environment(isResuming: true),
            clips: TinyRuns.sources())
        let expected = try Pretrain.run(
            whole, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        #expect(found == expected)
        let names = try FileManager.default.contentsOfDirectory(
            atPath: "\(path)/killed/checkpoints")
        #expect(names.filter { $0.hasPrefix(".") }.isEmpty)
    }

    @Test func aDamagedCheckpointGivesWayToTheOneBefore() throws {
        let folder = try TemporaryFolder()
        let whole = try Pretrain.run(
            TinyRuns.pretrain("\(folder.path)/whole"), environment: TinyRuns.environment(),
            clips: TinyRuns.sources())
        var configuration = TinyRuns.pretrain("\(folder.path)/run")
        configuration.run.checkpointEvery = 2
        #expect(throws: VSRError.self) {
            try Pretrain.run(
                configuration, environment: TinyRuns.environment(stoppingAt: 5),
                clips: TinyRuns.sources())
        }
        let newest = "\(folder.path)/run/checkpoints/000000005.checkpoint"
        try Data(contentsOf: URL(fileURLWithPath: newest)).dropLast(100)
            .write(to: URL(fileURLWithPath: newest))
        let notes = Notes()
        let found = try Pretrain.run(
            configuration,
            environment: TinyRuns.environment(isResuming: true, notes: { notes.add($0) }),
            clips: TinyRuns.sources())
        #expect(found == whole)
        #expect(notes.all.contains { $0.contains("000000005") && $0.contains("not a whole") })
        #expect(notes.all.contains { $0.contains("at iteration 4") })
    }

    /// No folder, and a folder without checkpoints.
    @Test(arguments: [false, true])
    func resumingNothingStartsFromTheBeginningAndSaysSo(folderExists: Bool) throws {
        let folder = try TemporaryFolder()
        let output = "\(folder.path)/run"
        if folderExists {
            try FileManager.default.createDirectory(
                atPath: "\(output)/checkpoints", withIntermediateDirectories: true)
        }
        let notes = Notes()
        let found = try Pretrain.run(
            TinyRuns.pretrain(output, iterations: 2),
            environment: TinyRuns.environment(isResuming: true, notes: { notes.add($0) }),
            clips: TinyRuns.sources())
        let expected = "nothing to resume in \(output): starting from the beginning"
        #expect(notes.all.filter { $0.contains("resume") } == [expected])
        let plain = Notes()
        let whole = try Pretrain.run(
            TinyRuns.pretrain("\(folder.path)/whole", iterations: 2),
            environment: TinyRuns.environment(notes: { plain.add($0) }), clips: TinyRuns.sources())
        #expect(found == whole)
        #expect(!plain.all.contains { $0.contains("nothing to resume") })
    }

    @Test(arguments: [false, true])
    func damagedCheckpointsAreNotTrainedOver(isResuming: Bool) throws {
        let folder = try TemporaryFolder()
        var configuration = TinyRuns.pretrain("\(folder.path)/run", iterations: 4)
        configuration.run.checkpointEvery = 2
        try Pretrain.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        let checkpoints = "\(folder.path)/run/checkpoints"
        let names = try FileManager.default.contentsOfDirectory(atPath: checkpoints).sorted()
        #expect(names == ["000000002.checkpoint", "000000004.checkpoint"])
        let damaged = Data("no checkpoint".utf8)
        for name in names {
            try damaged.write(to: URL(fileURLWithPath: "\(checkpoints)/\(name)"))
        }
        let log = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/run/log.jsonl"))
        let error = #expect(throws: VSRError.self) {
            try Pretrain.run(
                configuration, environment: TinyRuns.environment(isResuming: isResuming),
                clips: TinyRuns.sources())
        }
        #expect(error?.code == .corruptData)
        let message = error?.message ?? ""
        #expect(message.hasPrefix("none of the 2 checkpoints in \(checkpoints) can be read ("))
        #expect(message.contains("000000004") && message.contains("set another output"))
        for name in names {
            let found = try Data(contentsOf: URL(fileURLWithPath: "\(checkpoints)/\(name)"))
            #expect(found == damaged)
        }
        let after = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/run/log.jsonl"))
        #expect(after == log)
    }

    @Test func aRunIsNotOverwrittenNorMixedWithAnother() throws {
        let folder = try TemporaryFolder()
        var configuration = TinyRuns.pretrain("\(folder.path)/run", iterations: 2)
        let environment = TinyRuns.environment(isResuming: true)
        try Pretrain.run(configuration, environment: environment, clips: TinyRuns.sources())
        let again = #expect(throws: VSRError.self) {
            try Pretrain.run(
                configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        }
        #expect(again?.message.contains("pass --resume") == true)
        configuration.iterations = 1
        let past = #expect(throws: VSRError.self) {
            try Pretrain.run(configuration, environment: environment, clips: TinyRuns.sources())
        }
        #expect(past?.message.contains("at iteration 2 already") == true)
        configuration.iterations = 2
        configuration.optimizer.rate = 1e-3
        let other = #expect(throws: VSRError.self) {
            try Pretrain.run(configuration, environment: environment, clips: TinyRuns.sources())
        }
        #expect(other?.message.contains("the settings differ") == true)
    }
}

/// Remarks of a run.
final class Notes: @unchecked Sendable {
    private let lock = NSLock()
    private var lines: [String] = []

    func add(_ line: String) { lock.withLock { lines.append(line) } }
    var all: [String] { lock.withLock { lines } }
}
