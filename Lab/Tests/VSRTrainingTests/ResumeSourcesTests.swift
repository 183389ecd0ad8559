import Foundation
import Testing
import VSRCore
import VSRMedia
import VSRModel
import VSRTestSupport

@testable import VSRTraining

/// What a resumed run checks of its models, and what it makes up for.
@Suite struct ResumeSourcesTests {
    /// A finetuning that was stopped at iteration 3 of 8.
    private func stoppedRun(
        _ folder: TemporaryFolder, rateFactor: Double = 0.125
    ) throws -> Finetune.Configuration {
        let paths = ["model", "teacher"].map { "\(folder.path)/\($0).safetensors" }
        for (seed, path) in zip([1, 2] as [UInt64], paths) {
            try ModelFile.write(.initialized(TinyRuns.blueprint(), seed: seed), to: path)
        }
        var configuration = TinyRuns.finetune(
            "\(folder.path)/run", model: paths[0], teacher: paths[1])
        configuration.flow.rateFactor = rateFactor
        #expect(throws: VSRError.self) {
            try Finetune.run(
                configuration, environment: TinyRuns.environment(stoppingAt: 3),
                clips: TinyRuns.sources())
        }
        return configuration
    }

    private func resume(
        _ configuration: Finetune.Configuration, notes: Notes = Notes()
    ) throws -> Model {
        try Finetune.run(
            configuration,
            environment: TinyRuns.environment(isResuming: true, notes: { notes.add($0) }),
            clips: TinyRuns.sources())
    }

    @Test(arguments: ["model", "teacher"])
    func aReplacedNetworkIsRefused(name: String) throws {
        let folder = try TemporaryFolder()
        let configuration = try stoppedRun(folder)
        try ModelFile.write(
            .initialized(TinyRuns.blueprint(), seed: 9), to: "\(folder.path)/\(name).safetensors")
        let error = #expect(throws: VSRError.self) { try resume(configuration) }
        #expect(error?.code == .invalidArgument)
        let key = name == "model" ? "model" : "temporal.teacher"
        #expect(error?.message.hasPrefix("\(key) is another network") == true)
    }

    @Test func theSameNetworksElsewhereAreAccepted() throws {
        let folder = try TemporaryFolder()
        var configuration = try stoppedRun(folder)
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/moved", withIntermediateDirectories: false)
        for name in ["model", "teacher"] {
            try FileManager.default.moveItem(
                atPath: "\(folder.path)/\(name).safetensors",
                toPath: "\(folder.path)/moved/\(name).safetensors")
        }
        configuration.model = "\(folder.path)/moved/model.safetensors"
        configuration.temporal.teacher = "\(folder.path)/moved/teacher.safetensors"
        let found = try resume(configuration)
        configuration.output = "\(folder.path)/whole"
        let whole = try Finetune.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        #expect(found == whole)
    }

    @Test func aTeacherCannotBeTakenAway() throws {
        let folder = try TemporaryFolder()
        var configuration = try stoppedRun(folder)
        configuration.temporal.teacher = nil
        let error = #expect(throws: VSRError.self) { try resume(configuration) }
        #expect(error?.message.contains("the settings differ") == true)
    }

    /// Rewrites the checkpoint as a version would have that noted no networks, and no settings of
    /// the flow network, which it froze.
    private func makeOlder(_ folder: TemporaryFolder) throws {
        let path = "\(folder.path)/run/checkpoints/000000003.checkpoint"
        var checkpoint = try CheckpointFile.read(path)
        #expect(checkpoint.extras["sources"] != nil)
        checkpoint.extras["sources"] = nil
        var isFlow = false
        checkpoint.configuration = checkpoint.configuration.split(separator: "\n").filter {
            if !$0.hasPrefix(" ") { isFlow = $0 == "flow:" }
            return !isFlow
        }.joined(separator: "\n")
        try CheckpointFile.write(checkpoint, to: path)
    }

    @Test func anOlderCheckpointResumesWithANote() throws {
        let folder = try TemporaryFolder()
        var configuration = try stoppedRun(folder, rateFactor: 0)
        try makeOlder(folder)
        let notes = Notes()
        let found = try resume(configuration, notes: notes)
        #expect(notes.all.contains { $0.contains("model, temporal.teacher cannot be checked") })
        configuration.output = "\(folder.path)/whole"
        let whole = try Finetune.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        #expect(found == whole)
    }

    @Test func anOlderCheckpointDoesNotGoOnWithAFlowNetworkThatLearns() throws {
        let folder = try TemporaryFolder()
        var configuration = try stoppedRun(folder, rateFactor: 0)
        try makeOlder(folder)
        configuration.flow.rateFactor = 0.125
        let error = #expect(throws: VSRError.self) { try resume(configuration) }
        #expect(error?.message.contains("the settings differ") == true)
    }

    /// A process killed in its final write: the model is there under its temporary name only.
    @Test func aKillInTheFinalWriteLeavesNoStrayFile() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let configuration = TinyRuns.pretrain("\(path)/run", iterations: 2)
            try Pretrain.run(
                configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
            let pending = try PendingFile("\(path)/run/model.safetensors")
            try Data([1]).write(to: URL(fileURLWithPath: pending.temporaryPath))
            kill(getpid(), SIGKILL)
        }
        let output = "\(path)/run"
        let before = try FileManager.default.contentsOfDirectory(atPath: output)
        #expect(before.contains { $0.hasPrefix(".model.") })
        try Data([2]).write(to: URL(fileURLWithPath: "\(output)/.model.notes.safetensors"))
        try Pretrain.run(
            TinyRuns.pretrain(output, iterations: 2),
            environment: TinyRuns.environment(isResuming: true), clips: TinyRuns.sources())
        let after = try FileManager.default.contentsOfDirectory(atPath: output)
        // A file that somebody else hid there stays.
        #expect(after.filter { $0.hasPrefix(".") } == [".model.notes.safetensors"])
    }

    /// Writes the first frames of the stripes as a folder of clips.
    private func writeClips(_ folder: TemporaryFolder) throws -> String {
        for source in TinyRuns.sources() {
            let clip = try source.open()
            var index = 0
            while let frame = try clip.next()?.frame {
                try ImageFile.write(frame, to: "\(folder.path)/clips/\(source.name)/\(index).png")
                index += 1
            }
        }
        return "\(folder.path)/clips"
    }

    private func validations(_ output: String) throws -> [String] {
        let text = try String(contentsOfFile: "\(output)/log.jsonl", encoding: .utf8)
        return text.split(separator: "\n").filter { $0.contains("\"validation\"") }.map(String.init)
    }

    /// Stopping at an iteration whose validation is due leaves a checkpoint, but no validation, as
    /// a kill between the two does.
    @Test(arguments: [2, 4])
    func aValidationThatIsMissingIsMadeOnResuming(stop: Int) throws {
        let folder = try TemporaryFolder()
        var configuration = TinyRuns.pretrain("\(folder.path)/whole", iterations: 4)
        configuration.validation.clips = try writeClips(folder)
        configuration.validation.frames = 2
        configuration.run.validateEvery = 2
        try Pretrain.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        let expected = try validations(configuration.output)
        #expect(expected.count == 2)
        configuration.output = "\(folder.path)/broken"
        #expect(throws: VSRError.self) {
            try Pretrain.run(
                configuration, environment: TinyRuns.environment(stoppingAt: stop),
                clips: TinyRuns.sources())
        }
        #expect(try validations(configuration.output).count == stop / 2 - 1)
        for _ in 0..<2 {
            try Pretrain.run(
                configuration, environment: TinyRuns.environment(isResuming: true),
                clips: TinyRuns.sources())
            // Once resumed it is there, and a second time nothing is added.
            #expect(try validations(configuration.output) == expected)
        }
    }
}
