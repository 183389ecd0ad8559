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
    /// are no multiple of the eight computed together, more rows of tiles than fit into one band.
    static let cases = [
        Case(images: 1, inputs: 16, outputs: 8, height: 8, width: 12),
        Case(images: 2, inputs: 13, outputs: 11, height: 7, width: 9),
        Case(images: 1, inputs: 9, outputs: 31, height: 1, width: 1),
        Case(images: 3, inputs: 8, outputs: 12, height: 3, width: 2),
        Case(images: 2, inputs: 10, outputs: 9, height: 5, width: 530),
        Case(images: 3, inputs: 8, outputs: 8, height: 66, width: 41),
    ]

    /// Result and gradients of input, filters and bias.
    private func all(
        _ test: Case, _ dtype: DType, _ convolution: (Tensor, Tensor, Tensor) throws -> Tensor
    ) throws -> [[Double]] {
        let shapes = [
            [test.images, test.inputs, test.height, test.width],
            [test.outputs, test.inputs, 3, 3], [test.outputs],
        ]
        let leaves = try shapes.enumerated().map { index, shape in
            try Tensor.randomNormal(shape, seed: UInt64(index + 1)).to(dtype).clone()
                .requireGradient()
        }
        let result = try convolution(leaves[0], leaves[1], leaves[2])
        #expect(result.shape == [test.images, test.outputs, test.height, test.width])
        // Every output counts differently.
        let weights = try Tensor.randomNormal(result.shape, seed: 9).to(dtype)
        try (result * weights).sum().backward()
        return [try result.doubles()]
            + (try leaves.map { try #require($0.gradient).doubles() })
    }

    /// The norm of the difference, relative to the norm of what is right.
    private func distance(_ found: [Double], _ right: [Double]) -> Double {
        let error = zip(found, right).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (error / right.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }

    /// Norms of errors, relative to those of the results.
    ///
    /// A value passes about ten roundings of at most 2⁻²⁴ each in two transforms, of which the points
    /// enlarge the earlier ones a few times: 2⁻¹⁹ = 1.9e-6 of the norm, about twice what is measured. The
    /// gradient of a filter is a sum over all pixels besides, which rounds as often as it grows. A wrong
    /// point, sign or pixel is above 1e-2.
    @Test(arguments: cases)
    func resultsAndGradientsEqualDirectOnes(of test: Case) throws {
        try onTorch {
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

    /// The memory's order and a second thread change nothing but the order of sums.
    @Test func layoutsAndThreadsGiveTheSame() throws {
        try onTorch {
            let input = try Tensor.randomNormal([2, 20, 37, 50], seed: 1)
            let filters = try Tensor.randomNormal([24, 20, 3, 3], seed: 2).winogradFilters()
            let one = try input.convolvedByWinograd(with: filters)
            let other = try input.contiguous(.channelsLast).convolvedByWinograd(with: filters)
            let (values, others) = (try one.floats(), try other.floats())
            #expect(values == others)
            let threads = threadCount()
            defer { try? setThreadCount(threads) }
            try setThreadCount(threads == 1 ? 2 : 1)
            let again = try input.convolvedByWinograd(with: filters)
            let change = distance(try again.doubles(), try one.doubles())
            #expect(change <= 0x1p-20)
        }
    }

    @Test func gradientsAreOnlyComputedWhereAsked() throws {
        try onTorch {
            let input = try Tensor.randomNormal([1, 8, 8, 8], seed: 1)
            let weight = try Tensor.randomNormal([8, 8, 3, 3], seed: 2).requireGradient()
            let filters = try weight.winogradFilters()
            try input.convolvedByWinograd(with: filters).sum().backward()
            #expect(input.gradient == nil)
            #expect(weight.gradient != nil)
            let frozen = try withoutGradients { try weight.winogradFilters() }
            let leaf = try input.clone().requireGradient()
            try leaf.convolvedByWinograd(with: frozen).sum().backward()
            #expect(leaf.gradient != nil)
            try withoutGradients {
                let output = try leaf.convolvedByWinograd(with: frozen)
                #expect(!output.requiresGradient)
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
                try input.convolvedByWinograd(
                    with: filters, bias: Tensor.randomNormal([7], seed: 3))
            }
        }
    }
}
