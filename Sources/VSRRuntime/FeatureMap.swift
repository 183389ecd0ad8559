import VSRCore

/// Values per channel and pixel between two steps of a network: features, hidden states, flows.
public struct FeatureMap: Sendable, Equatable {
    public let channels: Int
    public let size: FrameSize

    /// `[channels, height, width]`, contiguous.
    public var samples: [Float]

    /// Takes `channels · width · height` samples, plane after plane.
    public init(channels: Int, size: FrameSize, samples: [Float]) {
        precondition(
            samples.count == channels * size.area,
            "a feature map holds channels × width × height samples")
        self.channels = channels
        self.size = size
        self.samples = samples
    }

    /// A map of one value.
    public init(channels: Int, size: FrameSize, filledWith value: Float = 0) {
        self.init(
            channels: channels, size: size,
            samples: Array(repeating: value, count: channels * size.area))
    }

    /// The planes of a picture.
    public init(_ frame: Frame) {
        self.init(channels: Frame.channels, size: frame.size, samples: frame.samples)
    }

    /// The planes of all maps one after another; all have the same size.
    public init(concatenating maps: [FeatureMap]) {
        precondition(
            !maps.isEmpty && maps.allSatisfy { $0.size == maps[0].size },
            "only maps of one size are concatenated")
        self.init(
            channels: maps.reduce(0) { $0 + $1.channels }, size: maps[0].size,
            samples: maps.flatMap(\.samples))
    }

    /// The samples of one plane, row by row.
    public func plane(_ channel: Int) -> ArraySlice<Float> {
        samples[channel * size.area..<(channel + 1) * size.area]
    }

    /// The planes named by `indices`, in their order.
    func gathered(_ indices: [Int]) -> FeatureMap {
        FeatureMap(channels: indices.count, size: size, samples: indices.flatMap { plane($0) })
    }

    /// Adds plane `k` of `other` to plane `indices[k]` of this map.
    mutating func scatterAdd(_ other: FeatureMap, to indices: [Int]) {
        for (source, target) in indices.enumerated() {
            for pixel in 0..<size.area {
                samples[target * size.area + pixel] += other.samples[source * size.area + pixel]
            }
        }
    }
}

/// Sum of two maps of one shape, sample by sample.
func + (left: FeatureMap, right: FeatureMap) -> FeatureMap {
    FeatureMap(
        channels: left.channels, size: left.size,
        samples: zip(left.samples, right.samples).map { $0 + $1 })
}
