import Torch
import VSRData
import VSRModel

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

    public init(low: Tensor, high: Tensor) {
        self.low = low
        self.high = high
    }

    /// The same batch with its pictures stored pixel by pixel.
    func channelsLast() throws -> ClipBatch {
        var result = self
        (result.low, result.high) = (try low.framesChannelsLast(), try high.framesChannelsLast())
        result.taught = try taught?.framesChannelsLast()
        return result
    }

    /// - Parameters:
    ///   - taught: Frames of the whole clips by a teacher.
    ///   - flows: Flows of the whole clips, for these branches.
    init(
        _ batch: TrainingBatch, device: Device, isChannelsLast: Bool, taught: ClipFrames? = nil,
        flows: ClipFlows? = nil, branches: [Blueprint.Branch] = []
    ) throws {
        func tensor(_ values: [Float], _ scale: Int) throws -> Tensor {
            let (height, width) = (batch.size.height * scale, batch.size.width * scale)
            let clips = try Tensor(
                values, shape: [batch.batchSize, batch.frames, 3, height, width], device: device)
            return isChannelsLast ? try clips.framesChannelsLast() : clips
        }
        low = try tensor(batch.lowResolution, 1)
        high = try tensor(batch.highResolution, batch.scale)
        self.taught = try taught.map { try tensor($0.crops(of: batch), batch.scale) }
        // A single frame has no flows.
        guard let flows, batch.frames > 1 else { return }
        let crops = try flows.crops(of: batch)
        let shape = [batch.batchSize, batch.frames - 1, 2, batch.size.height, batch.size.width]
        self.flows = try Dictionary(
            uniqueKeysWithValues: branches.map { branch in
                // The reference is the frame that a flow starts from.
                let values = branch.flowPair(earlier: crops.fromEarlier, later: crops.fromLater)
                return (branch, try Tensor(values.reference, shape: shape, device: device))
            })
    }
}

extension Tensor {
    /// Clips `[B, T, 3, H, W]` whose frames are stored pixel by pixel.
    fileprivate func framesChannelsLast() throws -> Tensor {
        try reshaped([shape[0] * shape[1]] + shape[2...]).contiguous(.channelsLast).reshaped(shape)
    }
}
