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
    public var direction: Direction

    /// Output pixels per input pixel along each axis: 2 or 4.
    public var scale: Int

    /// Channels of the trunk and of the hidden state, `C`.
    public var width: Int

    /// What follows every convolution but the last outside the residual blocks and the flow
    /// network.
    public var activation: Activation

    /// Without entries for branches that have no blocks.
    private(set) var blocks: [Branch: [ResidualBlock]] = [:]

    public var upsampler: Upsampler

    public var flow: FlowNetwork

    /// The residual blocks of `branch`, first to last; none where the direction lacks the branch.
    public subscript(branch: Branch) -> [ResidualBlock] {
        get { blocks[branch] ?? [] }
        set { blocks[branch] = newValue.isEmpty ? nil : newValue }
    }

    /// The residual blocks of the first branch backward in time.
    public var backward: [ResidualBlock] {
        get { self[.backward] }
        set { self[.backward] = newValue }
    }

    /// The residual blocks of the first branch forward in time.
    public var forward: [ResidualBlock] {
        get { self[.forward] }
        set { self[.forward] = newValue }
    }

    /// A dense network.
    ///
    /// - Parameters:
    ///   - width: Channels of trunk and hidden state, `C`.
    ///   - blocks: Residual blocks per branch, `N`.
    ///   - upsamplerWidth: Channels of the high-resolution layers, `Cu`; by default `width`.
    public init(
        direction: Direction, width: Int = 64, blocks: Int = 30, upsamplerWidth: Int? = nil,
        scale: Int = 4, activation: Activation = .basicVSR, flow: FlowNetwork = .full
    ) {
        self.direction = direction
        self.scale = scale
        self.width = width
        self.activation = activation
        self.upsampler = Upsampler(
            inputWidth: width, width: upsamplerWidth ?? width, scale: scale)
        self.flow = flow
        let dense = Array(repeating: ResidualBlock(width: width), count: blocks)
        for branch in branches { self[branch] = dense }
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

    /// What turns hidden states into high-resolution frames: the convolutions between the fusion and
    /// the one that gives the picture.
    public struct Upsampler: Sendable, Hashable, Codable {
        /// A 3×3 convolution and the pixel-shuffle after it.
        public struct Convolution: Sendable, Hashable {
            /// Output pixels per input pixel along each axis: 2 or 4, or 1 for a refinement, which no
            /// pixel-shuffle follows.
            public var factor: Int
            /// Channels after the pixel-shuffle.
            public var width: Int

            public init(factor: Int = 2, width: Int) {
                self.factor = factor
                self.width = width
            }

            /// Filters of the convolution: `factor²` for each channel.
            public var filters: Int { factor * factor * width }
        }

        /// First to last, each reading what the one before gives; their factors multiply to the
        /// scale.
        public var convolutions: [Convolution]

        public init(convolutions: [Convolution]) { self.convolutions = convolutions }

        /// Convolutions of factor 2, then refinements, with the given widths.
        public init(widths: [Int], refinementWidths: [Int]) {
            self.init(
                convolutions: widths.map { Convolution(width: $0) }
                    + refinementWidths.map { Convolution(factor: 1, width: $0) })
        }

        /// BasicVSR's dense upsampler from `inputWidth` (`C`) to `width` (`Cu`) channels: two
        /// convolutions of factor 2 where the scale is 4, otherwise one, and a refinement.
        public init(inputWidth: Int, width: Int, scale: Int) {
            self.init(
                widths: scale == 4 ? [inputWidth, width] : [width], refinementWidths: [width])
        }

        /// A dense upsampler that shuffles by the whole scale at once, then refines.
        public static func oneStep(width: Int, scale: Int) -> Upsampler {
            Upsampler(
                convolutions: [scale, 1].map { Convolution(factor: $0, width: width) })
        }

        /// Output pixels per input pixel along each axis; saturated.
        public var scale: Int { convolutions.reduce(1) { $0.saturatingProduct($1.factor) } }

        /// The same function in canonical form: layers whose outputs nothing reads are empty.
        public var canonical: Upsampler {
            var result = self
            var isRead = true
            for index in convolutions.indices.reversed() {
                if !isRead { result.convolutions[index].width = 0 }
                isRead = result.convolutions[index].width > 0
            }
            return result
        }
    }

    /// The shape of a flow network like SPyNet: at each of `levels` pyramid levels a module of
    /// convolutions 8 → w₀ → w₁ → … → 2 with ReLU between them.
    ///
    /// Source: Ranjan & Black, CVPR 2017 (five 7×7 convolutions, widths 32, 64, 32, 16; 6 levels).
    public struct FlowNetwork: Sendable, Hashable, Codable {
        /// Output channels of each module's convolutions but the last.
        public var widths: [Int]
        /// Pyramid levels, the coarsest first.
        public var levels: Int
        /// Sides of each module's kernels, one more than there are widths.
        public var kernelSizes: [Int]
        /// How many times smaller than the frame the finest level is: 1, or 2, 4, … where flow is
        /// found in a reduced frame and enlarged.
        public var reduction: Int

        public init(
            widths: [Int], levels: Int = 6, kernelSizes: [Int] = FlowNetwork.publishedKernelSizes,
            reduction: Int = 1
        ) {
            self.widths = widths
            self.levels = levels
            self.kernelSizes = kernelSizes
            self.reduction = reduction
        }

        public static let publishedKernelSizes = [7, 7, 7, 7, 7]

        public static let full = FlowNetwork(widths: [32, 64, 32, 16])
        public static let half = FlowNetwork(widths: [16, 32, 16, 8])
        public static let quarter = FlowNetwork(widths: [8, 16, 8, 4])

        /// Channels of the inputs [reference 3, warped 3, flow 2] and of the flow that results.
        public static let inputWidth = 8
        public static let outputWidth = 2

        /// Channel counts along one module: `[8, w₀, w₁, …, 2]`.
        public var channelChain: [Int] {
            [FlowNetwork.inputWidth] + widths + [FlowNetwork.outputWidth]
        }
    }
}
