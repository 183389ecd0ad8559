import VSRCore
import VSRModel

/// A network executed by the plain C kernels, step by step: slow, obvious, and what every other
/// executor is measured against.
///
/// Pure functions throughout: hidden states and flows go in and out as values, so that a test can
/// look at them or put others in their place.
///
/// Source: BasicVSR, Chan et al., CVPR 2021; residual sparsity connection, Xia et al., CVPR 2023.
public struct ReferenceNetwork: Sendable {
    private struct Block {
        let kept: Blueprint.ResidualBlock
        let convolutions: ReferenceChain
    }

    private struct Trunk {
        let first: ReferenceConvolution
        let blocks: [Block]
    }

    public let blueprint: Blueprint
    private let trunks: [Blueprint.Branch: Trunk]
    private let flowNetwork: ReferenceFlowNetwork
    private let upsampler: ReferenceChain

    /// - Throws: `notFound` or `shapeMismatch` naming a tensor that the model lacks,
    ///   `invalidArgument` if the blueprint is not valid.
    public init(_ model: Model) throws {
        let blueprint = model.blueprint
        try blueprint.validate()
        self.blueprint = blueprint
        self.flowNetwork = try ReferenceFlowNetwork(model)
        var trunks: [Blueprint.Branch: Trunk] = [:]
        for branch in blueprint.branches {
            let blocks = try blueprint[branch].enumerated().filter { !$1.isDropped }
                .map { index, kept in
                    Block(
                        kept: kept,
                        convolutions: try ReferenceChain(
                            blueprint.blockLayers(branch, index), of: model))
                }
            trunks[branch] = Trunk(
                first: try ReferenceConvolution(blueprint.firstLayer(branch), of: model),
                blocks: blocks)
        }
        self.trunks = trunks
        self.upsampler = try ReferenceChain(blueprint.upsamplerLayers, of: model)
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
        for block in trunk.blocks {
            let change = block.convolutions(features.gathered(block.kept.keptInputs))
            features.scatterAdd(change, to: block.kept.keptOutputs)
        }
        return features
    }

    /// The high-resolution frame from the hidden states at `frame`, one of each of the blueprint's
    /// branches, in their order.
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
        let features = upsampler(FeatureMap(concatenating: states))
        let base = FeatureMap(frame).resized(to: features.size, alignCorners: false)
        return Frame(size: features.size, samples: (features + base).samples)
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
