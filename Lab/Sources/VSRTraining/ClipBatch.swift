import Torch
import VSRData

/// A training batch on the network's device.
public struct ClipBatch {
    /// Low-resolution frames `[B, T, 3, h, w]`.
    public var low: Tensor
    /// The frames that they were made from, `[B, T, 3, sh, sw]`.
    public var high: Tensor

    public init(low: Tensor, high: Tensor) {
        self.low = low
        self.high = high
    }

    init(_ batch: TrainingBatch, device: Device, isChannelsLast: Bool) throws {
        func tensor(_ values: [Float], _ scale: Int) throws -> Tensor {
            let (height, width) = (batch.size.height * scale, batch.size.width * scale)
            let frames = batch.batchSize * batch.frames
            let flat = try Tensor(values, shape: [frames, 3, height, width], device: device)
            return try (isChannelsLast ? flat.contiguous(.channelsLast) : flat)
                .reshaped([batch.batchSize, batch.frames, 3, height, width])
        }
        low = try tensor(batch.lowResolution, 1)
        high = try tensor(batch.highResolution, batch.scale)
    }
}
