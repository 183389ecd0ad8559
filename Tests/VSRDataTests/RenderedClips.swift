import VSRCore
import VSRData
import VSRMedia

/// Small clips whose every sample says where it comes from, for the tests of this target.
enum RenderedClips {
    /// Sample value of clip `clip`: distinct for neighbors in every direction.
    static func level(clip: Int, frame: Int, channel: Int, y: Int, x: Int) -> UInt8 {
        UInt8((clip * 97 + frame * 41 + channel * 19 + y * 7 + x * 3) % 251)
    }

    static func source(_ clip: Int, _ size: FrameSize, frames: Int) -> ClipSource {
        .rendered(name: "clip\(clip)", size: size, count: frames) { Self.frame(clip, size, $0) }
    }

    static func frame(_ clip: Int, _ size: FrameSize, _ frame: Int) -> Frame {
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

    /// Writes the frames of ``source(_:_:frames:)`` as `0.png`, `1.png` and so on.
    static func writePictures(
        _ clip: Int, _ size: FrameSize, frames: Int, to folder: String
    ) throws {
        for index in 0..<frames {
            try ImageFile.write(frame(clip, size, index), to: "\(folder)/\(index).png")
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

    /// The same clips, decoded on demand.
    static func stream(
        _ sources: [ClipSource], scale: Int = 2, limit: Int, threads: Int
    ) throws -> StreamedClips {
        var options = LoadingOptions()
        options.memoryLimit = limit
        options.threads = threads
        return try StreamedClips(sources, scale: scale, options: options) {
            ByteFrame(rounding: boxed($0.frame, factor: scale))
        }
    }
}
