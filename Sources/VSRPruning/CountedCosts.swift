import VSRCore
import VSRModel

/// Costs of a network as a function of how many units each group keeps.
///
/// Equals the blueprint's own costs, but takes microseconds, since solving for a target asks for
/// thousands of candidates.
struct CountedCosts {
    /// What is counted.
    enum Measure {
        case macs, parameters

        /// A number of these, as people write it.
        func text(_ count: Int) -> String {
            switch self {
            case .macs: count.counted("MAC")
            case .parameters: count.counted("parameter")
            }
        }
    }

    /// A convolution's cost by what it keeps.
    private struct Convolution {
        /// Positions of the groups that its inputs and filters are; `nil` where they stay.
        var inputUnits: Int?
        var outputUnits: Int?
        /// Counts where units are `nil`.
        var inputs: Int
        var outputs: Int
        var filtersPerUnit: Int
        /// What is counted, for one pixel.
        var count: LayerCount
        /// Pixels for MACs, 1 for parameters.
        var area: Int
        /// Whether the one after it reads its outputs and nothing else does.
        var feedsNext = false
    }

    private let convolutions: [Convolution]

    init(_ blueprint: Blueprint, _ measure: Measure, at size: FrameSize) throws {
        try Self.check(size)
        let positions = Dictionary(
            blueprint.unitGroups.enumerated().map { ($1, $0) },
            uniquingKeysWith: { first, _ in first })
        let layers = blueprint.layers.filter { !$0.isFlow }
        var convolutions = layers.map { layer in
            Convolution(
                inputUnits: layer.inputUnits.flatMap { positions[$0] },
                outputUnits: layer.outputUnits.flatMap { positions[$0] },
                inputs: layer.inputs, outputs: layer.outputs,
                filtersPerUnit: layer.filtersPerUnit,
                count: measure == .macs ? layer.macCount : layer.parameterCount,
                area: measure == .macs ? size.area * layer.resolution * layer.resolution : 1)
        }
        for (index, next) in layers.indices.dropFirst().enumerated() {
            let units = layers[index].outputUnits
            convolutions[index].feedsNext = units != nil && layers[next].inputUnits == units
        }
        self.convolutions = convolutions
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
    ///
    /// As in canonical forms, a convolution whose outputs nothing reads has no filters.
    func cost(keeping kept: [Int]) -> Int {
        var cost = 0
        // From the last convolution on, since what one needs depends on the next.
        var isNextEmpty = false
        for convolution in convolutions.reversed() {
            var outputs =
                convolution.outputUnits.map { convolution.filtersPerUnit * kept[$0] }
                ?? convolution.outputs
            if convolution.feedsNext, isNextEmpty { outputs = 0 }
            isNextEmpty = outputs == 0
            let inputs = convolution.inputUnits.map { kept[$0] } ?? convolution.inputs
            cost += convolution.area * convolution.count(inputs: inputs, outputs: outputs)
        }
        return cost
    }
}
