import VSRCore
import VSRModel

extension Blueprint {
    /// Checks what executors rely on, so that a blueprint from anywhere cannot lead them astray.
    ///
    /// - Throws: `invalidArgument` naming what contradicts what.
    func checkExecutable() throws {
        guard scale == 2 || scale == 4, (upsampler.secondWidth != nil) == (scale == 4) else {
            throw VSRError(
                .invalidArgument,
                "scale \(scale) with \(upsampler.secondWidth == nil ? "one" : "two") pixel-shuffle"
                    + " stages: a network has one for scale 2 and two for scale 4")
        }
        guard width > 0, (1...8).contains(flow.levels), flow.widths.count == 4,
            flow.widths.allSatisfy({ $0 > 0 })
        else {
            throw VSRError(
                .invalidArgument,
                "width \(width) and flow network \(flow.widths) with \(flow.levels) levels: widths"
                    + " are positive, four in the flow network, and levels between 1 and 8")
        }
        guard
            [upsampler.firstWidth, upsampler.secondWidth ?? 0, upsampler.refinementWidth]
                .allSatisfy({ $0 >= 0 })
        else {
            throw VSRError(.invalidArgument, "the upsampler has a negative width")
        }
        for branch in branches {
            for (index, block) in self[branch].enumerated() {
                try check(block, name: "block \(index) of the \(branch.rawValue) branch")
            }
        }
    }

    private func check(_ block: ResidualBlock, name: String) throws {
        for kept in [block.keptInputs, block.keptOutputs] {
            guard kept.allSatisfy({ (0..<width).contains($0) }),
                zip(kept, kept.dropFirst()).allSatisfy({ $0 < $1 })
            else {
                throw VSRError(
                    .invalidArgument,
                    "\(name) keeps \(kept): indices ascend and lie below the width \(width)")
            }
        }
        guard block.middleWidth >= 0 else {
            throw VSRError(.invalidArgument, "\(name) has a negative width")
        }
    }
}
