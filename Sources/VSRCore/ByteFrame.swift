/// A picture at 8 bits: three planes R, G, B, rows top to bottom.
///
/// It takes a quarter of a ``Frame``'s memory.
public struct ByteFrame: Sendable, Equatable {
    public let size: FrameSize

    /// `[3, height, width]`, contiguous.
    public var samples: [UInt8]

    public var width: Int { size.width }
    public var height: Int { size.height }

    /// Takes `3 · width · height` samples, plane after plane.
    public init(size: FrameSize, samples: [UInt8]) {
        precondition(
            samples.count == Frame.channels * size.area, "a frame holds 3 × width × height samples")
        self.size = size
        self.samples = samples
    }

    /// Clamps to `0...1`, multiplies by 255 and rounds to the nearest; NaN becomes 0.
    public init(rounding frame: Frame) {
        size = frame.size
        samples = [UInt8](unsafeUninitializedCapacity: frame.samples.count) { bytes, count in
            frame.samples.withUnsafeBufferPointer { values in
                for index in 0..<values.count {
                    bytes[index] = Self.level(values[index])
                }
            }
            count = frame.samples.count
        }
    }

    /// The sample of one plane at column `x`, row `y`.
    public subscript(channel: Int, y: Int, x: Int) -> UInt8 {
        get { samples[(channel * height + y) * width + x] }
        set { samples[(channel * height + y) * width + x] = newValue }
    }

    /// The same picture with samples divided by 255.
    public var frame: Frame {
        Frame(
            size: size,
            samples: [Float](unsafeUninitializedCapacity: samples.count) { values, count in
                samples.withUnsafeBufferPointer { bytes in
                    for index in 0..<bytes.count { values[index] = Float(bytes[index]) / 255 }
                }
                count = samples.count
            })
    }

    /// Halves round up, as in `floor(x + 0.5)`; the comparisons send NaN to 0.
    ///
    /// A conversion to an integer would be checked and so keep the loop from being vectorized;
    /// adding 2²³ instead rounds to the nearest integer and leaves it in the lowest bits.
    @inline(__always)
    private static func level(_ value: Float) -> UInt8 {
        let scaled = value * 255 + 0.5
        let bounded = scaled > 0 ? (scaled < 255 ? scaled : 255) : 0
        let shifted = bounded + 8_388_608
        let excess: UInt32 = shifted - 8_388_608 > bounded ? 1 : 0
        return UInt8(truncatingIfNeeded: shifted.bitPattern &- excess)
    }
}
