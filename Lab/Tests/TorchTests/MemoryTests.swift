import Foundation
import Testing
import Torch

/// In processes of their own, since tensors are counted and memory is measured per process.
@Suite struct MemoryTests {
    @Test func memoryIsFlatOverAThousandTrainingSteps() async {
        await #expect(processExitsWith: .success) {
            try await TorchThread.run {
                try setThreadCount(1)
                let trainer = try SmallTrainer()
                for _ in 0..<100 { try trainer.step() }
                let tensors = Tensor.liveCount
                let resident = try residentBytes()
                for _ in 0..<1000 { try trainer.step() }
                #expect(Tensor.liveCount == tensors)
                // A leak of one activation per step would be 16 MiB.
                #expect(try residentBytes() - resident < 8 << 20)
            }
        }
    }

    @Test func theCountSeesATensorComeAndGo() async {
        await #expect(processExitsWith: .success) {
            try await TorchThread.run {
                let before = Tensor.liveCount
                var tensor: Tensor? = try Tensor.zeros([1])
                #expect(Tensor.liveCount == before + 1)
                #expect(tensor?.count == 1)
                tensor = nil
                #expect(Tensor.liveCount == before)
            }
        }
    }
}

/// Two convolutions trained on one input; its 16-channel activations take 16 KiB each.
private final class SmallTrainer {
    private let weights: [Tensor]
    private let input: Tensor
    private let adam: Optimizer
    private let average: WeightAverage

    init() throws {
        weights = [
            try Tensor.randomNormal([16, 3, 3, 3], seed: 1).requireGradient(),
            try Tensor.randomNormal([3, 16, 3, 3], seed: 2).requireGradient(),
        ]
        input = try Tensor.randomNormal([1, 3, 16, 16], seed: 3)
        let named = weights.enumerated().map { NamedTensor("weight\($0)", $1) }
        adam = try Optimizer(groups: [.init(name: "all", parameters: named, rate: 1e-3)])
        average = try WeightAverage(of: named, decay: 0.9)
    }

    func step() throws {
        try adam.dropGradients()
        let hidden = try input.convolved(with: weights[0], padding: Extent2D(1)).relu()
        let output = try hidden.convolved(with: weights[1], padding: Extent2D(1))
        try (input - output).square().mean().backward()
        try adam.step()
        try average.update()
    }
}

/// Resident memory of this process, in bytes.
private func residentBytes() throws -> Int {
    let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(
        separator: " ")
    return try #require(Int(fields[1])) * sysconf(Int32(_SC_PAGESIZE))
}
