import VSRCore
import VSRModel

/// Costs of a network as a function of how many units each prunable layer keeps.
///
/// Equals the blueprint's own costs, but takes microseconds, since solving for a target asks for
/// thousands of candidates.
struct CountedCosts {
    /// What is counted.
    enum Measure { case macs, parameters }

    private struct Block {
        /// Positions of the input, middle and output layers; `nil` where there are no units.
        var input: Int?
        var middle: Int?
        var output: Int?
    }

    private let blueprint: Blueprint
    private let blocks: [Block]
    private let upsampler: [PrunableLayer.UpsamplerUnit: Int]
    /// Weights of the trunks' first convolutions and the fusion.
    private let fixed: Int
    /// Per parameter: pixels for MACs, 1 for parameters.
    private let frameArea: Int
    private let isParameters: Bool

    init(_ blueprint: Blueprint, _ measure: Measure, at size: FrameSize) throws {
        try Self.check(size)
        self.blueprint = blueprint
        let positions = Dictionary(
            blueprint.prunableLayers.enumerated().map { ($1, $0) },
            uniquingKeysWith: { first, _ in first })
        blocks = blueprint.branches.flatMap { branch in
            blueprint[branch].indices.map { index in
                func position(_ unit: PrunableLayer.BlockUnit) -> Int? {
                    positions[.block(branch, index, unit)]
                }
                return Block(
                    input: position(.input), middle: position(.middle), output: position(.output))
            }
        }
        upsampler = Dictionary(
            uniqueKeysWithValues: PrunableLayer.UpsamplerUnit.allCases.compactMap { unit in
                positions[.upsampler(unit)].map { (unit, $0) }
            })
        let firsts = blueprint.branches.map(Blueprint.firstConvolutionName) + ["fusion"]
        fixed = blueprint.layers.filter { firsts.contains($0.name) }
            .reduce(0) { $0 + $1.parameters }
        frameArea = measure == .macs ? size.area : 1
        isParameters = measure == .parameters
    }

    /// Sides up to this keep every count below `Int.max`.
    private static let greatestSide = 16_384

    private static func check(_ size: FrameSize) throws {
        let sides = 1...greatestSide
        guard sides.contains(size.width), sides.contains(size.height) else {
            throw VSRError(
                .invalidArgument,
                "MACs cannot be solved for frames of \(size): sides must be in 1...\(greatestSide)")
        }
    }

    /// The cost where layer `i` keeps `kept[i]` units, without the flow network.
    func cost(keeping kept: [Int]) -> Int {
        func count(_ position: Int?) -> Int { position.map { kept[$0] } ?? 0 }
        var trunk = fixed
        for block in blocks {
            let output = count(block.output)
            let middle = output == 0 ? 0 : count(block.middle)
            trunk += middle * (9 * count(block.input) + 1) + output * (9 * middle + 1)
        }
        return frameArea * (trunk + upsamplerCost(count))
    }

    /// Parameters, or MACs per low-resolution pixel.
    private func upsamplerCost(_ count: (Int?) -> Int) -> Int {
        let widths = Blueprint.Upsampler(
            firstWidth: count(upsampler[.upconv1]),
            secondWidth: blueprint.scale == 4 ? count(upsampler[.upconv2]) : nil,
            refinementWidth: count(upsampler[.refinement])
        ).canonical
        func area(_ resolution: Int) -> Int { isParameters ? 1 : resolution * resolution }
        func convolution(_ inputs: Int, _ outputs: Int) -> Int { outputs * (9 * inputs + 1) }
        let second = widths.secondWidth.map { convolution(widths.firstWidth, 4 * $0) } ?? 0
        let refinement =
            convolution(widths.refinementInputWidth, widths.refinementWidth)
            + convolution(widths.refinementWidth, Frame.channels)
        return convolution(blueprint.width, 4 * widths.firstWidth)
            + area(2) * second + area(blueprint.scale) * refinement
    }
}
