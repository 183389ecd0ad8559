import Foundation
import Synchronization
import Testing
import Torch
import VSRCore
import VSRData
import VSRModel
import VSRNetworks
import VSRTestSupport

@testable import VSRTraining

/// Frames and flows that are computed of whole clips, against the network run on the whole clip.
@Suite struct WholeClipsTests {
    private let folder: TemporaryFolder
    private let student: String
    private let teacher: String
    private var cache: String { folder.path + "/cache" }

    init() throws {
        folder = try TemporaryFolder()
        student = folder.path + "/student.safetensors"
        teacher = folder.path + "/teacher.safetensors"
        for (seed, path) in zip([1, 2] as [UInt64], [student, teacher]) {
            var model = try Model.initialized(TinyRuns.blueprint(.bidirectional), seed: seed)
            // A new flow network finds no motion at all.
            var generator = SeededGenerator(seed: seed)
            for tensor in model.blueprint.flowLayers.flatMap(\.tensors) {
                let count = tensor.shape.reduce(1, *)
                model.tensors[tensor.key] = ModelTensor(
                    shape: tensor.shape, values: (0..<count).map { _ in generator.uniform() - 0.5 })
            }
            try ModelFile.write(model, to: path)
        }
    }

    private func configuration(_ output: String = "run") -> Finetune.Configuration {
        var configuration = TinyRuns.finetune(
            "\(folder.path)/\(output)", model: student, teacher: teacher)
        configuration.temporal.weight = 0
        configuration.distillation.frameShare = 1
        configuration.distillation.wholeClips = true
        configuration.flow.rateFactor = 0
        configuration.flow.wholeClips = true
        return configuration
    }

    /// Whole clips as samples, not turned: then crops are the clips themselves.
    @Test(arguments: [false, true]) func aSampleOfAWholeClipGetsWhatTheNetworkMakesOfIt(
        isStreamed: Bool
    ) throws {
        var configuration = configuration()
        configuration.data.frames = 5
        configuration.data.patch = 16
        configuration.data.batchSize = 4
        configuration.data.flips = false
        configuration.data.rotations = false
        if isStreamed { configuration.data.memory = MemorySize(bytes: 1 << 12) }
        // 32×32 at scale 2 is the patch.
        let size = FrameSize(width: 32, height: 32)
        let sources = (0..<2).map { clip in
            ClipSource.rendered(name: "stripes-\(clip)", size: size, count: 5) {
                MovingStripes.frame($0, clip: clip, size: size)
            }
        }
        let environment = TinyRuns.environment(clipCache: cache)
        let batches = try configuration.data.batches(
            of: sources, for: TinyRuns.blueprint(), seed: 1, environment: environment)
        #expect((batches is StreamedSampler) == isStreamed)
        try TorchThread.run {
            let stage = try Finetune(configuration, environment: environment)
            try stage.prepare(batches, environment: environment)
            let batch = try stage.batch(batches.batch(0), isChannelsLast: false)
            let (own, dense) = try withoutGradients {
                (
                    try BasicVSR(ModelFile.read(student)).assembled().flows(of: batch.low),
                    try BasicVSR(ModelFile.read(teacher)).assembled()(batch.low).frames.doubles()
                )
            }
            let flows = try #require(batch.flows)
            #expect(Set(flows.keys) == Set(own.keys) && flows.count == 2)
            for (branch, expected) in own {
                let found = try #require(flows[branch])
                #expect(found.shape == expected.shape)
                let expected = try expected.doubles()
                let largest = zip(try found.doubles(), expected).map { abs($0 - $1) }.max() ?? 1
                // Sums over fewer rows at a time may round in another order.
                #expect(largest <= 1e-5)
                #expect((expected.map(abs).max() ?? 0) > 1e-3)
            }
            let taught = try #require(batch.taught).doubles()
            let worst = zip(taught, dense).map { abs($0 - min(max($1, 0), 1)) }.max() ?? 1
            // Half a level of 8 bits, and fp32 sums.
            #expect(worst <= 0.5 / 255 + 1e-5)
            let truth = try batch.high.doubles()
            #expect((zip(taught, truth).map { abs($0 - $1) }.max() ?? 0) > 0.01)
        }
    }

