import VSRConfiguration
import VSRCore
import VSRModel

/// The architecture of a network to be trained from scratch.
public struct NetworkSettings: Configuration, Equatable {
    /// `uni` works frame by frame, `bi` also looks ahead.
    public var direction = Blueprint.Direction.unidirectional
    /// Channels of trunk and hidden state.
    public var width = 64
    /// Residual blocks per branch.
    public var blocks = 30
    /// Channels of the high-resolution part; as wide as the trunk if left out.
    public var upsamplerWidth: Int?
    /// Upscaling factor, 2 or 4.
    public var scale = 4
    /// What follows the convolutions outside the residual blocks and the flow network, which have
    /// ReLU: a name or the slope of a leaky ReLU.
    public var activation = Activation.basicVSR
    /// Widths of the flow network's levels, one for each convolution but the last; SPyNet's own are
    /// [32, 64, 32, 16].
    public var flowWidths = [32, 64, 32, 16]
    /// Sides of the flow network's kernels, one for each convolution of a level.
    public var flowKernels = Blueprint.FlowNetwork.publishedKernelSizes
    /// Pyramid levels of the flow network.
    public var flowLevels = 6
    /// How many times smaller than the frame the flow network's finest level is, a power of two.
    public var flowReduction = 1
    /// A model file whose flow network is taken over; trained from scratch if left out.
    public var flowWeights: String?

    public init() {}

    /// The network that these settings describe.
    public var blueprint: Blueprint {
        Blueprint(
            direction: direction, width: width, blocks: blocks, upsamplerWidth: upsamplerWidth,
            scale: scale, activation: activation,
            flow: Blueprint.FlowNetwork(
                widths: flowWidths, levels: flowLevels, kernelSizes: flowKernels,
                reduction: flowReduction))
    }

    public func validate() throws {
        try InvalidSetting.require(
            (1...Blueprint.Limit.width).contains(width), "width", width,
            "from 1 to \(Blueprint.Limit.width)")
        try InvalidSetting.require(
            (0...Blueprint.Limit.blocks).contains(blocks), "blocks", blocks,
            "from 0 to \(Blueprint.Limit.blocks)")
        let upsamplerWidth = upsamplerWidth ?? width
        try InvalidSetting.require(
            (0...Blueprint.Limit.width).contains(upsamplerWidth), "upsamplerWidth", upsamplerWidth,
            "from 0 to \(Blueprint.Limit.width)")
        do {
            try blueprint.checkKeys()
        } catch let fault as InvalidSetting {
            var own = fault
            own.key = Self.keys[fault.key] ?? fault.key
            throw own
        }
    }

    /// The blueprint's keys that have another name here.
    private static let keys = [
        "flow.widths": "flowWidths", "flow.kernels": "flowKernels", "flow.levels": "flowLevels",
        "flow.reduction": "flowReduction",
        "negativeSlope": "activation",
    ]
}
