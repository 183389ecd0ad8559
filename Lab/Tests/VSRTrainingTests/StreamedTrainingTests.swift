import Foundation
import Testing
import Torch
import VSRConfiguration
import VSRCore
import VSRData
import VSRMedia
import VSRModel
import VSRTestSupport

@testable import VSRTraining

/// Training on clips that are decoded while it goes on.
@Suite struct StreamedTrainingTests {
    /// Four nested folders of six pictures of 36x32: 4,320 bytes each with a quarter of it.
    private static func clips() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let size = FrameSize(width: 36, height: 32)
        for clip in 0..<4 {
            for frame in 0..<6 {
                try ImageFile.write(
                    MovingStripes.frame(frame, clip: clip, size: size),
                    to: folder.path("clips/\(clip / 2)/00\(clip % 2)/\(frame).png"))
            }
        }
        return folder
    }

    private static func configuration(
        _ folder: TemporaryFolder, _ name: String, memory: Int
    ) -> Pretrain.Configuration {
        var configuration = TinyRuns.pretrain(folder.path(name))
        configuration.data.clips = folder.path("clips")
        configuration.data.memory = MemorySize(bytes: memory)
        configuration.data.threads = 2
        return configuration
    }

    @Test func weightsDoNotDependOnTheMemory() throws {
        let folder = try Self.clips()
        let notes = Notes()
        func trained(_ name: String, memory: Int) throws -> Model {
            try Pretrain.run(
                Self.configuration(folder, name, memory: memory),
                environment: TinyRuns.environment(notes: { notes.add($0) }))
        }
        // 4 · 6 · 4,320 bytes are all.
        let kept = try trained("kept", memory: 103_680)
        #expect(notes.all.isEmpty)
        #expect(try trained("less", memory: 103_679) == kept)
        #expect(notes.all.count == 2)
        #expect(
            notes.all.first == "the clips would take 103680 of memory: they are decoded while "
                + "training goes on, within data.memory (103679)")
        #expect(try trained("none", memory: 0) == kept)
        #expect(notes.all.last?.hasSuffix("those kept took at most 0 of 0 bytes") == true)
    }

    /// Nothing of it is written.
    @Test func candidatesAreRefusedWithTheSettingThatHelps() throws {
        let folder = try Self.clips()
        var configuration = Self.configuration(folder, "refused", memory: 103_679)
        configuration.data.candidates = 2
        let error = #expect(throws: InvalidSetting.self) {
            try Pretrain.run(configuration, environment: TinyRuns.environment())
        }
        #expect(error.map { "\($0)".contains("data.candidates") } == true)
        #expect(error.map { "\($0)".contains("data.memory") } == true)
        configuration.data.memory = MemorySize(bytes: 103_680)
        _ = try Pretrain.run(configuration, environment: TinyRuns.environment())
    }

    @Test func aRunIsResumedWithAnotherMemory() throws {
        let folder = try Self.clips()
        let expected = try Pretrain.run(
            Self.configuration(folder, "whole", memory: 1 << 20),
            environment: TinyRuns.environment())
        let error = #expect(throws: VSRError.self) {
            try Pretrain.run(
                Self.configuration(folder, "broken", memory: 10_000),
                environment: TinyRuns.environment(stoppingAt: 3))
        }
        #expect(error?.code == .cancelled)
        for (memory, stop) in [(0, 5), (1 << 20, 7)] {
            #expect(throws: VSRError.self) {
                try Pretrain.run(
                    Self.configuration(folder, "broken", memory: memory),
                    environment: TinyRuns.environment(isResuming: true, stoppingAt: stop))
            }
        }
        let found = try Pretrain.run(
            Self.configuration(folder, "broken", memory: 5000),
            environment: TinyRuns.environment(isResuming: true))
        #expect(found == expected)
    }

    @Test func aDamagedPictureLosesNothingThatWasLearned() throws {
        let folder = try Self.clips()
        let expected = try Pretrain.run(
            Self.configuration(folder, "whole", memory: 1 << 20),
            environment: TinyRuns.environment())
        // A picture that no sample of the first three batches has, but a later one.
        let sampler = try Self.configuration(folder, "-", memory: 1 << 20).data.sampler(
            of: nil, for: TinyRuns.blueprint(), seed: 3, environment: TinyRuns.environment())
        let wanted = (0..<8).map { index in
            Set(
                sampler.samples(index).flatMap { sample in
                    sample.frames.map { [sample.clip, $0] }
                })
        }
        let early = wanted[..<3].reduce(into: Set()) { $0.formUnion($1) }
        let victim = try #require(
            wanted[3...].flatMap { $0 }.first { !early.contains($0) && $0[1] > 0 })
        let failing = try #require(wanted.firstIndex { $0.contains(victim) })
        let path = folder.path(
            "clips/\(victim[0] / 2)/00\(victim[0] % 2)/\(victim[1]).png")
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        try whole.prefix(60).write(to: URL(fileURLWithPath: path))
        let configuration = Self.configuration(folder, "broken", memory: 0)
        let error = #expect(throws: VSRError.self) {
            try Pretrain.run(configuration, environment: TinyRuns.environment())
        }
        #expect(error?.message.hasPrefix("\(path) is damaged: ") == true)
        let notes = Notes()
        try whole.write(to: URL(fileURLWithPath: path))
        let found = try Pretrain.run(
            configuration,
            environment: TinyRuns.environment(isResuming: true, notes: { notes.add($0) }))
        #expect(notes.all.contains { $0.contains("iteration \(failing)") })
        #expect(found == expected)
    }

    @Test func listAndExclusionsChooseTheClips() throws {
        let folder = try Self.clips()
        let small = ["data.memory=1K", "data.patch=8", "data.frames=3"]
        func chosen(_ settings: String...) throws -> [String] {
            let path = folder.path("configuration.yml")
            try Data("data:\n  clips: \(folder.path("clips"))\n".utf8)
                .write(to: URL(fileURLWithPath: path))
            let configuration = try ConfigurationFile.load(
                Pretrain.Configuration.self, path: path, overrides: small + settings)
            let batches = try configuration.data.batches(
                of: nil, for: TinyRuns.blueprint(), seed: 1, environment: TinyRuns.environment())
            return try #require(batches as? StreamedSampler).clips.names
        }
        #expect(try chosen() == ["0/000", "0/001", "1/000", "1/001"])
        #expect(
            try chosen("data.exclude=[\"0/001\", \"1\"]") == ["0/000"])
        try Data("1/001\n0/000 6 (32,36,3)\n".utf8)
            .write(to: URL(fileURLWithPath: folder.path("list.txt")))
        #expect(try chosen("data.list=\(folder.path("list.txt"))") == ["1/001", "0/000"])
        // A name of digits alone is a number in YAML.
        let error = #expect(throws: VSRError.self) { try chosen("data.exclude=[1]") }
        #expect(error?.message.contains("data.exclude") == true)
    }

    @Test(arguments: [
        "data.list=a.txt", "data.exclude=[a]", "validation.list=a.txt", "validation.only=[a]",
    ])
    func choicesNeedAFolder(setting: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.path("configuration.yml")
        try Data("iterations: 1\n".utf8).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: VSRError.self) {
            try ConfigurationFile.load(
                Pretrain.Configuration.self, path: path, overrides: [setting])
        }
        let key = setting.prefix { $0 != "=" }
        #expect(error?.message.contains(key) == true)
        #expect(error?.message.contains("left out where clips names no folder") == true)
    }

    @Test func theMiddleFrameAloneCanBeValidated() throws {
        let size = FrameSize(width: 16, height: 16)
        func source(_ levels: [Float]) -> ClipSource {
            .rendered(name: "clip", size: size, count: levels.count) { index in
                var frame = Frame(size: size)
                for place in frame.samples.indices where place % 3 == 0 {
                    frame.samples[place] = levels[index]
                }
                return frame
            }
        }
        func bicubic(_ levels: [Float], middleOnly: Bool) throws -> Double {
            let validation = try Validation(
                [source(levels)], frames: 7, middleOnly: middleOnly, degradation: .bicubic,
                scale: 2, isChannelsLast: false)
            return try TorchThread.run {
                try validation.measure(
                    .initialized(TinyRuns.blueprint(), seed: 1),
                    environment: TinyRuns.environment()
                ).bicubicPSNR
            }
        }
        // Number 3 of 0..<7, and number 2 of 0..<4.
        let septuplet = [0.1, 0.2, 0.3, 0.9, 0.5, 0.6, 0.7].map { Float($0) }
        #expect(
            try bicubic(septuplet, middleOnly: true) == bicubic([0.9], middleOnly: false))
        #expect(
            try bicubic(Array(septuplet[..<4]), middleOnly: true)
                == bicubic([0.3], middleOnly: false))
        #expect(
            try bicubic(septuplet, middleOnly: false) != bicubic([0.9], middleOnly: false))
    }
}
