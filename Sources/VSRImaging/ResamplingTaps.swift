/// Which input samples make each output sample along one axis, and how much of each.
struct ResamplingTaps: Sendable, Equatable {
    /// Number of output samples.
    let length: Int

    /// Taps of every output sample.
    let count: Int

    /// Input positions, `[length, count]`, all inside the input.
    let indices: [Int]

    /// Weights, `[length, count]`.
    let weights: [Double]

    /// Taps of MATLAB's `imresize`.
    ///
    /// Output sample i lies at input position (i + 0.5) / scale − 0.5; weights are normalized to a
    /// sum of 1; positions outside are mirrored with the edge sample repeated.
    ///
    /// Source: `imresize` of MATLAB, function `contributions`.
    ///
    /// - Parameters:
    ///   - input: Samples going in, at least 1.
    ///   - length: Samples coming out.
    ///   - scale: Output samples per input sample, as numerator and denominator.
    ///   - antialiased: Widens the kernel by 1 / scale where the axis shrinks.
    init(
        input: Int, length: Int, scale: (numerator: Int, denominator: Int),
        interpolation: Interpolation, antialiased: Bool
    ) {
        let ratio = Double(scale.numerator) / Double(scale.denominator)
        let stretch = antialiased && ratio < 1 ? ratio : 1
        let width = interpolation.width / stretch
        let count = Int(width.rounded(.up)) + 2
        self.init(input: input, length: length, count: count) { output in
            let center = (Double(output) + 0.5) / ratio - 0.5
            // MATLAB's positions count from 1; a floor commutes with the shift.
            let first = Int((center - width / 2).rounded(.down))
            let weights = (0..<count).map {
                interpolation.weight(at: stretch * (center - Double(first + $0)))
            }
            let sum = weights.reduce(0, +)
            return (first, weights.map { $0 / sum })
        } position: {
            Self.mirrored($0, length: input)
        }
    }

    /// Taps given by a rule.
    ///
    /// - Parameters:
    ///   - rule: First input position, possibly outside, and weights of an output sample.
    ///   - position: Moves a position into the input.
    init(
        input: Int, length: Int, count: Int,
        _ rule: (Int) -> (first: Int, weights: [Double]), position: (Int) -> Int
    ) {
        let rules = (0..<length).map(rule)
        // Columns of zeros only, which the kernel's open ends leave, would cost time for nothing.
        let used = (0..<count).filter { column in rules.contains { $0.weights[column] != 0 } }
        let kept = used.isEmpty ? 0..<count : used[0]..<used[used.count - 1] + 1
        self.length = length
        self.count = kept.count
        indices = rules.flatMap { rule in kept.map { position(rule.first + $0) } }
        weights = rules.flatMap { rule in kept.map { rule.weights[$0] } }
    }

    /// A position reflected at the outer edges of the first and last sample, as in 1 0 0 1 2.
    static func mirrored(_ position: Int, length: Int) -> Int {
        let period = 2 * length
        let wrapped = ((position % period) + period) % period
        return wrapped < length ? wrapped : period - 1 - wrapped
    }

    /// A position reflected at the centers of the first and last sample, as in 2 1 0 1 2.
    static func reflected(_ position: Int, length: Int) -> Int {
        guard length > 1 else { return 0 }
        let period = 2 * (length - 1)
        let wrapped = ((position % period) + period) % period
        return wrapped < length ? wrapped : period - wrapped
    }

    /// The nearest position inside.
    static func clamped(_ position: Int, length: Int) -> Int {
        min(max(position, 0), length - 1)
    }
}
