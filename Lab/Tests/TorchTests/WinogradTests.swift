import Testing
import Torch
import VSRCore

/// Convolutions by Winograd's algorithm against direct ones in double precision, whole tensors.
@Suite struct WinogradTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var images, inputs, outputs, height, width: Int
        var testDescription: String { "\(images)×\(inputs)→\(outputs), \(width)×\(height)" }
    }

    /// Sides that are multiples of the tile and that are not, smaller than one tile, channels that
    /// are no multiple of the eight computed together, more rows of tiles than fit into one band, enough
    /// of them to be shared among threads (48→40), no image at all.
    static let cases = [
        Case(images: 1, inputs: 16, outputs: 8, height: 8, width: 12),
        Case(images: 2, inputs: 13, outputs: 11, height: 7, width: 9),
        Case(images: 1, inputs: 9, outputs: 31, height: 1, width: 1),
        Case(images: 3, inputs: 8, outputs: 12, height: 3, width: 2),
        Case(images: 2, inputs: 10, outputs: 9, height: 5, width: 530),
        Case(images: 3, inputs: 8, outputs: 8, height: 66, width: 41),
        Case(images: 2, inputs: 48, outputs: 40, height: 70, width: 41),
        Case(images: 0, inputs: 8, outputs: 8, height: 8, width: 8),
    ]

    /// Result and gradients of input, filters and bias.
    private func all(
        _ test: Case, _ dtype: DType, asked: Set<Int> = [0, 1, 2],
        _ convolution: (Tensor, Tensor, Tensor) throws -> Tensor
    ) throws -> [[Double]] {
        let shapes = [
            [test.images, test.inputs, test.height, test.width],
            [test.outputs, test.inputs, 3, 3], [test.outputs],
        ]
        let leaves = try shapes.enumerated().map { index, shape in
            let leaf = try Tensor.randomNormal(shape, seed: UInt64(index + 1)).to(dtype).clone()
            return asked.contains(index) ? try leaf.requireGradient() : leaf
        }
        let result = try convolution(leaves[0], leaves[1], leaves[2])
        #expect(result.shape == [test.images, test.outputs, test.height, test.width])
        // Every output counts differently.
        let weights = try Tensor.randomNormal(result.shape, seed: 9).to(dtype)
        try (result * weights).sum().backward()
        return [try result.doubles()]
            + (try leaves.map { try $0.gradient?.doubles() ?? [] })
    }

    /// The norm of the difference, relative to the norm of what is right.
    private func distance(_ found: [Double], _ right: [Double]) -> Double {
        guard !right.isEmpty, right.contains(where: { $0 != 0 }) else {
            return found == right ? 0 : .infinity
        }
        let error = zip(found, right).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (error / right.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }

    /// Norms of errors, relative to those of the results.
    ///
    /// A value passes about ten roundings of at most 2⁻²⁴ each in two transforms, of which the points
    /// enlarge the earlier ones a few times: 2⁻¹⁹ = 1.9e-6 of the norm, about twice what is measured. The
    /// gradient of a filter is a sum over all pixels besides, which rounds as often as it grows. A wrong
    /// point, sign or pixel is above 1e-2.
    @Test(arguments: cases, [1, 2, 4])
    func resultsAndGradientsEqualDirectOnes(of test: Case, threads: Int) throws {
        try onThreads(threads) {
            let right = try all(test, .float64) { input, weight, bias in
                try input.convolved(with: weight, bias: bias, padding: Extent2D(1))
            }
            let found = try all(test, .float32) { input, weight, bias in
                try input.convolvedByWinograd(with: weight.winogradFilters(), bias: bias)
            }
            for (name, pair) in zip(["result", "input", "filters", "bias"], zip(found, right)) {
                #expect(pair.0.count == pair.1.count)
                let limit = name == "filters" ? 0x1p-17 : 0x1p-19
                #expect(distance(pair.0, pair.1) <= limit, "\(name)")
            }
        }
    }

    /// As `onTorch`, with so many threads.
    private func onThreads(_ threads: Int, _ body: () throws -> Void) throws {
        try TorchThread.run {
            let before = threadCount()
            try setThreadCount(threads)
            defer { try? setThreadCount(before) }
            try body()
        }
    }

    private func winograd(_ input: Tensor, _ weight: Tensor, _ bias: Tensor) throws -> Tensor {
        try input.convolvedByWinograd(with: weight.winogradFilters(), bias: bias)
    }

    /// Whatever the threads, a result is the same bits: the order of its sums does not depend on them.
    ///
    /// That of a filter's gradient does, so its bits are the same for the same number of threads only.
    @Test func threadsKeepTheBits() throws {
        let test = Case(images: 2, inputs: 48, outputs: 40, height: 70, width: 41)
        var first: [Int: [[Double]]] = [:]
        for threads in [1, 2, 4] {
            try onThreads(threads) {
                let values = try all(test, .float32, winograd)
                first[threads] = values
                for _ in 0..<5 {
                    let again = try all(test, .float32, winograd)
                    #expect(again == values)
                }
            }
        }
        #expect(first[2]?[0] == first[1]?[0] && first[4]?[0] == first[1]?[0])
    }

    @Test func layoutsInMemoryGiveTheSame() throws {
        try onTorch {
            let input = try Tensor.randomNormal([2, 20, 37, 50], seed: 1)
            let filters = try Tensor.randomNormal([24, 20, 3, 3], seed: 2).winogradFilters()
            let one = try input.convolvedByWinograd(with: filters).floats()
            let other = try input.contiguous(.channelsLast).convolvedByWinograd(with: filters)
                .floats()
            #expect(one == other)
        }
    }

    /// Any of input, filters and bias may be asked for: the gradients are those of all three.
    @Test(arguments: [[0], [1], [2], [0, 2], [1, 2], [0, 1]] as [Set<Int>])
    func gradientsAreThoseAskedFor(asked: Set<Int>) throws {
        try onTorch {
            let test = Case(images: 1, inputs: 9, outputs: 11, height: 9, width: 10)
            let every = try all(test, .float32, winograd)
            let some = try all(test, .float32, asked: asked, winograd)
            for index in 0..<3 {
                #expect(some[index + 1] == (asked.contains(index) ? every[index + 1] : []))
            }
        }
    }

    @Test func whatItCannotDoIsRefused() throws {
        try onTorch {
            let input = try Tensor.randomNormal([1, 8, 8, 8], seed: 1)
            let filters = try Tensor.randomNormal([8, 8, 3, 3], seed: 2).winogradFilters()
            #expect(throws: VSRError.self) {
                try Tensor.randomNormal([8, 8, 5, 5], seed: 2).winogradFilters()
            }
            #expect(throws: VSRError.self) {
                try Tensor.randomNormal([1, 9, 8, 8], seed: 1).convolvedByWinograd(with: filters)
            }
            #expect(throws: VSRError.self) {
                try Tensor.randomNormal([1, 8, 8, 8], seed: 1, dtype: .float64)
                    .convolvedByWinograd(with: filters)
            }
            #expect(throws: VSRError.self) {
                let few = try Tensor.randomNormal([4, 8, 3, 3], seed: 2).winogradFilters()
                return try input.convolvedByWinograd(with: few)
            }
            #expect(throws: VSRError.self) {
                try Tensor.randomNormal([1, 8, 8, 0], seed: 1).convolvedByWinograd(with: filters)
            }
            // Autocast would round the filters' points, or not be followed.
            #expect(throws: VSRError.self) {
                try withAutocast { try input.convolvedByWinograd(with: filters) }
            }
            #expect(throws: VSRError.self) {
                try withAutocast {
                    try Tensor.randomNormal([8, 8, 3, 3], seed: 2).winogradFilters()
                }
            }
            #expect(throws: VSRError.self) {
                try input.convolvedByWinograd(
                    with: filters, bias: Tensor.randomNormal([7], seed: 3))
            }
        }
    }
}
