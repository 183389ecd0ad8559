/// Least squares with solutions at least 0, by coordinate descent.
enum NonNegativeLeastSquares {
    /// The `x ≥ 0` that minimizes `Σᵢ (rows[i]·x / values[i] − 1)²`: relative errors count.
    ///
    /// - Parameters:
    ///   - rows: One equation each, all of the same length.
    ///   - values: Positive, one for each row.
    static func solution(_ rows: [[Double]], _ values: [Double]) -> [Double] {
        let count = rows.first?.count ?? 0
        let scaled = zip(rows, values).map { row, value in row.map { $0 / value } }
        var gram = Array(repeating: Array(repeating: 0.0, count: count), count: count)
        var right = Array(repeating: 0.0, count: count)
        for row in scaled {
            for i in 0..<count {
                right[i] += row[i]
                for j in 0..<count { gram[i][j] += row[i] * row[j] }
            }
        }
        var x = Array(repeating: 0.0, count: count)
        for _ in 0..<100_000 {
            var change = 0.0
            for i in 0..<count where gram[i][i] > 0 {
                let rest = (0..<count).reduce(0) { $0 + gram[i][$1] * x[$1] } - gram[i][i] * x[i]
                let new = max((right[i] - rest) / gram[i][i], 0)
                // In units of what the term adds to a row.
                change = max(change, abs(new - x[i]) * gram[i][i].squareRoot())
                x[i] = new
            }
            if change < 1e-12 { break }
        }
        return x
    }
}
