import Testing
import Torch

/// Compares the gradients of `operation` with central differences, element by element.
///
/// The result is made a scalar by a sum with fixed weights, so that every output element counts
/// differently. Inputs are double precision and must keep `10⁻⁴` away from kinks.
///
/// With step h = 10⁻⁵ the difference's truncation error is h²/6·f‴ ≈ 2·10⁻¹¹·f‴ and its rounding
/// error about ε·|f|/h ≈ 2·10⁻¹¹·|f|; both stay below 10⁻⁸ of the scale of the functions tested.
func expectGradients(
    of operation: ([Tensor]) throws -> Tensor, at inputs: [Tensor],
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    func scalar(_ inputs: [Tensor]) throws -> Tensor {
        let output = try operation(inputs)
        let weights = try Tensor.randomNormal(output.shape, seed: 99, dtype: .float64)
            .to(device: output.device)
        return try (output * weights).sum()
    }
    let leaves = try inputs.map { try $0.clone().requireGradient() }
    try scalar(leaves).backward()

    for (index, leaf) in leaves.enumerated() {
        let gradient = try #require(leaf.gradient, sourceLocation: sourceLocation).doubles()
        let expected = try centralDifferences(of: scalar, at: inputs, index)
        let scale = (expected.map { abs($0) }.max() ?? 0) + 1
        let error = zip(gradient, expected).map { abs($0 - $1) }.max() ?? 0
        #expect(gradient.count == expected.count, sourceLocation: sourceLocation)
        #expect(error <= 1e-8 * scale, "input \(index)", sourceLocation: sourceLocation)
    }
}

private func centralDifferences(
    of function: ([Tensor]) throws -> Tensor, at inputs: [Tensor], _ index: Int
) throws -> [Double] {
    let step = 1e-5
    let values = try inputs[index].doubles()
    let shape = inputs[index].shape
    return try withoutGradients {
        try values.indices.map { element in
            let ends = try [step, -step].map { offset in
                var moved = values
                moved[element] += offset
                var arguments = inputs
                arguments[index] = try Tensor(moved, shape: shape, device: inputs[index].device)
                return try function(arguments).item()
            }
            return (ends[0] - ends[1]) / (2 * step)
        }
    }
}

/// Seeded normal numbers in double precision on the test device, none nearer to zero than 0.01.
func normal(_ shape: [Int], seed: UInt64 = 1) throws -> Tensor {
    let values = try Tensor.randomNormal(shape, seed: seed, dtype: .float64).doubles()
    return try Tensor(
        values.map { $0 < 0 ? $0 - 0.01 : $0 + 0.01 }, shape: shape, device: testDevice())
}

/// Seeded numbers in `0.1..<1.1`, in double precision on the test device.
func positive(_ shape: [Int], seed: UInt64 = 1) throws -> Tensor {
    try (Tensor.randomUniform(shape, seed: seed, dtype: .float64) + 0.1).to(device: testDevice())
}
