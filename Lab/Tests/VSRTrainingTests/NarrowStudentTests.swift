import Foundation
import Testing
import Torch
import VSRCore
import VSRModel
import VSRNetworks
import VSRPruning
import VSRTestSupport

@testable import VSRTraining

/// Students of aligned structures, which kept some of their teacher's trunk channels.
@Suite struct NarrowStudentTests {
    /// A dense network whose hidden states are known: all weights are 0, so channel c of a branch is
    /// its first convolution's bias, positive and so untouched by LeakyReLU.
    private static func teacher(
        _ direction: Blueprint.Direction, biases: [Blueprint.Branch: [Float]]
    ) throws -> Model {
        let blueprint = Blueprint(
            direction: direction, width: 6, blocks: 2, upsamplerWidth: 4, scale: 2,
            flow: TinyRuns.flow)
        var model = try Model.initialized(blueprint, seed: 1)
        for (name, tensor) in model.tensors {
            model.tensors[name] = ModelTensor(shape: tensor.shape, filledWith: 0)
        }
        for (branch, values) in biases {
            model.tensors[.bias(.first(branch))] = ModelTensor(
                shape: [6], values: values)
        }
        return model
    }

    /// The narrower network of the kept trunk channels.
    private static func student(
        of teacher: Model, keeping kept: [Blueprint.Branch: [Int]]
    ) throws -> Model {
        var groups: [AlignedGroup: [Int]] = [:]
        for group in teacher.blueprint.alignedGroups {
            groups[group] = Array(0..<(group.isTrunkWide ? 3 : 2))
        }
        for (branch, indices) in kept { groups[.trunk(branch)] = indices }
        return try teacher.keeping(AlignedSelection(kept: groups))
    }

    private static func shift(_ model: inout Model, _ branch: Blueprint.Branch, by: [Float]) {
        let key = TensorKey.bias(.first(branch))
        guard let bias = model.tensors[key] else { return }
        model.tensors[key] = ModelTensor(
            shape: bias.shape, values: zip(bias.values, by).map { $0 + $1 })
    }

    private func temporalLoss(_ student: Model, _ teacher: Model) throws -> Double {
        let folder = try TemporaryFolder()
        let paths = ["student", "teacher"].map { "\(folder.path)/\($0).safetensors" }
        try ModelFile.write(student, to: paths[0])
        try ModelFile.write(teacher, to: paths[1])
        return try TorchThread.run {
            try setThreadCount(1)
            let batch = try TinyRuns.batch()
            let stage = try Finetune(
                TinyRuns.finetune("-", model: paths[0], teacher: paths[1]), device: .cpu)
            return try stage.loss(of: batch, at: 0).parts["temporal"]?.item() ?? .nan
        }
    }

    @Test func theLossComparesTheKeptChannelsOnly() throws {
        let teacher = try Self.teacher(
            .unidirectional, biases: [.forward: [1, 2, 3, 4, 5, 6]])
        var student = try Self.student(of: teacher, keeping: [.forward: [1, 2, 4]])
        #expect(student.tensors[.bias(.first(.forward))]?.values == [2, 3, 5])
        #expect(try temporalLoss(student, teacher) == 0)
        Self.shift(&student, .forward, by: [0.5, 0, -0.25])
        // (0.5 + 0 + 0.25) / 3
        #expect(try temporalLoss(student, teacher) == 0.25)
    }

    @Test func eachBranchHasKeptChannelsOfItsOwn() throws {
        let teacher = try Self.teacher(
            .bidirectional,
            biases: [.forward: [1, 2, 3, 4, 5, 6], .backward: [8, 7, 6, 5, 4, 3]])
        var student = try Self.student(
            of: teacher, keeping: [.forward: [0, 3, 5], .backward: [1, 2, 4]])
        #expect(try temporalLoss(student, teacher) == 0)
        Self.shift(&student, .forward, by: [0.75, 0, 0])
        Self.shift(&student, .backward, by: [0, 1.5, 1.5])
        // 0.75 / 3 + 3 / 3
        #expect(try temporalLoss(student, teacher) == 1.25)
    }

    @Test func theDriftComparesTheKeptChannelsOnly() throws {
        let teacher = try Self.teacher(
            .unidirectional, biases: [.forward: [1, 2, 3, 4, 5, 6]])
        let before = try Self.student(of: teacher, keeping: [.forward: [0, 4, 5]])
        var after = before
        Self.shift(&after, .forward, by: [0, 1.5, 0])
        let clip = (0..<3).map { _ in Frame(size: FrameSize(width: 8, height: 8)) }
        let report = try TorchThread.run {
            try setThreadCount(1)
            let dense = try Teacher(teacher, of: before, device: .cpu, convolutions: .direct)
            return try DriftReport(
                teacher: dense, channels: #require(dense.channels), before: before, after: after,
                clips: [clip], device: .cpu, convolutions: .direct)
        }
        #expect(report.before == [0, 0, 0])
        #expect(report.after == [0.5, 0.5, 0.5])
    }

    @Test func finetuningKeepsTheNoteOfTheKeptChannels() throws {
        let folder = try TemporaryFolder()
        let teacher = try Model.initialized(
            Blueprint(
                direction: .unidirectional, width: 6, blocks: 1, scale: 2, flow: TinyRuns.flow),
            seed: 2)
        let student = try Self.student(of: teacher, keeping: [.forward: [1, 2, 4]])
        let paths = ["student", "teacher"].map { "\(folder.path)/\($0).safetensors" }
        try ModelFile.write(student, to: paths[0])
        try ModelFile.write(teacher, to: paths[1])
        var configuration = TinyRuns.finetune(
            "\(folder.path)/run", model: paths[0], teacher: paths[1])
        configuration.iterations = 1
        try Finetune.run(
            configuration, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        let result = try ModelFile.read("\(folder.path)/run/model.safetensors")
        #expect(
            try result.keptChannels()
                == KeptChannels(width: 6, indices: [.forward: [1, 2, 4]]))
    }

    @Test func aTeacherThatIsNotTheParentIsRefused() throws {
        let folder = try TemporaryFolder()
        let teacher = try Self.teacher(.unidirectional, biases: [:])
        let student = try Self.student(of: teacher, keeping: [.forward: [1, 2, 4]])
        let wide = Blueprint(
            direction: .unidirectional, width: 8, blocks: 1, scale: 2, flow: TinyRuns.flow)
        let paths = ["student", "wide"].map { "\(folder.path)/\($0).safetensors" }
        try ModelFile.write(student, to: paths[0])
        try ModelFile.write(.initialized(wide, seed: 1), to: paths[1])
        let error = #expect(throws: VSRError.self) {
            try Finetune(
                TinyRuns.finetune("-", model: paths[0], teacher: paths[1]), device: .cpu)
        }
        #expect(error?.message.contains("8 channels wide") == true)
        #expect(error?.message.contains("the network of 6 channels") == true)
    }
}
