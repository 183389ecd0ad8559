import Torch
import VSRData
import VSRModel
import VSRNetworks

/// A training batch on the network's device.
public struct ClipBatch {
    /// Low-resolution frames `[B, T, 3, h, w]`.
    public var low: Tensor
    /// The frames that they were made from, `[B, T, 3, sh, sw]`.
    public var high: Tensor
    /// What a teacher made of the whole clips, cut like ``high``.
    public var taught: Tensor?
    /// Flows of the whole frames, as `AssembledNetwork.flows(of:)` gives those of ``low``.
    public var flows: [Blueprint.Branch: Tensor]?
    /// Low-resolution frames around ``low``, on which states are warmed up; `nil` for none.
    public var surroundings: FrameSurroundings?
    /// Their flows, as `AssembledNetwork.flows(around:_:)` gives them, of the whole frames.
    public var flowsAround: [Blueprint.Branch: Tensor]?

    public init(low: Tensor, high: Tensor) {
        self.low = low
        self.high = high
    }

    /// The same batch with its pictures stored pixel by pixel.
    func channelsLast() throws -> ClipBatch {
        var result = self
        (result.low, result.high) = (try low.framesChannelsLast(), try high.framesChannelsLast())
        result.taught = try taught?.framesChannelsLast()
        result.surroundings = try surroundings.map {
            FrameSurroundings(
                before: try $0.before?.framesChannelsLast(),
                after: try $0.after?.framesChannelsLast())
        }
        return result
    }

    /// - Parameters:
    ///   - taught: Frames of the whole clips by a teacher.
    ///   - flows: Flows of the whole clips, for these branches.
    init(
        _ batch: TrainingBatch, device: Device, isChannelsLast: Bool, taught: ClipFrames? = nil,
        flows: ClipFlows? = nil, branches: [Blueprint.Branch] = []
    ) throws {
        func tensor(_ values: [Float], _ scale: Int, frames: Int? = nil) throws -> Tensor {
            let (height, width) = (batch.size.height * scale, batch.size.width * scale)
            let clips = try Tensor(
                values, shape: [batch.batchSize, frames ?? batch.frames, 3, height, width],
                device: device)
            return isChannelsLast ? try clips.framesChannelsLast() : clips
        }
        low = try tensor(batch.lowResolution, 1)
        high = try tensor(batch.highResolution, batch.scale)
        self.taught = try taught.map { try tensor($0.crops(of: batch), batch.scale) }
        if batch.framesBefore + batch.framesAfter > 0 {
            func around(_ values: [Float], _ frames: Int) throws -> Tensor? {
                frames > 0 ? try tensor(values, 1, frames: frames) : nil
            }
            surroundings = FrameSurroundings(
                before: try around(batch.before, batch.framesBefore),
                after: try around(batch.after, batch.framesAfter))
        }
        guard let flows else { return }
        try take(flows, batch, branches, device)
    }

    /// Takes the flows of whole frames.
    private mutating func take(
        _ source: ClipFlows, _ batch: TrainingBatch, _ branches: [Blueprint.Branch],
        _ device: Device
    ) throws {
        func tensor(_ values: [Float], pairs: Int) throws -> Tensor {
            try Tensor(
                values,
                shape: [batch.batchSize, pairs, 2, batch.size.height, batch.size.width],
                device: device)
        }
        if surroundings != nil {
            let before = batch.framesBefore > 0 ? try source.cropsBefore(batch) : []
            let after = batch.framesAfter > 0 ? try source.cropsAfter(batch) : []
            var around: [Blueprint.Branch: Tensor] = [:]
            for branch in branches {
                let pairs = branch.isCausal ? batch.framesBefore : batch.framesAfter
                guard pairs > 0 else { continue }
                around[branch] = try tensor(branch.isCausal ? before : after, pairs: pairs)
            }
            flowsAround = around
        }
        // A single frame has no flows.
        guard batch.frames > 1 else { return }
        let crops = try source.crops(of: batch)
        flows = try Dictionary(
            uniqueKeysWithValues: branches.map { branch in
                // The reference is the frame that a flow starts from.
                let values = branch.flowPair(earlier: crops.fromEarlier, later: crops.fromLater)
                return (branch, try tensor(values.reference, pairs: batch.frames - 1))
            })
    }
}

extension Tensor {
    /// Clips `[B, T, 3, H, W]` whose frames are stored pixel by pixel.
    fileprivate func framesChannelsLast() throws -> Tensor {
        try reshaped([shape[0] * shape[1]] + shape[2...]).contiguous(.channelsLast).reshaped(shape)
    }
}
