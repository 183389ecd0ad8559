import Torch
import VSRCore
import VSRModel

/// Upscales streams of frames with a differentiable network, for evaluation while it is trained.
///
/// Online networks return every frame at once; those that need the frames to come hold the clip
/// back until it ends. To be used from one thread.
public final class TorchUpscaler: Upscaling {
    private let network: AssembledNetwork
    private let isChannelsLast: Bool
    private var size: FrameSize?
    private var held: [Tensor] = []
    private var hidden: [Blueprint.Branch: Tensor] = [:]

    public var scale: Int { network.blueprint.scale }

    public init(_ network: AssembledNetwork, isChannelsLast: Bool = false) {
        self.network = network
        self.isChannelsLast = isChannelsLast
    }

    public func push(_ frame: Frame) throws -> [Frame] {
        if let size, size != frame.size {
            throw VSRError(
                .shapeMismatch, "a frame is \(frame.size) in a clip of \(size): upscale it apart")
        }
        size = frame.size
        return try Torch.withoutGradients {
            let picture = try tensor(of: frame)
            guard !network.blueprint.needsFutureFrames else {
                held.append(picture)
                return []
            }
            return [try step(picture)]
        }
    }

    public func finish() throws -> [Frame] {
        defer {
            held = []
            hidden = [:]
            size = nil
        }
        // An online network holds its last frame back for the flow only.
        guard network.blueprint.needsFutureFrames, !held.isEmpty, let size else {
            return []
        }
        return try Torch.withoutGradients {
            let output = try network(try Tensor.stacked(held, along: 1)).frames
            let count = held.count
            return try (0..<count).map { index in
                Frame(
                    size: size.scaled(by: scale),
                    samples: try output.selected(index, along: 1).floats())
            }
        }
    }

    private func step(_ picture: Tensor) throws -> Frame {
        let flow = try held.last.map {
            try network.flow(reference: picture, supporting: $0)
        }
        let states = try network.blueprint.branches.map { branch in
            let state = try network.advanced(
                branch, frame: picture, previous: hidden[branch], flow: flow)
            hidden[branch] = state
            return state
        }
        held = [picture]
        let output = try network.upsampler(
            frames: picture, hidden: AssembledNetwork.together(states, along: 1))
        let shape = output.shape
        return Frame(
            size: FrameSize(width: shape[3], height: shape[2]), samples: try output.floats())
    }

    private func tensor(of frame: Frame) throws -> Tensor {
        let picture = try Tensor(
            frame.samples, shape: [1, Frame.channels, frame.height, frame.width],
            device: network.device)
        return isChannelsLast ? try picture.contiguous(.channelsLast) : picture
    }
}
