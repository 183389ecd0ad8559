import VSRModel

/// Times of a network as a function of how many units each group keeps.
struct LatencyCosts {
    /// Positions of a block's layers among the prunable ones; `nil` where a layer has no units.
    private struct Block {
        var input, middle, output: Int?
        var steps: Double
    }

    private let model: LatencyModel
    private let blocks: [Block]
    /// Positions of the upsampler's convolutions.
    private let upsampler: [Int?]

    init(_ blueprint: Blueprint, _ model: LatencyModel) {
        self.model = model
        let positions = Dictionary(
            blueprint.unitGroups.enumerated().map { ($1, $0) },
            uniquingKeysWith: { first, _ in first })
        blocks = blueprint.branches.flatMap { branch in
            blueprint[branch].indices.map { index in
                Block(
                    input: positions[.block(branch, index, .input)],
                    middle: positions[.block(branch, index, .middle)],
                    output: positions[.block(branch, index, .output)],
                    steps: model.stepsPerFrame[branch, default: 1])
            }
        }
        upsampler = blueprint.upsampler.units.map { positions[.upsampler($0)] }
    }

    /// Milliseconds where layer `i` keeps `kept[i]` units.
    func milliseconds(keeping kept: [Int]) -> Double {
        model.fixed + model.correction * time(keeping: kept) { $0.steps }
    }

    /// What blocks and upsampler take, not corrected, every branch computed once a frame: so that
    /// none is worth more than another.
    func prunableTime(keeping kept: [Int]) -> Double { time(keeping: kept) { _ in 1 } }

    private func time(keeping kept: [Int], steps: (Block) -> Double) -> Double {
        func count(_ position: Int?) -> Int { position.map { kept[$0] } ?? 0 }
        let trunk = blocks.reduce(0.0) { sum, block in
            sum + steps(block)
                * model.trunk(
                    inputs: count(block.input), middle: count(block.middle),
                    outputs: count(block.output))
        }
        return trunk + model.upsampler(upsampler.map(count))
    }
}
