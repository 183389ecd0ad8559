import VSRCore

/// Rounds kept counts to multiples.
struct Alignment {
    let multiple: Int
    /// What each layer keeps at least: `multiple`, or 0 where layers may become empty.
    let minimum: Int

    /// Kept counts that are multiples of ``multiple``, their total the nearest multiple not above
    /// the given counts' total.
    ///
    /// Each count is rounded down; what the total then lacks goes to the layers that lost most by
    /// it, ties in layer order. Where the minimum raised too much, the layers that lost least give
    /// it back.
    /// - Parameters:
    ///   - kept: A count for each layer.
    ///   - available: The units that each layer has, at least ``multiple``.
    func rounded(_ kept: [Int], available: [Int]) -> [Int] {
        guard multiple > 1 else { return kept }
        var result = kept.map { max(minimum, $0 / multiple * multiple) }
        var missing = kept.reduce(0, +) / multiple - result.reduce(0, +) / multiple
        let loss = zip(kept, result).map { $0 - $1 }
        while missing != 0 {
            let grows = missing > 0
            let candidates = result.indices
                .filter {
                    grows
                        ? result[$0] + multiple <= available[$0]
                        : result[$0] - multiple >= minimum
                }
                .sorted {
                    grows ? (loss[$1], $0) < (loss[$0], $1) : (loss[$0], $0) < (loss[$1], $1)
                }
                .prefix(abs(missing))
            guard !candidates.isEmpty else { break }
            for layer in candidates { result[layer] += grows ? multiple : -multiple }
            missing += grows ? -candidates.count : candidates.count
        }
        return result
    }
}
