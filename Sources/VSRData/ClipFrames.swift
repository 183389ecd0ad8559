import VSRCore

/// Another rendering of each training clip's high-resolution frames, such as a teacher's, at 8 bits.
public struct ClipFrames: Sendable {
    private let clips: [ClipPlanes<UInt8>]

    /// - Parameter clips: `[frames, 3, height, width]` of every clip, in the clips' order.
    public init(_ clips: [ClipPlanes<UInt8>]) { self.clips = clips }

    /// The crops that belong to a batch's high-resolution ones: of the same shape, in `0...1`.
    ///
    /// - Throws: `io` or `corruptData` naming a file that has gone or changed.
    public func crops(of batch: TrainingBatch) throws -> [Float] {
        let patch = batch.size.scaled(by: batch.scale)
        let picture = 3 * patch.area
        let total = batch.batchSize * batch.frames * picture
        return try [Float](unsafeUninitializedCapacity: total) { output, count in
            for sample in batch.samples {
                let clip = clips[sample.clip]
                let walk = CropWalk(sample, scale: batch.scale, patch: patch, size: clip.size)
                try clip.withSamples { samples in
                    for frame in sample.frames {
                        clip.crop(
                            frame, of: samples, planes: [0, 1, 2], walk, to: output, at: count
                        ) { level, _ in Float(level) / 255 }
                        count += picture
                    }
                }
            }
        }
    }
}
