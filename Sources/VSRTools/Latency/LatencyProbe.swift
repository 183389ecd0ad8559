import VSRModel
import VSRPruning

/// A small network that is timed.
struct LatencyProbe {
    static let blocks = 4
    /// The one branch of the online networks that are timed; blocks take the same time in all.
    static let branch = Blueprint.Branch.forward

    /// Shares that the small networks keep.
    ///
    /// Of blocks' inputs, middles, outputs, of the upsampler's first convolutions, in turn, and of
    /// its last; no two alike, so that all rates show.
    private static let shares: [[Double]] = [
        [1, 1, 1, 1, 1, 1], [0.5, 0.5, 0.5, 0.5, 0.5, 0.5], [1, 0.25, 1, 1, 0.5, 0.25],
        [0.25, 1, 0.25, 0.25, 1, 0.5], [1, 0.5, 0.25, 0.5, 0.25, 1], [0.25, 0.5, 1, 0.25, 0.5, 1],
        [0.5, 1, 1, 1, 0.25, 0.5], [0.75, 0.25, 0.5, 0.75, 0.75, 0.75],
        [0.125, 0.125, 0.125, 0.125, 0.125, 0.125], [0.75, 0.75, 0.25, 0.5, 1, 0.25],
    ]

    /// The share that convolution `index` of `count` of the upsampler keeps in probe `number`.
    ///
    /// Those beyond the first two and the last, and probes beyond the tenth, take the shares of other
    /// rows, so that again no two are alike.
    private static func share(_ number: Int, _ index: Int, of count: Int) -> Double {
        let isLast = index == count - 1
        let row = number + number / shares.count * (index + 1) + (isLast ? 0 : 3 * (index / 2))
        return shares[row % shares.count][isLast ? 5 : 3 + index % 2]
    }

    /// All that are timed to learn about networks pruned from `model`: ten, and two more for each
    /// convolution of the upsampler beyond the third, which adds two rates.
    static func all(for model: Blueprint) -> [LatencyProbe] {
        let more = max(model.upsampler.convolutions.count - 3, 0)
        return (0..<shares.count + 2 * more).map { LatencyProbe(model, number: $0) }
    }

    let blueprint: Blueprint
    /// Kept inputs, middle filters and kept outputs of each block.
    private let counts: [Int]

    private init(_ model: Blueprint, number: Int) {
        let width = model.width
        func count(_ share: Double, _ all: Int) -> Int {
            max(Int((share * Double(all)).rounded()), 1)
        }
        let trunk = Self.shares[number % Self.shares.count].prefix(3).map { count($0, width) }
        counts = trunk
        var blueprint = Blueprint(
            direction: .unidirectional, width: width, blocks: 0, scale: model.scale,
            activation: model.activation, flow: .init(widths: [2, 2, 2, 2], levels: 2))
        func spread(_ count: Int) -> [Int] { (0..<count).map { $0 * width / count } }
        blueprint[Self.branch] = Array(
            repeating: Blueprint.ResidualBlock(
                keptInputs: spread(trunk[0]), middleWidth: trunk[1], keptOutputs: spread(trunk[2])),
            count: Self.blocks)
        blueprint.upsampler = model.upsampler
        let convolutions = model.upsampler.convolutions
        for (index, convolution) in convolutions.enumerated() {
            blueprint.upsampler.convolutions[index].width = count(
                Self.share(number, index, of: convolutions.count), convolution.width)
        }
        self.blueprint = blueprint
    }

    var blockTerms: [Double] {
        LatencyModel.BlockRates.terms(inputs: counts[0], middle: counts[1], outputs: counts[2])
    }

    var upsamplerTerms: [Double] {
        LatencyModel.upsamplerTerms(blueprint.upsampler.convolutions.map(\.width))
    }
}
