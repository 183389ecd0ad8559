import VSRCore
import VSRModel

/// Predicts how long a network takes for a frame from how many units each layer keeps.
///
/// A convolution by Winograd's method takes time for each input (its transform), for each filter
/// (the transform back) and for each pair of them (the products), so that halving a layer's filters
/// does not halve its time. The rates are those of one machine, frame size and number of threads.
public struct LatencyModel: Sendable, Hashable {
    /// What residual blocks take, in milliseconds for one block and frame of a branch.
    public struct BlockRates: Sendable, Hashable {
        /// A block that is not dropped, however few channels it has.
        public var block: Double
        public var input: Double
        public var middle: Double
        public var output: Double
        public var inputMiddle: Double
        public var middleOutput: Double

        public init(_ rates: [Double]) {
            block = rates[0]
            input = rates[1]
            middle = rates[2]
            output = rates[3]
            inputMiddle = rates[4]
            middleOutput = rates[5]
        }

        /// What each rate is multiplied by, in their order.
        public static func terms(inputs: Int, middle: Int, outputs: Int) -> [Double] {
            guard outputs > 0 else { return Array(repeating: 0, count: 6) }
            let (i, m, o) = (Double(middle > 0 ? inputs : 0), Double(middle), Double(outputs))
            return [1, i, m, o, i * m, m * o]
        }

        var values: [Double] { [block, input, middle, output, inputMiddle, middleOutput] }
    }

    /// What the frame takes however little is left: flow, warp, fusion, first convolutions.
    public var fixed: Double
    public var blocks: BlockRates
    /// The upsampler's rates, in milliseconds a frame, in the order of ``upsamplerTerms(_:)``.
    public var upsampler: [Double]
    /// Frames that a branch is computed for, for each frame that comes out: more than 1 backward,
    /// where windows look ahead.
    public var stepsPerFrame: [Blueprint.Branch: Double]
    /// What all but ``fixed`` is multiplied by: 1 until a measured network corrects it.
    public var correction = 1.0

    public init(
        fixed: Double, blocks: BlockRates, upsampler: [Double],
        stepsPerFrame: [Blueprint.Branch: Double]
    ) {
        self.fixed = fixed
        self.blocks = blocks
        self.upsampler = upsampler
        self.stepsPerFrame = stepsPerFrame
    }

    /// What the upsampler's rates are multiplied by: 1, the units of each convolution, the products
    /// of neighbors.
    public static func upsamplerTerms(_ widths: [Int]) -> [Double] {
        let units = widths.map(Double.init)
        return [1] + units + zip(units, units.dropFirst()).map(*)
    }

    /// Milliseconds for a frame of the network.
    public func milliseconds(of blueprint: Blueprint) -> Double {
        let branches = blueprint.branches.map { branch in
            stepsPerFrame[branch, default: 1]
                * blueprint[branch].reduce(0) {
                    $0
                        + trunk(
                            inputs: $1.keptInputs.count, middle: $1.middleWidth,
                            outputs: $1.keptOutputs.count)
                }
        }
        return fixed
            + correction
            * (branches.reduce(0, +) + upsampler(blueprint.upsampler.convolutions.map(\.width)))
    }

    /// One block of one branch and frame, not corrected.
    func trunk(inputs: Int, middle: Int, outputs: Int) -> Double {
        Self.product(
            blocks.values,
            BlockRates.terms(inputs: inputs, middle: middle, outputs: outputs))
    }

    /// The upsampler, not corrected.
    func upsampler(_ widths: [Int]) -> Double {
        Self.product(upsampler, Self.upsamplerTerms(widths))
    }

    private static func product(_ rates: [Double], _ terms: [Double]) -> Double {
        zip(rates, terms).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// The model that predicts `milliseconds` for the network, by another correction.
    public func corrected(_ blueprint: Blueprint, took milliseconds: Double) -> LatencyModel {
        let variable = self.milliseconds(of: blueprint) - fixed
        guard variable > 0, milliseconds > fixed else { return self }
        var result = self
        result.correction *= (milliseconds - fixed) / variable
        return result
    }
}
