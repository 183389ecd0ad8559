import VSRCore
import VSRModel

extension Blueprint {
    /// The network with fewer filters inside of its blocks and fewer upsampler units, at most as
    /// costly as asked for: every block keeps all channels of the trunk as inputs and outputs.
    ///
    /// Trunks and upsampler become cheaper by about the same factor: blocks keep a share `q` of
    /// their middle filters, the upsampler's convolutions `√q` of their units, since both their
    /// inputs and their outputs shrink.
    ///
    /// - Throws: `invalidArgument` where one unit per layer is still too costly.
    public func slimmed(to isSmallEnough: (Blueprint) -> Bool) throws -> Blueprint {
        if isSmallEnough(self) { return self }
        var (low, high) = (0.0, 1.0)
        guard isSmallEnough(keeping(low)) else {
            throw VSRError(
                .invalidArgument,
                "the target lies below what is left when every layer keeps one unit: ask for more")
        }
        for _ in 0..<40 {
            let middle = (low + high) / 2
            if isSmallEnough(keeping(middle)) { low = middle } else { high = middle }
        }
        return keeping(low)
    }

    private func keeping(_ share: Double) -> Blueprint {
        var result = self
        for branch in branches {
            // Counts differ by one at most; later blocks, which change more, get the larger ones.
            var given = 0.0
            var kept = 0
            for index in self[branch].indices {
                let width = self[branch][index].middleWidth
                guard width > 0 else { continue }
                given += share * Double(width)
                let count = min(max(Int(given) - kept, 1), width)
                kept += count
                result[branch][index].middleWidth = count
            }
        }
        func units(_ count: Int) -> Int {
            count == 0 ? 0 : min(max(Int(share.squareRoot() * Double(count)), 1), count)
        }
        result.upsampler = upsampler.withWidths { units($1) }
        return result
    }
}
