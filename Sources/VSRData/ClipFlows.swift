import VSRCore

/// Flows between the neighboring frames of each training clip, found on whole frames.
public struct ClipFlows: Sendable {
    /// Planes of a pair's picture: x and y of the flow that starts from the earlier frame, then of
    /// the one that starts from the later frame.
    public static let channels = 4

    private let clips: [ClipPlanes<Float>]

    /// - Parameter clips: `[frames − 1, 4, height, width]` of every clip in low-resolution pixels, in
    ///   the clips' order; picture i belongs to frames i and i + 1.
    public init(_ clips: [ClipPlanes<Float>]) { self.clips = clips }

    /// Flows of a batch's crops, `[batchSize, frames − 1, 2, height, width]` each.
    public struct Crops: Sendable, Equatable {
        /// From each frame of a sample to the next one: it is the reference, the next supports it.
        public var fromEarlier: [Float]
        /// From each frame but the first to the one before it.
        public var fromLater: [Float]
    }

    /// The crops that belong to a batch's low-resolution ones, turned with them.
    ///
    /// Where a sample plays backwards, the earlier frame is the clip's later one. A frame that a
    /// mirrored clip shows twice in a row does not move.
    ///
    /// - Throws: `io` or `corruptData` naming a file that has gone or changed.
    public func crops(of batch: TrainingBatch) throws -> Crops {
        Crops(
            fromEarlier: try crops(of: batch, \.frames) { ($0, $1) },
            fromLater: try crops(of: batch, \.frames) { ($1, $0) })
    }

    /// Those that lead to a batch's samples: from each frame before a sample but the first, and from
    /// the sample's first frame, to the one before it, `[batchSize, framesBefore, 2, height, width]`.
    ///
    /// - Throws: as ``crops(of:)``.
    public func cropsBefore(_ batch: TrainingBatch) throws -> [Float] {
        try crops(of: batch, \.beforeAndFirst) { ($1, $0) }
    }

    /// The same from the samples' last frames and those after them but the last to the next frame,
    /// `[batchSize, framesAfter, 2, height, width]`.
    ///
    /// - Throws: as ``crops(of:)``.
    public func cropsAfter(_ batch: TrainingBatch) throws -> [Float] {
        try crops(of: batch, \.lastAndAfter) { ($0, $1) }
    }

    /// - Parameters:
    ///   - frames: Frames of a sample, between which flows lead.
    ///   - ends: Of two neighbors, the frame that the flow starts from and the one that it leads to.
    private func crops(
        of batch: TrainingBatch, _ frames: KeyPath<TrainingSample, [Int]>,
        _ ends: (Int, Int) -> (reference: Int, supporting: Int)
    ) throws -> [Float] {
        let picture = 2 * batch.size.area
        let pairs = batch.samples.reduce(0) { $0 + max($1[keyPath: frames].count - 1, 0) }
        let total = pairs * picture
        return try [Float](unsafeUninitializedCapacity: total) { output, count in
            for sample in batch.samples {
                let clip = clips[sample.clip]
                let walk = CropWalk(sample, scale: 1, patch: batch.size, size: clip.size)
                let turn = FlowTurn(sample)
                let shown = sample[keyPath: frames]
                let neighbors = zip(shown, shown.dropFirst()).map(ends)
                func fillMissing() {
                    output[count..<count + picture].update(repeating: 0)
                    count += picture
                }
                // A clip of one frame has no file.
                guard clip.frames > 0 else {
                    neighbors.forEach { _ in fillMissing() }
                    continue
                }
                try clip.withSamples { samples in
                    for (reference, supporting) in neighbors {
                        guard reference != supporting else {
                            fillMissing()
                            continue
                        }
                        let start = reference < supporting ? 0 : 2
                        clip.crop(
                            min(reference, supporting), of: samples,
                            planes: turn.planes.map { start + $0 }, walk, to: output, at: count
                        ) { $0 * turn.signs[$1] }
                        count += picture
                    }
                }
            }
        }
    }
}

extension TrainingSample {
    fileprivate var beforeAndFirst: [Int] { before + frames.prefix(1) }
    fileprivate var lastAndAfter: [Int] { frames.suffix(1) + after }
}

/// What turning a picture does to the vectors in it.
private struct FlowTurn {
    /// The component that becomes x, and the one that becomes y.
    let planes: [Int]
    let signs: [Float]

    init(_ sample: TrainingSample) {
        planes = sample.isTransposed ? [1, 0] : [0, 1]
        signs = [sample.isFlippedX ? -1 : 1, sample.isFlippedY ? -1 : 1]
    }
}
