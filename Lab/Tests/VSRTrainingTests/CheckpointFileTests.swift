import Foundation
import Testing
import VSRCore
import VSRModel
import VSRTestSupport

@testable import VSRTraining

@Suite struct CheckpointFileTests {
    private static let checkpoint = Checkpoint(
        stage: "pretrain", iteration: 7, configuration: "output: x\n", blueprint: "{}",
        extras: ["selection": "none"],
        tensors: [
            "a": ModelTensor(shape: [2, 3], values: [1, -2, 3.5, .infinity, 1e-40, 0]),
            "empty": ModelTensor(shape: [0, 4], values: []),
            "scalar": ModelTensor(shape: [], values: [7]),
        ], generators: ["cpu": [1, 2, 255]])

    @Test func whatIsWrittenIsRead() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/a.checkpoint"
        try CheckpointFile.write(Self.checkpoint, to: path)
        #expect(try CheckpointFile.read(path) == Self.checkpoint)
    }

    @Test func everyCutAndEveryChangedByteIsNoticed() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/a.checkpoint"
        try CheckpointFile.write(Self.checkpoint, to: path)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for position in 0..<whole.count {
            var changed = whole
            changed[position] ^= 0x10
            for damaged in [whole.prefix(position), changed] {
                let error = #expect(throws: VSRError.self) {
                    try CheckpointFile.parse(damaged, path: path)
                }
                #expect(error?.code == .corruptData)
                #expect(error?.message.contains(path) == true)
            }
        }
    }

    @Test func onlyTheNewestAreKept() throws {
        let folder = try TemporaryFolder()
        let checkpoints = CheckpointFolder(path: folder.path, kept: 2)
        for iteration in [5, 10, 1_000_000] {
            var checkpoint = Self.checkpoint
            checkpoint.iteration = iteration
            try checkpoints.save(checkpoint)
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == ["000000010.checkpoint", "001000000.checkpoint"])
        #expect(try checkpoints.newest { _ in }?.iteration == 1_000_000)
    }
}
