import VSRModel
import VSRPruning

/// A small network that is timed.
struct LatencyProbe {
    static let blocks = 4
    /// The one branch of the online networks that are timed; blocks take the same time in all.
    static let branch = Blueprint.Branch.forward

    /// Shares that the small networks keep.
    ///
    /// Of blocks' inputs, middles, outputs, and of the upsampler's stages and refinement; no two
    /// alike, so that all rates show.
    private static let shares: [[Double]] = [
        [1, 1, 1, 1, 1, 1], [0.5, 0.5, 0.5, 0.5, 0.5, 0.5], [1, 0.25, 1, 1, 0.5, 0.25],
        [0.25, 1, 0.25, 0.25, 1, 0.5], [1, 0.5, 0.25, 0.5, 0.25, 1], [0.25, 0.5, 1, 0.25, 0.5, 1],
        [0.5, 1, 1, 1, 0.25, 0.5], [0.75, 0.25, 0.5, 0.75, 0.75, 0.75],
        [0.125, 0.125, 0.125, 0.125, 0.125, 0.125], [0.75, 0.75, 0.25, 0.5, 1, 0.25],
    ]

    /// All that are timed to learn about networks pruned from `model`.
    static func all(for model: Blueprint) -> [LatencyProbe] {
        shares.map { LatencyProbe(model, $0) }
    }

    let blueprint: Blueprint
    private let counts: [Int]

    private init(_ model: Blueprint, _ shares: [Double]) {
        let width = model.width
        let units = model.upsampler.stages.map(\.width) + [model.upsampler.refinementWidth]
        func count(_ share: Double, _ all: Int) -> Int {
            max(Int((share * Double(all)).rounded()), 1)
        }
        let trunk = shares.prefix(3).map { count($0, width) }
        // More stages than shares for them take those from the front again.
        let upsampler = units.indices.map { index in
            count(shares[index == units.count - 1 ? 5 : 3 + index % 2], units[index])
        }
        counts = trunk + upsampler
        var blueprint = Blueprint(
            direction: .unidirectional, width: width, blocks: 0, scale: model.scale,
            activation: model.activation, flow: .init(widths: [2, 2, 2, 2], levels: 2))
        func spread(_ count: Int) -> [Int] { (0..<count).map { $0 * width / count } }
        blueprint[Self.branch] = Array(
            repeating: Blueprint.ResidualBlock(
                keptInputs: spread(trunk[0]), middleWidth: trunk[1], keptOutputs: spread(trunk[2])),
            count: Self.blocks)
        blueprint.upsampler = model.upsampler
        for index in model.upsampler.stages.indices {
            blueprint.upsampler.stages[index].width = upsampler[index]
        }
        blueprint.upsampler.refinementWidth = upsampler[units.count - 1]
        self.blueprint = blueprint
    }

    var blockTerms: [Double] {
        LatencyModel.BlockRates.terms(inputs: counts[0], middle: counts[1], outputs: counts[2])
    }

    var upsamplerTerms: [Double] {
        LatencyModel.upsamplerTerms(Array(counts[3..<counts.count - 1]), counts[counts.count - 1])
    }
}
