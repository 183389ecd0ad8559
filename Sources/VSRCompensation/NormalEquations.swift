import VSRCore

/// Least squares of a convolution: from what it reads at each pixel to what it should give there.
///
/// Minimizes `mean |W ᵀ u − t|² + ridge · mean(diag H) · |W − prior|²` with `H` the mean of `u uᵀ`
/// over all pixels.
struct NormalEquations: Sendable {
    /// Mean of `u uᵀ`.
    var gram: Matrix<Double>
    /// Mean of `u tᵀ`.
    var cross: Matrix<Double>

    init(gram: Matrix<Double>, cross: Matrix<Double>) {
        self.gram = gram
        self.cross = cross
    }

    /// Sums are taken in fp32 over 192 pixels, then in fp32 over those sums.
    init(from features: Features, kernel: Int, to targets: Features, threads: Int) {
        let patches = Patches(features: features, kernel: kernel)
        let (width, outputs) = (patches.width, targets.channels)
        let stride = width + outputs
        let sums = (0..<threads).map { _ in
            let sum = UnsafeMutablePointer<Float>.allocate(capacity: width * stride)
            sum.initialize(repeating: 0, count: width * stride)
            return Address(sum)
        }
        defer { for sum in sums { sum.pointer.deallocate() } }
        patches.forEachTile(extra: outputs, threads: threads) { thread, first, count, tile in
            targets.values.values.withUnsafeBufferPointer { wanted in
                for row in 0..<count where outputs > 0 {
                    (tile + row * stride + width).update(
                        from: wanted.start + (first + row) * outputs, count: outputs)
                }
            }
            Float.multiply(
                width, stride, count, tile, 1, stride, tile, stride, sums[thread].pointer, stride,
                isUpper: true)
        }
        let scale = 1 / Double(max(features.values.rows, 1))
        gram = Matrix(rows: width, columns: width)
        cross = Matrix(rows: width, columns: outputs)
        for i in 0..<width {
            for j in i..<stride {
                let sum = sums.reduce(0.0) { $0 + Double($1.pointer[i * stride + j]) } * scale
                if j < width {
                    gram[i, j] = sum
                    gram[j, i] = sum
                } else {
                    cross[i, j - width] = sum
                }
            }
        }
    }

    /// The same equations with some of what is read only, by places in `u`.
    func restricted(to places: [Int]) -> NormalEquations {
        NormalEquations(
            gram: gram.gathered(rows: places, columns: places), cross: cross.gathered(rows: places))
    }

    func regularized(_ ridge: Double) -> (gram: Matrix<Double>, weight: Double) {
        var result = gram
        let count = gram.rows - 1
        let mean = (0..<count).reduce(0.0) { $0 + gram[$1, $1] } / Double(max(count, 1))
        let weight = ridge * (mean > 0 ? mean : 1)
        for i in 0..<gram.rows { result[i, i] += weight }
        return (result, weight)
    }

    /// `[places, outputs]`.
    ///
    /// - Throws: `corruptData` where there is no solution.
    func solution(ridge: Double, prior: Matrix<Double>? = nil) throws -> Matrix<Double> {
        let (matrix, weight) = regularized(ridge)
        var right = cross
        if let prior {
            for index in right.values.indices {
                right.values[index] += weight * prior.values[index]
            }
        }
        return try Cholesky(matrix).solution(right)
    }

    /// The `count` channels to be kept, ascending, of `channels`, by backward elimination: the one
    /// whose removal raises the error least goes first, and the others are refitted in closed form
    /// after each time.
    ///
    /// The rise by removing the places `g` of a channel is `W_gᵀ ((H⁻¹)_gg)⁻¹ W_g`, summed over
    /// outputs.
    ///
    /// Source: the block form of Hassibi & Stork, "Optimal Brain Surgeon", NIPS 1993.
    func kept(_ count: Int, of channels: Int, taps: Int, ridge: Double) throws -> [Int] {
        var kept = Array(0..<channels)
        guard count < channels else { return kept }
        var inverse = try Cholesky(regularized(ridge).gram).inverse
        var weights = Matrix<Double>(rows: cross.rows, columns: cross.columns)
        weights.add(inverse, times: cross)
        while kept.count > count {
            let rises = try kept.map { channel in
                let places = Patches.places(of: channel, channels: channels, taps: taps)
                return try Self.rise(inverse, weights, places)
            }
            guard let leaving = rises.indices.min(by: { rises[$0] < rises[$1] }) else { break }
            let places = Patches.places(of: kept[leaving], channels: channels, taps: taps)
            try Self.remove(places, &inverse, &weights)
            kept.remove(at: leaving)
        }
        return kept
    }

    private static func rise(
        _ inverse: Matrix<Double>, _ weights: Matrix<Double>, _ places: [Int]
    ) throws -> Double {
        let own = weights.gathered(rows: places)
        let solved = try Cholesky(inverse.gathered(rows: places, columns: places)).solution(own)
        return zip(own.values, solved.values).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// Refits what stays: `W −= H⁻¹_·g (H⁻¹_gg)⁻¹ W_g`, and the same for `H⁻¹`.
    private static func remove(
        _ places: [Int], _ inverse: inout Matrix<Double>, _ weights: inout Matrix<Double>
    ) throws {
        let factor = try Cholesky(inverse.gathered(rows: places, columns: places))
        var columns = inverse.gathered(columns: places)
        for index in columns.values.indices { columns.values[index] = -columns.values[index] }
        weights.add(columns, times: factor.solution(weights.gathered(rows: places)))
        inverse.add(columns, times: factor.solution(inverse.gathered(rows: places)))
    }
}
