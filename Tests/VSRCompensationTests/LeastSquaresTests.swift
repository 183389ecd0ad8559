import Testing
import VSRCore
import VSRTestSupport

@testable import VSRCompensation

@Suite struct LeastSquaresTests {
    private func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Double> {
        var generator = SeededGenerator(seed: seed)
        return Matrix(
            rows: rows, columns: columns,
            values: (0..<rows * columns).map { _ in Double(generator.uniform()) * 2 - 1 })
    }

    /// `a aᵀ + I`, by plain loops.
    private func positiveDefinite(_ count: Int, seed: UInt64) -> Matrix<Double> {
        let a = random(count, count, seed: seed)
        var result = Matrix<Double>(rows: count, columns: count)
        for i in 0..<count {
            for j in 0..<count {
                result[i, j] =
                    (0..<count).reduce(0) { $0 + a[i, $1] * a[j, $1] } + (i == j ? 1 : 0)
            }
        }
        return result
    }

    /// [[4, 2], [2, 5]] x = [[8], [12]] has x = [1, 2].
    @Test func aSystemByHand() throws {
        let matrix = Matrix<Double>(rows: 2, columns: 2, values: [4, 2, 2, 5])
        let x = try Cholesky(matrix).solution(Matrix(rows: 2, columns: 1, values: [8, 12]))
        #expect(abs(x[0, 0] - 1) < 1e-14 && abs(x[1, 0] - 2) < 1e-14)
    }

    /// Sizes around the width of blocks; the residual is bounded by rounding times size.
    @Test(arguments: [1, 5, 47, 48, 49, 97, 150])
    func solutionsSolve(count: Int) throws {
        let matrix = positiveDefinite(count, seed: UInt64(count))
        let right = random(count, 7, seed: 99)
        let factor = try Cholesky(matrix)
        let x = factor.solution(right)
        let inverse = factor.inverse
        for i in 0..<count {
            for j in 0..<7 {
                let product = (0..<count).reduce(0) { $0 + matrix[i, $1] * x[$1, j] }
                let size = (0..<count).reduce(1.0) { $0 + abs(matrix[i, $1] * x[$1, j]) }
                #expect(abs(product - right[i, j]) < 1e-15 * Double(count) * size * 10)
            }
            for j in 0..<count {
                let product = (0..<count).reduce(0) { $0 + matrix[i, $1] * inverse[$1, j] }
                let size = (0..<count).reduce(1.0) { $0 + abs(matrix[i, $1] * inverse[$1, j]) }
                #expect(abs(product - (i == j ? 1 : 0)) < 1e-15 * Double(count) * size * 10)
            }
        }
    }

    @Test(arguments: [
        [1.0, 2, 2, 1], [0, 0, 0, 0], [.nan, 0, 0, 1], [1, .infinity, .infinity, 1],
    ])
    func whatIsNotPositiveDefiniteIsRefused(_ values: [Double]) {
        let error = #expect(throws: VSRError.self) {
            _ = try Cholesky(Matrix(rows: 2, columns: 2, values: values))
        }
        #expect(error?.code == .corruptData)
    }

    /// Three inputs a, b and a + b: either of the first two, or the third, is superfluous, and what
    /// is left gives the same.
    @Test func aChannelThatOthersMakeUpForGoes() throws {
        let size = FrameSize(width: 16, height: 16)
        var generator = SeededGenerator(seed: 7)
        var rows: [Float] = []
        var targets: [Float] = []
        for _ in 0..<size.area {
            let (a, b) = (generator.uniform(), generator.uniform())
            rows += [a, b, a + b, 0.01 * generator.uniform()]
            targets.append(2 * a - b)
        }
        let features = Features(
            size: size, values: Matrix(rows: size.area, columns: 4, values: rows))
        let wanted = Features(
            size: size, values: Matrix(rows: size.area, columns: 1, values: targets))
        let equations = NormalEquations(from: features, kernel: 1, to: wanted, threads: 1)
        let kept = try equations.kept(2, of: 4, taps: 1, ridge: 1e-6)
        #expect(kept.count == 2 && !kept.contains(3))
        let solution = try equations.restricted(to: kept + [4]).solution(ridge: 1e-6)
        let filter = PatchFilter(
            kernel: 1, inputs: 2,
            matrix: Matrix(
                rows: 3, columns: 1, values: solution.values.map(Float.init)))
        let output = filter(features.gathered(kept), threads: 1)
        #expect(relativeError(output.values.values, targets) < 1e-4)
    }
}
