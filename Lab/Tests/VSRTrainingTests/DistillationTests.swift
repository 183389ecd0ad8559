import Testing
import Torch
import VSRCore
import VSRModel
import VSRNetworks
import VSRTestSupport

@testable import VSRTraining

/// What a student learns from its teacher's frames and states, against the definitions in double
/// precision.
@Suite struct DistillationTests {
    /// Both networks' frames and states, and the stage's loss, for one random batch.
    private func measured(
        _ settings: DistillationSettings, temporalWeight: Double = 0, teacherSeed: UInt64 = 2
    ) throws -> (loss: [String: Double], frames: [[Double]], states: [[[[Double]]]], high: [Double])
    {
        let folder = try TemporaryFolder()
        let paths = ["student", "teacher"].map { "\(folder.path)/\($0).safetensors" }
        for (seed, path) in zip([1, teacherSeed], paths) {
            try ModelFile.write(
                .initialized(TinyRuns.blueprint(.bidirectional), seed: seed), to: path)
        }
        return try TorchThread.run {
            try setThreadCount(1)
            let batch = try TinyRuns.batch()
            var configuration = TinyRuns.finetune("-", model: paths[0], teacher: paths[1])
            configuration.temporal.weight = temporalWeight
            configuration.distillation = settings
            let stage = try Finetune(configuration, device: .cpu)
            let loss = try stage.loss(of: batch, at: 0)
            var values = try loss.parts.mapValues { try $0.item() }
            values["total"] = try loss.total.item()
            let outputs = try paths.map { try BasicVSR(ModelFile.read($0)).assembled()(batch.low) }
            return (
                values, try outputs.map { try $0.frames.doubles() },
                try outputs.map { output in
                    try output.hidden.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                        try $0.value.map { try $0.doubles() }
                    }
                }, try batch.high.doubles()
            )
        }
    }

    private func meanDistance(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(a.count)
    }

    @Test(arguments: [0.25, 1])
    func theFrameShareTurnsFromTheTrueFramesToTheTeachers(share: Double) throws {
        var settings = DistillationSettings()
        settings.frameShare = share
        let found = try measured(settings)
        let truth = meanDistance(found.frames[0], found.high)
        let imitation = meanDistance(found.frames[0], found.frames[1])
        // ε of the Charbonnier loss is 1e-6 and adds no more than that.
        #expect(abs(try #require(found.loss["imitation"]) - imitation) <= 2e-6)
        #expect(abs(try #require(found.loss["reconstruction"]) - truth) <= 2e-6)
        let expected = (1 - share) * truth + share * imitation
        #expect(abs(try #require(found.loss["total"]) - expected) <= 2e-6)
        #expect(found.loss["temporal"] == nil && found.loss["states"] == nil)
        #expect(abs(truth - imitation) > 1e-3)
    }

    /// A bidirectional teacher with the flow network of its online student, which stays as it is:
    /// the student's flows lead one way only.
    @Test func anOnlineStudentGetsTheFramesOfItsBidirectionalTeacher() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let (path, teacherPath) = (folder.path + "/s.safetensors", folder.path + "/t.safetensors")
        let student = try Model.initialized(TinyRuns.blueprint(.unidirectional), seed: 1)
        var teacher = try Model.initialized(TinyRuns.blueprint(.bidirectional), seed: 2)
        for key in student.blueprint.flowLayers.flatMap({ $0.tensors.map(\.key) }) {
            teacher.tensors[key] = student.tensors[key]
        }
        try ModelFile.write(student, to: path)
        try ModelFile.write(teacher, to: teacherPath)
        try TorchThread.run {
            try setThreadCount(1)
            let batch = try TinyRuns.batch()
            var configuration = TinyRuns.finetune("-", model: path, teacher: teacherPath)
            configuration.temporal.weight = 0
            configuration.distillation.frameShare = 1
            configuration.flow.rateFactor = 0
            let loss = try Finetune(configuration, device: .cpu).loss(of: batch, at: 0)
            let frames = try [student, teacher].map {
                try BasicVSR($0).assembled()(batch.low).frames.doubles()
            }
            let expected = meanDistance(frames[0], frames[1])
            #expect(abs(try loss.total.item() - expected) <= 2e-6)

            let assembled = try BasicVSR(teacher).assembled()
            let flows = try BasicVSR(student).assembled().flows(of: batch.low)
            let error = #expect(throws: VSRError.self) {
                try assembled(batch.low, flows: flows)
            }
            #expect(error?.message.contains("the backward branch has none") == true)
        }
    }

    @Test func theSquaredLossIsTheMeanSquaredDifference() throws {
        var settings = DistillationSettings()
        settings.frameShare = 1
        settings.loss = .squared
        let found = try measured(settings)
        let squares = zip(found.frames[0], found.frames[1]).map { ($0 - $1) * ($0 - $1) }
        let expected = squares.reduce(0, +) / Double(squares.count)
        #expect(abs(try #require(found.loss["total"]) - expected) <= 1e-6 * expected)
        #expect(expected > 1e-6)
    }

    @Test func theStateWeightCountsEveryFrameOfEveryBranch() throws {
        var settings = DistillationSettings()
        settings.stateWeight = 3
        let found = try measured(settings, temporalWeight: 2)
        var everyFrame = 0.0
        for (own, other) in zip(found.states[0], found.states[1]) {
            for (a, b) in zip(own, other) { everyFrame += meanDistance(a, b) / Double(own.count) }
        }
        #expect(found.states[0].map(\.count) == [3, 3])
        #expect(abs(try #require(found.loss["states"]) - everyFrame) <= 1e-6)
        let temporal = try #require(found.loss["temporal"])
        // The final states alone are another sum: not divided by the frames.
        #expect(abs(temporal - everyFrame) > 1e-3)
        let truth = meanDistance(found.frames[0], found.high)
        let total = try #require(found.loss["total"])
        #expect(abs(total - (truth + 3 * everyFrame + 2 * temporal)) <= 4e-6)
        #expect(found.loss["imitation"] == nil)
    }

    @Test func aStudentThatEqualsItsTeacherHasNothingToLearnFromIt() throws {
        var settings = DistillationSettings()
        settings.frameShare = 1
        settings.stateWeight = 1
        let found = try measured(settings, teacherSeed: 1)
        #expect(found.loss["states"] == 0)
        // The root of ε² is left of the Charbonnier loss.
        #expect(abs(try #require(found.loss["imitation"]) - 1e-6) <= 1e-9)
    }

    @Test func sharesAndWeightsThatMakeNoSenseAreRefused() {
        func message(_ change: (inout Finetune.Configuration) -> Void) -> String {
            var configuration = Finetune.Configuration()
            configuration.model = "m"
            configuration.temporal.teacher = "t"
            change(&configuration)
            do {
                try configuration.check()
                return ""
            } catch { return "\(error)" }
        }
        #expect(message { $0.distillation.frameShare = 1 } == "")
        #expect(
            message { $0.distillation.frameShare = 1.5 }.contains(
                "distillation.frameShare is 1.5; it must be from 0 to 1"))
        #expect(message { $0.distillation.frameShare = .nan }.contains("frameShare is nan"))
        #expect(
            message { $0.distillation.stateWeight = -1 }.contains(
                "distillation.stateWeight is -1.0; it must be at least 0 and finite"))
        #expect(
            message {
                $0.temporal.teacher = nil
                $0.distillation.stateWeight = 1
            }.contains("temporal.teacher is not set; it must be a model file where"))
    }
}
