import Foundation
import Testing
import Torch
import VSRCore

@Suite struct TorchThreadTests {
    @Test func workRunsOnOneThreadAndHandsItsResultBack() async throws {
        let thread = TorchThread(name: "test")
        let first = try await thread.run { UInt(pthread_self()) }
        let second = try await thread.run { UInt(pthread_self()) }
        #expect(first == second)
        #expect(first != UInt(pthread_self()))
    }

    @Test func workInsideWorkRunsAtOnce() throws {
        let thread = TorchThread(name: "test")
        let value = try thread.run { try thread.run { 7 } }
        #expect(value == 7)
    }

    @Test func errorsComeBack() throws {
        #expect { try TorchThread.run { throw VSRError(.io, "disk") } } throws: {
            ($0 as? VSRError)?.code == .io
        }
    }

    /// Gradient mode belongs to a thread, and two threads do not disturb each other's results.
    @Test func twoThreadsTrainApart() throws {
        let alone = try TorchThread(name: "alone").run { try trainedWeights(seed: 1) }
        let threads = [TorchThread(name: "one"), TorchThread(name: "two")]
        let results = LockedArray(count: 2)
        let group = DispatchGroup()
        for (index, thread) in threads.enumerated() {
            let waiter = Thread {
                results[index] = try? thread.run {
                    try withoutGradients { _ = try Tensor.zeros([3]).square() }
                    return try trainedWeights(seed: UInt64(index + 1))
                }
                group.leave()
            }
            group.enter()
            waiter.start()
        }
        group.wait()
        #expect(results[0] == alone)
        #expect(results[1] != nil && results[1] != alone)
    }

    @Test func threadCountIsSet() throws {
        let thread = TorchThread(name: "test")
        let counts = try thread.run {
            let before = threadCount()
            try setThreadCount(1)
            defer { try? setThreadCount(before) }
            return (before, threadCount())
        }
        #expect(counts.0 >= 1 && counts.1 == 1)
    }
}

/// Ten steps of a small convolution towards a fixed target.
private func trainedWeights(seed: UInt64) throws -> [Float] {
    let weight = try Tensor.randomNormal([4, 2, 3, 3], seed: seed).requireGradient()
    let input = try Tensor.randomNormal([1, 2, 8, 8], seed: 50)
    let adam = try Optimizer(groups: [
        .init(name: "all", parameters: [.init("weight", weight)], rate: 1e-2)
    ])
    for _ in 0..<10 {
        try adam.dropGradients()
        try input.convolved(with: weight).relu().square().mean().backward()
        try adam.step()
    }
    return try weight.floats()
}

private final class LockedArray: @unchecked Sendable {
    private let lock = NSLock()
    private var elements: [[Float]?]

    init(count: Int) { elements = Array(repeating: nil, count: count) }

    subscript(index: Int) -> [Float]? {
        get { lock.withLock { elements[index] } }
        set { lock.withLock { elements[index] = newValue } }
    }
}
