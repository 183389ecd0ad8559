import VSRCore

extension Frame {
    /// The part of the given size whose top left pixel is (`x`, `y`).
    ///
    /// - Throws: `invalidArgument` if it does not lie inside the frame.
    public func cropped(to target: FrameSize, x: Int = 0, y: Int = 0) throws -> Frame {
        if target == size, x == 0, y == 0 { return self }
        try PlaneWalk.checkCrop(of: size, to: target, x: x, y: y)
        let walk = PlaneWalk(start: y * width + x, column: 1, row: width, size: target)
        return Frame(size: target, samples: walk.gather(samples, planeLength: size.area))
    }

    /// Mirrored left to right.
    public func flippedHorizontally() -> Frame { walked(.flippedHorizontally(size)) }

    /// Mirrored top to bottom.
    public func flippedVertically() -> Frame { walked(.flippedVertically(size)) }

    /// Rows and columns swapped.
    public func transposed() -> Frame { walked(.transposed(size)) }

    /// Turned clockwise by `quarterTurns` · 90°.
    public func rotated(quarterTurns: Int) -> Frame {
        walked(.rotated(size, quarterTurns: quarterTurns))
    }

    private func walked(_ walk: PlaneWalk) -> Frame {
        Frame(size: walk.size, samples: walk.gather(samples, planeLength: size.area))
    }
}

extension ByteFrame {
    /// The part of the given size whose top left pixel is (`x`, `y`).
    ///
    /// - Throws: `invalidArgument` if it does not lie inside the frame.
    public func cropped(to target: FrameSize, x: Int = 0, y: Int = 0) throws -> ByteFrame {
        if target == size, x == 0, y == 0 { return self }
        try PlaneWalk.checkCrop(of: size, to: target, x: x, y: y)
        let walk = PlaneWalk(start: y * width + x, column: 1, row: width, size: target)
        return ByteFrame(size: target, samples: walk.gather(samples, planeLength: size.area))
    }

    /// Mirrored left to right.
    public func flippedHorizontally() -> ByteFrame { walked(.flippedHorizontally(size)) }

    /// Mirrored top to bottom.
    public func flippedVertically() -> ByteFrame { walked(.flippedVertically(size)) }

    /// Rows and columns swapped.
    public func transposed() -> ByteFrame { walked(.transposed(size)) }

    /// Turned clockwise by `quarterTurns` · 90°.
    public func rotated(quarterTurns: Int) -> ByteFrame {
        walked(.rotated(size, quarterTurns: quarterTurns))
    }

    private func walked(_ walk: PlaneWalk) -> ByteFrame {
        ByteFrame(size: walk.size, samples: walk.gather(samples, planeLength: size.area))
    }
}

/// The order in which a turned or cut picture takes its samples from a plane.
struct PlaneWalk {
    /// First sample taken.
    let start: Int
    /// Steps in the plane for one column and one row of the result.
    let column: Int
    let row: Int
    /// Size of the result.
    let size: FrameSize

    static func flippedHorizontally(_ size: FrameSize) -> PlaneWalk {
        PlaneWalk(start: size.width - 1, column: -1, row: size.width, size: size)
    }

    static func flippedVertically(_ size: FrameSize) -> PlaneWalk {
        PlaneWalk(
            start: (size.height - 1) * size.width, column: 1, row: -size.width, size: size)
    }

    static func transposed(_ size: FrameSize) -> PlaneWalk {
        PlaneWalk(
            start: 0, column: size.width, row: 1,
            size: FrameSize(width: size.height, height: size.width))
    }

    static func rotated(_ size: FrameSize, quarterTurns: Int) -> PlaneWalk {
        let turned = FrameSize(width: size.height, height: size.width)
        switch ((quarterTurns % 4) + 4) % 4 {
        case 1:
            return PlaneWalk(
                start: (size.height - 1) * size.width, column: -size.width, row: 1, size: turned)
        case 2:
            return PlaneWalk(
                start: size.area - 1, column: -1, row: -size.width, size: size)
        case 3:
            return PlaneWalk(
                start: size.width - 1, column: size.width, row: -1, size: turned)
        default: return PlaneWalk(start: 0, column: 1, row: size.width, size: size)
        }
    }

    func gather<Sample>(_ samples: [Sample], planeLength: Int) -> [Sample] {
        let total = Frame.channels * size.area
        return [Sample](unsafeUninitializedCapacity: total) { result, count in
            samples.withUnsafeBufferPointer { source in
                var target = 0
                for channel in 0..<Frame.channels {
                    for y in 0..<size.height {
                        let first = channel * planeLength + start + y * row
                        for x in 0..<size.width {
                            result.initializeElement(at: target + x, to: source[first + x * column])
                        }
                        target += size.width
                    }
                }
            }
            count = total
        }
    }

    static func checkCrop(of size: FrameSize, to target: FrameSize, x: Int, y: Int) throws {
        // Written without sums, which could overflow.
        guard x >= 0, y >= 0, target.width >= 0, target.height >= 0, target.width <= size.width,
            target.height <= size.height, x <= size.width - target.width,
            y <= size.height - target.height
        else {
            throw VSRError(
                .invalidArgument,
                "cannot crop \(target) at (\(x), \(y)) from a frame of \(size): "
                    + "it must lie inside")
        }
    }
}
