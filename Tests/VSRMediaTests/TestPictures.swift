import VSRCore

/// Pictures made by formulas.
enum TestPictures {
    /// A smooth picture that differs from frame to frame and changes slowly enough for codecs.
    static func smooth(_ size: FrameSize, frame index: Int) -> Frame {
        var frame = Frame(size: size)
        for y in 0..<size.height {
            for x in 0..<size.width {
                let u = Float(x) / Float(size.width)
                let v = Float(y) / Float(size.height)
                let t = Float(index) * 0.03
                frame[0, y, x] = 0.2 + 0.5 * u + t
                frame[1, y, x] = 0.2 + 0.5 * v
                frame[2, y, x] = 0.8 - 0.5 * u - t
            }
        }
        return frame
    }

    /// Every sample of its own, from a seed.
    static func noise(_ size: FrameSize, seed: UInt64) -> ByteFrame {
        var generator = SeededGenerator(seed: seed)
        return ByteFrame(
            size: size,
            samples: (0..<3 * size.area).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
    }
}
