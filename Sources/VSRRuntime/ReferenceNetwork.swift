import VSRCore
import VSRModel

/// A network executed by the plain C kernels, stage by stage: slow, obvious, and what every other
/// executor is measured against.
///
/// Pure functions throughout: hidden states and flows go in and out as values, so that a test can
/// look at them or put others in their place.
///
/// Source: BasicVSR, Chan et al., CVPR 2021; residual sparsity connection, Xia et al., CVPR 2023.
public struct ReferenceNetwork: Sendable {
    /// A residual block's convolutions; `first` is missing where the block has no middle.
    private struct Block {
        let kept: Blueprint.ResidualBlock
        let first: ReferenceConvolution?
        let second: ReferenceConvolution
    }

    private struct Trunk {
        let first: ReferenceConvolution
        let blocks: [Block]
    }

    public let blueprint: Blueprint
    private let trunks: [Blueprint.Branch: Trunk]
    private let flowNetwork: ReferenceFlowNetwork
    private let fusion: ReferenceConvolution
    /// `upconv1` and, where the scale is 4, `upconv2`; `nil` where all filters were removed.
    private let upconvolutions: [ReferenceConvolution?]
    private let refinement: ReferenceConvolution?
    private let last: ReferenceConvolution

    /// - Throws: `notFound` or `shapeMismatch` naming a tensor that the model lacks,
    ///   `invalidArgument` if the blueprint is not valid.
    public init(_ model: Model) throws {
        let blueprint = model.blueprint
        try blueprint.validate()
        self.blueprint = blueprint
        self.flowNetwork = try ReferenceFlowNetwork(model)
        let convolutions = try Dictionary(
            uniqueKeysWithValues: (blueprint.branches.flatMap(blueprint.trunkLayers)
                + blueprint.upsamplerLayers)
                .map { ($0.name, try ReferenceConvolution($0, of: model)) })
        func required(_ name: String) throws -> ReferenceConvolution {
            guard let convolution = convolutions[name] else {
                throw VSRError(.notFound, "the blueprint has no layer \(name)")
            }
            return convolution
        }
        var trunks: [Blueprint.Branch: Trunk] = [:]
        for branch in blueprint.branches {
            var blocks: [Block] = []
            for (index, kept) in blueprint[branch].enumerated() where !kept.isDropped {
                let names = Blueprint.blockNames(branch, index)
                blocks.append(
                    Block(
                        kept: kept, first: convolutions[names.conv1],
                        second: try required(names.conv2)))
            }
            trunks[branch] = Trunk(
                first: try required(Blueprint.firstConvolutionName(branch)), blocks: blocks)
        }
        self.trunks = trunks
        self.fusion = try required("fusion")
        self.upconvolutions = (blueprint.scale == 4 ? ["upconv1", "upconv2"] : ["upconv1"])
            .map { convolutions[$0] }
        self.refinement = convolutions["conv_hr"]
        self.last = try required("conv_last")
    }

    /// Optical flow `[2, height, width]` in pixels: where in `supporting` each pixel of
    /// `reference` is found.
    ///
    /// - Throws: `shapeMismatch` if the pictures differ in size.
    public func flow(reference: Frame, supporting: Frame) throws -> FeatureMap {
        try check(reference.size)
        try check(supporting.size, equals: reference.size, as: "the supporting frame")
        return flowNetwork.flow(
            reference: FeatureMap(reference), supporting: FeatureMap(supporting))
    }

    /// The hidden state `[C, height, width]` of `branch` at `frame`.
    ///
    /// - Parameters:
    ///   - previous: The branch's state at its previous frame; `nil` at the first (zero).
    ///   - flow: From `frame` to that previous frame.
    /// - Throws: `shapeMismatch`, `invalidArgument` if the network has no such branch.
    public func hiddenState(
        _ branch: Blueprint.Branch, frame: Frame, previous: FeatureMap?, flow: FeatureMap?
    ) throws -> FeatureMap {
        guard let trunk = trunks[branch] else {
            throw VSRError(
                .invalidArgument,
                "a \(blueprint.direction.rawValue) network has no \(branch.rawValue) branch")
        }
        try check(frame.size)
        var state = FeatureMap(channels: blueprint.width, size: frame.size)
        if let previous {
            try check(previous, channels: blueprint.width, size: frame.size, as: "the hidden state")
            guard let flow else {
                throw VSRError(.invalidArgument, "a hidden state needs the flow that leads to it")
            }
            try check(flow, channels: 2, size: frame.size, as: "the flow")
            state = previous.warped(by: flow, padding: .zeros)
        }
        var features = trunk.first(FeatureMap(concatenating: [FeatureMap(frame), state]))
            .activated(negativeSlope: blueprint.negativeSlope)
        for block in trunk.blocks { apply(block, to: &features) }
        return features
    }

    /// The high-resolution frame from the hidden states at `frame`: backward, then forward; of a
    /// unidirectional network the forward one.
    public func upsampled(_ frame: Frame, states: [FeatureMap]) throws -> Frame {
        guard states.count == trunks.count else {
            throw VSRError(
                .invalidArgument,
                "\(states.count) hidden states given where the network has \(trunks.count) branches"
            )
        }
        for state in states {
            try check(state, channels: blueprint.width, size: frame.size, as: "the hidden state")
        }
        let slope = blueprint.negativeSlope
        var features = fusion(FeatureMap(concatenating: states)).activated(negativeSlope: slope)
        for convolution in upconvolutions {
            let shuffled = convolution?(features).pixelShuffled()
            let size = features.size.scaled(by: 2)
            features = (shuffled ?? FeatureMap(channels: 0, size: size))
                .activated(negativeSlope: slope)
        }
        features =
            refinement?(features).activated(negativeSlope: slope)
            ?? FeatureMap(channels: 0, size: features.size)
        let base = FeatureMap(frame).resized(to: features.size, alignCorners: false)
        return Frame(size: features.size, samples: (last(features) + base).samples)
    }

    private func apply(_ block: Block, to features: inout FeatureMap) {
        let middle =
            block.first?(features.gathered(block.kept.keptInputs)).activated(negativeSlope: 0)
            ?? FeatureMap(channels: 0, size: features.size)
        features.scatterAdd(block.second(middle), to: block.kept.keptOutputs)
    }

    private func check(_ size: FrameSize) throws {
        guard size.width > 0, size.height > 0 else {
            throw VSRError(.shapeMismatch, "a frame of \(size) has no pixels: give at least 1x1")
        }
    }

    private func check(_ size: FrameSize, equals expected: FrameSize, as name: String) throws {
        guard size == expected else {
            throw VSRError(.shapeMismatch, "\(name) is \(size) where the frame is \(expected)")
        }
    }

    private func check(
        _ map: FeatureMap, channels: Int, size: FrameSize, as name: String
    ) throws {
        try check(map.size, equals: size, as: name)
        guard map.channels == channels else {
            throw VSRError(
                .shapeMismatch, "\(name) has \(map.channels) channels instead of \(channels)")
        }
    }
}
