import Testing
import Torch

/// Every differentiable operation against central differences in double precision.
@Suite struct OperationGradientTests {
    /// An operation and the inputs it is checked at.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let inputs: @Sendable () throws -> [Tensor]
        let operation: @Sendable ([Tensor]) throws -> Tensor

        init(
            _ name: String, _ inputs: @autoclosure @escaping @Sendable () throws -> [Tensor],
            _ operation: @escaping @Sendable ([Tensor]) throws -> Tensor
        ) {
            (testDescription, self.inputs, self.operation) = (name, inputs, operation)
        }
    }

    @Test(arguments: pointwise + pictures + shapes + indices)
    func gradientEqualsCentralDifferences(of test: Case) throws {
        try onTorch {
            try expectGradients(of: test.operation, at: test.inputs())
        }
    }
}

private typealias Case = OperationGradientTests.Case

private let pointwise: [Case] = [
    Case("add", try [normal([2, 3]), normal([3], seed: 2)]) { try $0[0] + $0[1] },
    Case("subtract", try [normal([2, 3]), normal([2, 1], seed: 2)]) { try $0[0] - $0[1] },
    Case("multiply", try [normal([2, 3]), normal([3], seed: 2)]) { try $0[0] * $0[1] },
    Case("divide", try [normal([2, 3]), positive([3], seed: 2)]) { try $0[0] / $0[1] },
    Case("add number", try [normal([4])]) { try 2 + ($0[0] + 3) },
    Case("subtract number", try [normal([4])]) { try 2 - ($0[0] - 3) },
    Case("multiply number", try [normal([4])]) { try 2 * ($0[0] * 3) },
    Case("divide number", try [positive([4])]) { try 2 / ($0[0] / 3) },
    Case("add scaled", try [normal([4]), normal([4], seed: 2)]) {
        try $0[0].adding($0[1], times: -0.3)
    },
    Case("negate", try [normal([4])]) { try -$0[0] },
    Case("maximum", try [normal([9]), normal([9], seed: 2)]) { try $0[0].maximum($0[1]) },
    Case("minimum", try [normal([9]), normal([9], seed: 2)]) { try $0[0].minimum($0[1]) },
    Case("abs", try [normal([9])]) { try $0[0].abs() },
    Case("sqrt", try [positive([9])]) { try $0[0].sqrt() },
    Case("square", try [normal([9])]) { try $0[0].square() },
    Case("pow", try [positive([9])]) { try $0[0].pow(1.7) },
    Case("exp", try [normal([9])]) { try $0[0].exp() },
    Case("log", try [positive([9])]) { try $0[0].log() },
    Case("clamp", try [normal([20])]) { try $0[0].clamped(to: -0.5...0.7) },
    Case("relu", try [normal([20])]) { try $0[0].relu() },
    Case("leakyReLU", try [normal([20])]) { try $0[0].leakyReLU(slope: 0.1) },
    Case("reluInPlace", try [normal([20])]) { try ($0[0] * 2).reluInPlace() },
    Case("leakyReLUInPlace", try [normal([20])]) {
        try ($0[0] * 2).leakyReLUInPlace(slope: 0.1)
    },
    Case("where", try [normal([20]), normal([20], seed: 2)]) {
        let condition = try normal([20], seed: 3).isLess(than: normal([20], seed: 4))
        return try $0[0].choosing(where: condition, else: $0[1])
    },
    Case("matmul", try [normal([2, 3, 4]), normal([4, 5], seed: 2)]) { try $0[0].matmul($0[1]) },
    Case("clone", try [normal([4])]) { try $0[0].clone() },
    Case("to", try [normal([4])]) { try $0[0].to(.float64) },
]

