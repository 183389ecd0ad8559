import VSRCore

/// The walk over a plane that yields a crop, turned: first position, and steps per column and row.
struct CropWalk {
    let origin: Int
    let columnStep: Int
    let rowStep: Int
    let patch: FrameSize

    /// - Parameters:
    ///   - scale: 1 for LR planes, the clips' scale for HR ones.
    ///   - patch: The crop's size after turning, in pixels of the plane.
    ///   - size: The plane's size.
    init(_ sample: TrainingSample, scale: Int, patch: FrameSize, size: FrameSize) {
        self.patch = patch
        var column = sample.isTransposed ? size.width : 1
        var row = sample.isTransposed ? 1 : size.width
        var first = sample.y * scale * size.width + sample.x * scale
        if sample.isFlippedX {
            first += (patch.width - 1) * column
            column = -column
        }
        if sample.isFlippedY {
            first += (patch.height - 1) * row
            row = -row
        }
        origin = first
        columnStep = column
        rowStep = row
    }

    /// Copies the crop of the plane that begins at `start`, less the walk's origin.
    @inline(__always)
    func copy<Source, Sample>(
        _ plane: UnsafeBufferPointer<Source>, from start: Int,
        to output: UnsafeMutableBufferPointer<Sample>, at offset: Int,
        _ convert: (Source) -> Sample
    ) {
        let first = start + origin
        for y in 0..<patch.height {
            let source = first + y * rowStep
            let target = offset + y * patch.width
            for x in 0..<patch.width {
                output[target + x] = convert(plane[source + x * columnStep])
            }
        }
    }
}
