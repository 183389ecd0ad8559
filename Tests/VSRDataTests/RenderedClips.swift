import VSRCore
import VSRData

/// Small clips whose every sample says where it comes from, for the tests of this target.
enum RenderedClips {
    /// Sample value of clip `clip`: distinct for neighbors in every direction.
    static func level(clip: Int, frame: Int, channel: Int, y: Int, x: Int) -> UInt8 {
        UInt8((clip * 97 + frame * 41 + channel * 19 + y * 7 + x * 3) % 251)
    }

    static func source(_ clip: Int, _ size: FrameSize, frames: Int) -> ClipSource {
        .rendered(name: "clip\(clip)", size: size, count: frames) { frame in
            var picture = ByteFrame(
                size: size, samples: Array(repeating: 0, count: 3 * size.area))
            for channel in 0..<3 {
                for y in 0..<size.height {
                    for x in 0..<size.width {
                        picture[channel, y, x] = level(
                            clip: clip, frame: frame, channel: channel, y: y, x: x)
                    }
                }
            }
            return picture.frame
        }
    }

    /// Mean of `factor × factor` pixels: not a degradation of the project, but one that shows
    /// whether whole frames are degraded.
    static func boxed(_ frame: Frame, factor: Int) -> Frame {
        let size = FrameSize(width: frame.width / factor, height: frame.height / factor)
        var output = Frame(size: size)
        for channel in 0..<3 {
            for y in 0..<size.height {
                for x in 0..<size.width {
                    var sum: Float = 0
                    for dy in 0..<factor {
                        for dx in 0..<factor {
                            sum += frame[channel, y * factor + dy, x * factor + dx]
                        }
                    }
                    output[channel, y, x] = sum / Float(factor * factor)
                }
            }
        }
        return output
    }

    static func load(
        _ sources: [ClipSource], scale: Int = 2, options: LoadingOptions = LoadingOptions()
    ) throws -> TrainingClips {
        try TrainingClips(sources, scale: scale, options: options) {
            ByteFrame(rounding: boxed($0.frame, factor: scale))
        }
    }
}
