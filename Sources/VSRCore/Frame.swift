/// A picture: three planes R, G, B of `Float`, nominally `0...1`, rows top to bottom.
///
/// Values beyond `0...1` are kept (networks overshoot) until a metric or an encoder clamps them.
public struct Frame: Sendable, Equatable {
    /// Planes of a frame: red, green, blue.
    public static let channels = 3

    public let size: FrameSize

    /// `[3, height, width]`, contiguous.
    public var samples: [Float]

    public var width: Int { size.width }
    public var height: Int { size.height }

    /// Takes `3 · width · height` samples, plane after plane.
    public init(size: FrameSize, samples: [Float]) {
        precondition(
            samples.count == Frame.channels * size.area, "a frame holds 3 × width × height samples")
        self.size = size
        self.samples = samples
    }

    /// A frame of one gray level.
    public init(size: FrameSize, filledWith value: Float = 0) {
        self.init(size: size, samples: Array(repeating: value, count: Frame.channels * size.area))
    }

    /// The sample of one plane at column `x`, row `y`.
    public subscript(channel: Int, y: Int, x: Int) -> Float {
        get { samples[(channel * height + y) * width + x] }
        set { samples[(channel * height + y) * width + x] = newValue }
    }

    /// The samples of one plane, row by row.
    public func plane(_ channel: Int) -> ArraySlice<Float> {
        samples[channel * size.area..<(channel + 1) * size.area]
    }
}