private let pictures: [Case] = [
    Case(
        "conv 3×3, bias, padding",
        try [normal([2, 3, 5, 4]), normal([4, 3, 3, 3], seed: 2), normal([4], seed: 3)]
    ) { try $0[0].convolved(with: $0[1], bias: $0[2], padding: Extent2D(1)) },
    Case("conv 7×7", try [normal([1, 2, 6, 5]), normal([3, 2, 7, 7], seed: 2)]) {
        try $0[0].convolved(with: $0[1], padding: Extent2D(3))
    },
    Case("conv 1×1", try [normal([1, 2, 3, 4]), normal([3, 2, 1, 1], seed: 2)]) {
        try $0[0].convolved(with: $0[1])
    },
    Case("conv 3×1, stride, groups", try [normal([1, 4, 5, 6]), normal([2, 2, 3, 1], seed: 2)]) {
        try $0[0].convolved(
            with: $0[1], stride: Extent2D(height: 2, width: 3),
            padding: Extent2D(height: 1, width: 0), groups: 2)
    },
    Case("conv of channels-last", try [normal([1, 2, 4, 4]), normal([3, 2, 3, 3], seed: 2)]) {
        try $0[0].contiguous(.channelsLast).convolved(with: $0[1], padding: Extent2D(1))
    },
    Case("pixelShuffle", try [normal([1, 8, 2, 3])]) { try $0[0].pixelShuffled(by: 2) },
    Case("averagePool", try [normal([1, 2, 5, 4])]) { try $0[0].averagePooled(by: 2) },
    Case("resize up", try [normal([1, 2, 3, 4])]) {
        try $0[0].resizedBilinear(to: Extent2D(height: 7, width: 9), alignCorners: false)
    },
    Case("resize up, corners aligned", try [normal([1, 2, 3, 4])]) {
        try $0[0].resizedBilinear(to: Extent2D(height: 7, width: 9), alignCorners: true)
    },
    Case("resize down", try [normal([1, 1, 7, 6])]) {
        try $0[0].resizedBilinear(to: Extent2D(height: 3, width: 4), alignCorners: false)
    },
    Case("gridSample, zeros", try [normal([2, 2, 4, 5]), grid()]) {
        try $0[0].gridSampled(at: $0[1], outside: .zeros, alignCorners: true)
    },
    Case("gridSample, border", try [normal([2, 2, 4, 5]), grid()]) {
        try $0[0].gridSampled(at: $0[1], outside: .border, alignCorners: true)
    },
    Case("gridSample, corners not aligned", try [normal([2, 2, 4, 5]), grid()]) {
        try $0[0].gridSampled(at: $0[1], outside: .border, alignCorners: false)
    },
    Case("pad by zeros", try [normal([1, 2, 3, 4])]) {
        try $0[0].padded(left: 1, right: 2, top: 0, bottom: 1, with: .zeros)
    },
    Case("pad by border", try [normal([1, 2, 3, 4])]) {
        try $0[0].padded(left: 1, right: 2, top: 0, bottom: 1, with: .border)
    },
]

/// Points around `[4, 5]` pictures, some outside, none within 10⁻³ of a pixel's row or column,
/// where bilinear sampling has kinks.
private func grid() throws -> Tensor {
    let points = try Tensor.randomUniform([2, 3, 3, 2], seed: 5, dtype: .float64)
    return try Tensor(
        points.doubles().map { value in
            // Pixel centers lie at multiples of 1/20 under either convention for both sizes.
            let coordinate = value * 2.6 - 1.3
            let nearest = (coordinate * 60).rounded() / 60
            return abs(coordinate - nearest) < 2e-3 ? nearest + 4e-3 : coordinate
        }, shape: points.shape, device: testDevice())
}

private let shapes: [Case] = [
    Case("sum", try [normal([2, 3])]) { try $0[0].sum() },
    Case("mean", try [normal([2, 3])]) { try $0[0].mean() },
    Case("sum along axes", try [normal([2, 3, 4])]) { try $0[0].sum(along: [0, -1]) },
    Case("mean along axes", try [normal([2, 3, 4])]) {
        try $0[0].mean(along: [1], keepingAxes: true)
    },
    Case("max", try [normal([9])]) { try $0[0].max() },
    Case("min", try [normal([9])]) { try $0[0].min() },
    Case("norm", try [normal([9])]) { try $0[0].norm() },
    Case("reshape", try [normal([2, 6])]) { try $0[0].reshaped([3, -1]) },
    Case("permute", try [normal([2, 3, 4])]) { try $0[0].permuted([2, 0, 1]) },
    Case("flip", try [normal([2, 3, 4])]) { try $0[0].flipped(along: [0, 2]) },
    Case("unsqueeze", try [normal([2, 3])]) { try $0[0].unsqueezed(1) },
    Case("squeeze", try [normal([2, 1, 3])]) { try $0[0].squeezed(1) },
    Case("expand", try [normal([2, 1, 3])]) { try $0[0].expanded([2, 4, -1]) },
    Case("contiguous", try [normal([2, 3, 4])]) { try $0[0].permuted([2, 0, 1]).contiguous() },
    Case("cat", try [normal([2, 3]), normal([2, 1], seed: 2)]) {
        try Tensor.concatenated($0, along: 1)
    },
    Case("stack", try [normal([2, 3]), normal([2, 3], seed: 2)]) {
        try Tensor.stacked($0, along: 1)
    },
    Case("slice", try [normal([2, 5])]) { try $0[0].sliced(1..<4, along: 1) },
    Case("select", try [normal([2, 5])]) { try $0[0].selected(-2, along: 1) },
]

private let indices: [Case] = [
    Case("indexSelect", try [normal([2, 4, 3])]) {
        try $0[0].indexSelected(Tensor(indices: [3, 0, 3], device: testDevice()), along: 1)
    },
    Case("indexAdd", try [normal([2, 4, 3]), normal([2, 3, 3], seed: 2)]) {
        try $0[0].indexAdded($0[1], at: Tensor(indices: [1, 3, 1], device: testDevice()), along: 1)
    },
    Case("indexCopy", try [normal([2, 4, 3]), normal([2, 2, 3], seed: 2)]) {
        try $0[0].indexCopied($0[1], at: Tensor(indices: [3, 1], device: testDevice()), along: 1)
    },
]
