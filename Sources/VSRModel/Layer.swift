import VSRCore

/// One convolution of a network with what follows it directly: padding is half of the kernel,
/// stride 1; then the activation, and a pixel-shuffle, each where there is one.
///
/// `Blueprint+Layers.swift` says which a network has.
public struct Layer: Sendable, Hashable {
    /// What a layer is for; within a network each role is there once.
    public enum Role: Sendable, Hashable {
        /// A trunk's first convolution, which reads the picture and the warped hidden state.
        case first(Blueprint.Branch)
        /// A convolution of the trunk's residual block at an index.
        case block(Blueprint.Branch, Int, BlockConvolution)
        /// Brings the hidden states of all branches together.
        case fusion
        /// The upsampler's convolution at an index among those that a pixel-shuffle follows
        /// (`upconv1`).
        case upconvolution(Int)
        /// The upsampler's convolution at an index among those that none follows (`conv_hr`).
        case refinement(Int)
        /// Gives the picture (`conv_last`), to which the upscaled input is added.
        case output
        /// A convolution of the flow network's level `level`, 0 the coarsest.
        case flow(level: Int, convolution: Int)
    }

    /// A residual block's convolutions.
    public enum BlockConvolution: Sendable, Hashable, CaseIterable {
        case first, second
    }

    /// Which of the three parts of the network it belongs to.
    public enum Part: Sendable, Hashable {
        case trunk(Blueprint.Branch)
        case upsampler
        /// The flow network's level `level`, 0 the coarsest.
        case flow(level: Int)
    }

    public var role: Role
    public var inputs: Int
    public var outputs: Int
    /// Side of the square kernel, in pixels; odd.
    public var kernelSize: Int
    /// Pixels that it is computed for per LR pixel along each axis; the flow network's levels are
    /// described by ``Part`` instead.
    public var resolution = 1
    /// The factor of the pixel-shuffle that follows; 1 for none.
    public var shuffle = 1
    /// What is done to the filters' values, before they are shuffled; `nil` for nothing.
    public var activation: Activation?
    /// The prunable units that its inputs are; `nil` where its inputs are not to be pruned.
    public var inputUnits: UnitGroup?
    /// The prunable units that its filters make, ``filtersPerUnit`` consecutive ones each.
    public var outputUnits: UnitGroup?
    /// What its inputs are, first to last; empty where they never change in number.
    public var reads: [Channels] = []
    /// What its filters make (or add to), ``filtersPerUnit`` consecutive ones each; `nil` where they
    /// never change in number.
    public var makes: Channels?

    /// Channels that layers hand to each other, in a network whose blocks have all of the trunk's.
    public enum Channels: Sendable, Hashable {
        /// The picture.
        case picture
        /// A trunk's features, which are its hidden state too.
        case trunk(Blueprint.Branch)
        /// What the fusion gives.
        case fusion
        /// Units of one layer.
        case units(UnitGroup)
    }

    public init(role: Role, inputs: Int, outputs: Int, kernelSize: Int) {
        self.role = role
        self.inputs = inputs
        self.outputs = outputs
        self.kernelSize = kernelSize
    }

    public var part: Part { role.part }

    /// Filters that a pixel-shuffle makes one channel of.
    public var filtersPerUnit: Int { shuffle * shuffle }

    /// Whether it belongs to the flow network.
    public var isFlow: Bool { role.isFlow }
}

extension Layer.Role {
    public var part: Layer.Part {
        switch self {
        case .first(let branch), .block(let branch, _, _): .trunk(branch)
        case .fusion, .upconvolution, .refinement, .output: .upsampler
        case .flow(let level, _): .flow(level: level)
        }
    }

    /// Whether it belongs to the flow network.
    public var isFlow: Bool {
        if case .flow = self { return true }
        return false
    }
}
