import VSRCore

/// The architecture of a network as data: everything that determines its layers, tensor names and
/// shapes, prunable units and costs.
///
/// A dense network and every network pruned from it are values of this one type.
///
/// Source: BasicVSR, Chan et al., CVPR 2021; pruned structure, Residual Sparsity Connection of
/// Xia et al., CVPR 2023.
public struct Blueprint: Sendable, Hashable, Codable {
    /// Which propagation branches the network has.
    public enum Direction: String, Sendable, Hashable, Codable {
        /// Forward in time only: online, frame by frame.
        case unidirectional = "uni"
        /// Backward, then forward: needs the frames to come.
        case bidirectional = "bi"
    }

    /// A propagation branch.
    public enum Branch: String, Sendable, Hashable, Codable, CaseIterable {
        case backward, forward

        /// The prefix of the branch's tensors, as in BasicSR.
        public var trunkName: String { "\(rawValue)_trunk" }
    }

    public var direction: Direction

    /// Output pixels per input pixel along each axis: 2 or 4.
    public var scale: Int

    /// Channels of the trunk and of the hidden state, `C`.
    public var width: Int

    /// Negative slope of the LeakyReLU after every convolution outside the residual blocks and the
    /// flow network: 0.1 in BasicVSR, 0 for weights of networks trained with ReLU.
    public var negativeSlope: Float

    /// The residual blocks of each branch that the direction has, first to last.
    public var backward: [ResidualBlock]
    public var forward: [ResidualBlock]

    public var upsampler: Upsampler

    public var flow: FlowNetwork

    /// The branches of this network, in layer order.
    public var branches: [Branch] {
        direction == .bidirectional ? [.backward, .forward] : [.forward]
    }

    /// The residual blocks of `branch`.
    public subscript(branch: Branch) -> [ResidualBlock] {
        get { branch == .backward ? backward : forward }
        set { if branch == .backward { backward = newValue } else { forward = newValue } }
    }

    /// A dense network.
    ///
    /// - Parameters:
    ///   - width: Channels of trunk and hidden state, `C`.
    ///   - blocks: Residual blocks per branch, `N`.
    ///   - upsamplerWidth: Channels of the high-resolution stage, `Cu`; by default `width`.
    public init(
        direction: Direction, width: Int = 64, blocks: Int = 30, upsamplerWidth: Int? = nil,
        scale: Int = 4, negativeSlope: Float = 0.1, flow: FlowNetwork = .full
    ) {
        let dense = Array(repeating: ResidualBlock(width: width), count: blocks)
        self.direction = direction
        self.scale = scale
        self.width = width
        self.negativeSlope = negativeSlope
        self.backward = direction == .bidirectional ? dense : []
        self.forward = dense
        self.upsampler = Upsampler(
            inputWidth: width, width: upsamplerWidth ?? width, scale: scale)
        self.flow = flow
    }
}

extension Blueprint {
    /// A residual block with Residual Sparsity Connection: all `C` channels pass through, the
    /// convolutions see some of them.
    ///
    /// `m = ReLU(conv1(x[keptInputs]))`, `y = conv2(m)`, `x[keptOutputs] += y`. Canonical forms:
    /// without outputs, no inputs and no middle either (the block is dropped); without a middle, no
    /// inputs (`y` is conv2's bias).
    public struct ResidualBlock: Sendable, Hashable, Codable {
        /// Channels of the trunk that conv1 reads, ascending.
        public var keptInputs: [Int]
        /// Filters of conv1.
        public var middleWidth: Int
        /// Channels of the trunk that conv2 adds to, ascending; one filter each.
        public var keptOutputs: [Int]

        public init(keptInputs: [Int], middleWidth: Int, keptOutputs: [Int]) {
            self.keptInputs = keptInputs
            self.middleWidth = middleWidth
            self.keptOutputs = keptOutputs
        }

        /// A dense block of `width` channels.
        public init(width: Int) {
            self.init(
                keptInputs: Array(0..<width), middleWidth: width, keptOutputs: Array(0..<width))
        }

        /// Whether the block adds nothing.
        public var isDropped: Bool { keptOutputs.isEmpty }

        /// The same function in canonical form: what cannot influence the output is left out.
        public var canonical: ResidualBlock {
            if keptOutputs.isEmpty {
                return ResidualBlock(keptInputs: [], middleWidth: 0, keptOutputs: [])
            }
            if middleWidth == 0 {
                return ResidualBlock(keptInputs: [], middleWidth: 0, keptOutputs: keptOutputs)
            }
            return self
        }
    }

    /// Widths of the stage that turns hidden states into high-resolution frames.
    public struct Upsampler: Sendable, Hashable, Codable {
        /// Channels after the first pixel-shuffle: `upconv1` has four filters for each.
        public var firstWidth: Int
        /// Channels after the second pixel-shuffle; `nil` where the scale is 2.
        public var secondWidth: Int?
        /// Filters of `conv_hr`.
        public var refinementWidth: Int

        public init(firstWidth: Int, secondWidth: Int?, refinementWidth: Int) {
            self.firstWidth = firstWidth
            self.secondWidth = secondWidth
            self.refinementWidth = refinementWidth
        }

        /// A dense upsampler from `inputWidth` (`C`) to `width` (`Cu`) channels.
        public init(inputWidth: Int, width: Int, scale: Int) {
            self.init(
                firstWidth: scale == 4 ? inputWidth : width,
                secondWidth: scale == 4 ? width : nil, refinementWidth: width)
        }

        /// The same function in canonical form: layers whose outputs nothing reads are empty.
        public var canonical: Upsampler {
            var result = self
            if refinementWidth == 0, secondWidth != nil { result.secondWidth = 0 }
            if result.refinementInputWidth == 0 || refinementWidth == 0 { result.firstWidth = 0 }
            return result
        }

        /// Channels that `conv_hr` reads.
        public var refinementInputWidth: Int { secondWidth ?? firstWidth }
    }

    /// SPyNet's shape: `levels` modules of five 7×7 convolutions 8 → w₀ → w₁ → w₂ → w₃ → 2.
    ///
    /// Source: Ranjan & Black, CVPR 2017 (widths 32, 64, 32, 16; 6 levels).
    public struct FlowNetwork: Sendable, Hashable, Codable {
        /// Output channels of each module's first four convolutions.
        public var widths: [Int]
        /// Pyramid levels, the coarsest first.
        public var levels: Int

        public init(widths: [Int], levels: Int = 6) {
            self.widths = widths
            self.levels = levels
        }

        public static let full = FlowNetwork(widths: [32, 64, 32, 16])
        public static let half = FlowNetwork(widths: [16, 32, 16, 8])
        public static let quarter = FlowNetwork(widths: [8, 16, 8, 4])

        /// Channels of the inputs [reference 3, warped 3, flow 2] and of the flow that results.
        public static let inputWidth = 8
        public static let outputWidth = 2

        /// Channel counts along one module: `[8, w₀, w₁, w₂, w₃, 2]`.
        public var channelChain: [Int] {
            [FlowNetwork.inputWidth] + widths + [FlowNetwork.outputWidth]
        }
    }
}