    /// Frames come from the files, states from the teacher's run over the same crops.
    @Test func statesAreComparedBesideFramesOfWholeClips() throws {
        var configuration = configuration()
        configuration.distillation.stateWeight = 0.5
        configuration.temporal.weight = 0.25
        func parts(_ configuration: Finetune.Configuration) throws -> [String: Double] {
            let environment = TinyRuns.environment(clipCache: cache)
            let batches = try configuration.data.batches(
                of: TinyRuns.sources(), for: TinyRuns.blueprint(.bidirectional), seed: 1,
                environment: environment)
            return try TorchThread.run {
                let stage = try Finetune(configuration, environment: environment)
                try stage.prepare(batches, environment: environment)
                let batch = try stage.batch(batches.batch(0), isChannelsLast: false)
                let loss = try stage.loss(of: batch, at: 0)
                return try loss.parts.mapValues { try $0.item() }
                    .merging(["loss": try loss.total.item()]) { $1 }
            }
        }
        let both = try parts(configuration)
        configuration.distillation.stateWeight = 0
        configuration.temporal.weight = 0
        let frames = try parts(configuration)
        configuration.distillation.stateWeight = 0.5
        configuration.temporal.weight = 0.25
        configuration.distillation.wholeClips = false
        let crops = try parts(configuration)
        #expect(both["imitation"] == frames["imitation"])
        #expect(frames["states"] == nil && frames["temporal"] == nil)
        let states = try #require(both["states"])
        let temporal = try #require(both["temporal"])
        #expect(states > 0 && states == crops["states"])
        #expect(temporal > 0 && temporal == crops["temporal"])
        #expect(both["imitation"] != crops["imitation"])
        let sum = try #require(both["imitation"]) + 0.5 * states + 0.25 * temporal
        #expect(abs(try #require(both["loss"]) - sum) <= 1e-5 * sum)
    }

