import VSRCore

/// What is known of a training clip without its frames.
struct ClipShape: Sendable, Equatable {
    let name: String
    let location: String
    /// HR size, cropped to a multiple of the scale.
    let size: FrameSize
    let frameCount: Int

    /// Bytes of one frame of `size` at 8 bits, together with its degraded frame.
    static func frameBytes(_ size: FrameSize, scale: Int) -> Int {
        3 * size.area + 3 * (size.width / scale) * (size.height / scale)
    }

    /// The part of a source's frames that is trained on.
    ///
    /// - Throws: `invalidArgument` if nothing is left at this scale.
    static func trainedSize(
        of size: FrameSize, scale: Int, location: String
    ) throws -> FrameSize {
        let trained = size.rounded(downToMultipleOf: scale)
        guard trained.area > 0 else {
            throw VSRError(
                .invalidArgument,
                "\(location) is \(size), too small for scale \(scale): leave it out")
        }
        return trained
    }
}

/// Frames of a clip at 8 bits, HR and degraded.
struct FrameBlock: Sendable {
    /// `[frames, 3, height, width]`.
    var highResolution: [UInt8] = []
    /// `[frames, 3, height / scale, width / scale]`.
    var lowResolution: [UInt8] = []

    var bytes: Int { highResolution.count + lowResolution.count }

    /// The degraded frame at `place`, of `size`.
    func lowResolutionFrame(_ place: Int, size: FrameSize) -> ByteFrame {
        let length = 3 * size.area
        return ByteFrame(
            size: size, samples: Array(lowResolution[place * length..<(place + 1) * length]))
    }
}

/// Crops frames, degrades them whole and rounds them to 8 bits.
struct FrameDegrader: Sendable {
    let scale: Int
    let degrade: @Sendable (ByteFrame) throws -> ByteFrame

    /// - Parameters:
    ///   - size: Size that the frame is cropped to, its sides multiples of the scale.
    ///   - location: What messages call the clip.
    /// - Throws: `shapeMismatch` where the degraded frame has another size; what `degrade` throws.
    func pair(
        _ frame: ByteFrame, size: FrameSize, location: String
    ) throws -> (high: ByteFrame, low: ByteFrame) {
        let high = try frame.cropped(to: size)
        let low = try degrade(high)
        guard low.size.scaled(by: scale) == size else {
            throw VSRError(
                .shapeMismatch,
                "degrading \(location) made \(low.size) of \(size), not 1/\(scale) of it")
        }
        return (high, low)
    }
}
