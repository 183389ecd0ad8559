import VSRCore

/// The lower triangular `L` of a symmetric positive definite matrix `L Lᵀ`.
struct Cholesky: Sendable {
    /// Rows and columns handled at a time.
    private static let block = 48

    /// `L`; what lies above its diagonal is of no meaning.
    private var lower: Matrix<Double>

    private var count: Int { lower.rows }

    /// - Throws: `corruptData` if the matrix is not positive definite, as where samples are not
    ///   finite.
    init(_ matrix: Matrix<Double>) throws {
        lower = matrix
        let count = matrix.rows
        for start in stride(from: 0, to: count, by: Self.block) {
            let end = min(start + Self.block, count)
            try factorDiagonal(start..<end)
            solvePanel(start..<end)
            updateRest(start..<end)
        }
    }

    private mutating func factorDiagonal(_ range: Range<Int>) throws {
        let n = count
        try lower.values.withUnsafeMutableBufferPointer { l in
            for j in range {
                var pivot = l[j * n + j]
                for k in range.lowerBound..<j { pivot -= l[j * n + k] * l[j * n + k] }
                guard pivot > 0, pivot.isFinite else {
                    throw VSRError(
                        .corruptData,
                        "least squares have no solution: the network's features on the "
                            + "calibration clips are not finite, or the ridge is too small")
                }
                let root = pivot.squareRoot()
                l[j * n + j] = root
                for i in (j + 1)..<max(range.upperBound, j + 1) {
                    var sum = l[i * n + j]
                    for k in range.lowerBound..<j { sum -= l[i * n + k] * l[j * n + k] }
                    l[i * n + j] = sum / root
                }
            }
        }
    }

    private mutating func solvePanel(_ range: Range<Int>) {
        let n = count
        lower.values.withUnsafeMutableBufferPointer { l in
            for i in range.upperBound..<max(n, range.upperBound) {
                for j in range {
                    var sum = l[i * n + j]
                    for k in range.lowerBound..<j { sum -= l[i * n + k] * l[j * n + k] }
                    l[i * n + j] = sum / l[j * n + j]
                }
            }
        }
    }

    private mutating func updateRest(_ range: Range<Int>) {
        let n = count
        let rest = n - range.upperBound
        guard rest > 0 else { return }
        var panel = Matrix<Double>(rows: range.count, columns: rest)
        for i in 0..<rest {
            for k in 0..<range.count {
                panel[k, i] = -lower[range.upperBound + i, range.lowerBound + k]
            }
        }
        lower.values.withUnsafeMutableBufferPointer { l in
            panel.values.withUnsafeBufferPointer { p in
                let base = l.start
                // A is the panel in place, B its negative, transposed.
                Double.multiply(
                    rest, rest, range.count,
                    UnsafePointer(base) + range.upperBound * n + range.lowerBound, n, 1,
                    p.start, rest, base + range.upperBound * n + range.upperBound, n,
                    isUpper: false)
            }
        }
    }

    /// The `X` of `L Lᵀ X = right`.
    func solution(_ right: Matrix<Double>) -> Matrix<Double> {
        var x = right
        let starts = Array(stride(from: 0, to: count, by: Self.block))
        for start in starts {
            substitute(&x, start..<min(start + Self.block, count), isBack: false)
        }
        for start in starts.reversed() {
            substitute(&x, start..<min(start + Self.block, count), isBack: true)
        }
        return x
    }

    /// Solves some rows of `L Y = X`, or of `Lᵀ Y = X` where it goes back.
    ///
    /// The rows before them, or after them, are solved.
    private func substitute(_ x: inout Matrix<Double>, _ range: Range<Int>, isBack: Bool) {
        let (n, m) = (count, x.columns)
        let solved = isBack ? range.upperBound..<n : 0..<range.lowerBound
        guard m > 0 else { return }
        var update = Matrix<Double>(rows: range.count, columns: m)
        lower.values.withUnsafeBufferPointer { l in
            x.values.withUnsafeMutableBufferPointer { values in
                let rows = values.start
                if !solved.isEmpty {
                    update.values.withUnsafeMutableBufferPointer { u in
                        let first =
                            isBack
                            ? solved.lowerBound * n + range.lowerBound
                            : range.lowerBound * n + solved.lowerBound
                        Double.multiply(
                            range.count, m, solved.count, l.start + first,
                            isBack ? 1 : n, isBack ? n : 1,
                            UnsafePointer(rows) + solved.lowerBound * m, m, u.start, m,
                            isUpper: false)
                    }
                }
                for i in isBack ? Array(range.reversed()) : Array(range) {
                    let row = rows + i * m
                    let offset = (i - range.lowerBound) * m
                    for j in 0..<m { row[j] -= update.values[offset + j] }
                    let inner = isBack ? (i + 1)..<range.upperBound : range.lowerBound..<i
                    for k in inner {
                        let factor = isBack ? l[k * n + i] : l[i * n + k]
                        let other = rows + k * m
                        for j in 0..<m { row[j] -= factor * other[j] }
                    }
                    let scale = 1 / l[i * n + i]
                    for j in 0..<m { row[j] *= scale }
                }
            }
        }
    }

    /// `(L Lᵀ)⁻¹`.
    var inverse: Matrix<Double> {
        var identity = Matrix<Double>(rows: count, columns: count)
        for i in 0..<count { identity[i, i] = 1 }
        return solution(identity)
    }
}