    @Test func aRunThatWasStoppedGivesTheSameBits() throws {
        let whole = configuration("whole")
        try Finetune.run(
            whole, environment: TinyRuns.environment(clipCache: cache), clips: TinyRuns.sources())
        let stopped = configuration("stopped")
        #expect(throws: VSRError.self) {
            try Finetune.run(
                stopped, environment: TinyRuns.environment(stoppingAt: 3, clipCache: cache),
                clips: TinyRuns.sources())
        }
        try Finetune.run(
            stopped, environment: TinyRuns.environment(isResuming: true, clipCache: cache),
            clips: TinyRuns.sources())
        let results = try ["whole", "stopped"].map {
            try ModelFile.read("\(folder.path)/\($0)/model.safetensors").tensors
        }
        #expect((results[0] == results[1]) as Bool)
        let start = try ModelFile.read(student).tensors
        #expect((results[0] != start) as Bool)
        let log = try String(contentsOfFile: "\(folder.path)/whole/log.jsonl", encoding: .utf8)
        #expect(log.contains("imitation"))
    }

    @Test func anotherSettingIsNotResumedWith() throws {
        let environment = TinyRuns.environment(stoppingAt: 3, clipCache: cache)
        #expect(throws: VSRError.self) {
            try Finetune.run(
                configuration(), environment: environment, clips: TinyRuns.sources())
        }
        var other = configuration()
        other.flow.wholeClips = false
        let error = #expect(throws: VSRError.self) {
            try Finetune.run(
                other, environment: TinyRuns.environment(isResuming: true, clipCache: cache),
                clips: TinyRuns.sources())
        }
        #expect(error?.message.contains("the settings differ") == true)
    }

    @Test func cancellingWhileFilesAreMadeLeavesThoseThatAreWhole() throws {
        let cancellation = Cancellation()
        var environment = TrainingEnvironment(
            progress: { if $0.label == "flows", $0.completed == 1 { cancellation.request() } },
            cancellation: cancellation)
        environment.clipCache = cache
        let error = #expect(throws: VSRError.self) {
            try Finetune.run(
                configuration(), environment: environment, clips: TinyRuns.sources())
        }
        #expect(error?.code == .cancelled)
        let files = try FileManager.default.subpathsOfDirectory(atPath: cache)
        #expect(files.filter { $0.hasSuffix(".raw") }.count == 1)
        #expect(!files.contains { ($0 as NSString).lastPathComponent.hasPrefix(".") })
        try Finetune.run(
            configuration(), environment: TinyRuns.environment(clipCache: cache),
            clips: TinyRuns.sources())
    }

    /// An online student of another width: only frames are compared.
    ///
    /// Samples of one frame, and clips of one frame, have no flows.
    @Test(arguments: [3, 1]) func anyTeacherOfTheScaleTeachesFrames(frames: Int) throws {
        let slim = Blueprint(
            direction: .unidirectional, width: 3, blocks: 1, upsamplerWidth: 3, scale: 2,
            flow: TinyRuns.flow)
        try ModelFile.write(.initialized(slim, seed: 3), to: student)
        var configuration = configuration("narrow\(frames)")
        configuration.data.frames = frames
        configuration.iterations = 2
        let single = ClipSource.rendered(
            name: "single", size: FrameSize(width: 36, height: 32), count: 1
        ) { MovingStripes.frame($0, clip: 2, size: FrameSize(width: 36, height: 32)) }
        try Finetune.run(
            configuration, environment: TinyRuns.environment(clipCache: cache),
            clips: TinyRuns.sources() + [single])
        let made = try FileManager.default.subpathsOfDirectory(atPath: cache)
            .filter { $0.hasPrefix("frames-") && $0.hasSuffix(".raw") }
        // Too short for three frames, that clip is never drawn.
        #expect(made.count == (frames == 3 ? 2 : 3))
        #expect(
            !FileManager.default.fileExists(
                atPath: "\(folder.path)/narrow\(frames)/drift.json"))

        configuration.output += "-states"
        configuration.distillation.wholeClips = false
        configuration.distillation.stateWeight = 1
        let error = #expect(throws: VSRError.self) {
            try Finetune.run(
                configuration, environment: TinyRuns.environment(clipCache: cache),
                clips: TinyRuns.sources())
        }
        #expect(error?.message.contains("hidden states cannot be compared") == true)
    }

    @Test func filesAreMadeOnceForEachNetworkAndClip() throws {
        let notes = Mutex<[String]>([])
        func run(_ output: String, _ change: (inout Finetune.Configuration) -> Void) throws {
            var configuration = configuration(output)
            configuration.iterations = 1
            change(&configuration)
            notes.withLock { $0 = [] }
            try Finetune.run(
                configuration,
                environment: TinyRuns.environment(clipCache: cache) { note in
                    notes.withLock { $0.append(note) }
                }, clips: TinyRuns.sources())
        }
        func made() -> [String] {
            notes.withLock { $0.filter { $0.contains("of whole clips take") } }
        }
        func files() throws -> [String] {
            try FileManager.default.subpathsOfDirectory(atPath: cache).filter { $0.contains(".") }
        }
        try run("first") { _ in }
        #expect(made().count == 2)
        let first = try files()
        #expect(first.count == 4)
        try run("second") { _ in }
        #expect(made().isEmpty)
        #expect(try files() == first)
        // Other degraded frames, and a file that lost its end.
        try run("third") { $0.data.degradation = "BD" }
        #expect(made().count == 2)
        #expect(try files().count == 8)
        let path = "\(cache)/\(try #require(first.first))"
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try bytes.dropLast().write(to: URL(fileURLWithPath: path))
        try run("fourth") { _ in }
        #expect(made().count == 1)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    }

    @Test func settingsThatContradictEachOtherAreRefused() {
        func message(_ change: (inout Finetune.Configuration) -> Void) -> String {
            var configuration = configuration()
            change(&configuration)
            do {
                try configuration.check()
                return ""
            } catch { return "\(error)" }
        }
        #expect(message { _ in } == "")
        #expect(
            message { $0.distillation.frameShare = 0 }.contains(
                "distillation.frameShare is 0.0; it must be above 0 where"))
        #expect(
            message { $0.flow.rateFactor = 0.125 }.contains(
                "flow.rateFactor is 0.125; it must be 0 where wholeClips is true"))
    }
}
