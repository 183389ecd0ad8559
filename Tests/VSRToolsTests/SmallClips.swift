import Foundation
import VSRCore
import VSRMedia
import VSRModel

/// Clips and models small enough for a test, the same in every run.
enum SmallClips {
    /// The picture of `scripts/reference/evaluate_bicubic.py`: a moving ramp, a moving disc and a
    /// fine pattern, at 8 bits.
    static func picture(clip: Int, frame: Int, size: FrameSize) -> ByteFrame {
        var picture = ByteFrame(
            size: size, samples: Array(repeating: 0, count: Frame.channels * size.area))
        for channel in 0..<Frame.channels {
            for y in 0..<size.height {
                for x in 0..<size.width {
                    var value = (3 * x + 2 * y + 40 * channel + 5 * frame) % 160
                    let dx = x - 10 - 2 * frame
                    let dy = y - 12 - clip * frame
                    if dx * dx + dy * dy < 60 { value = 220 - 30 * channel }
                    value += (x / 2 + y / 3 + clip) % 2 * 25
                    picture[channel, y, x] = UInt8(value)
                }
            }
        }
        return picture
    }

    static func frames(clip: Int, count: Int, size: FrameSize) -> [Frame] {
        (0..<count).map { picture(clip: clip, frame: $0, size: size).frame }
    }

    /// Writes a clip as a folder of PNG pictures.
    static func writePictures(clip: Int, count: Int, size: FrameSize, to path: String) throws {
        let writer = try ImageSequenceWriter(path)
        for (index, frame) in frames(clip: clip, count: count, size: size).enumerated() {
            try writer.write(TimedFrame(frame, timestamp: Int64(index)))
        }
        try writer.finish()
    }

    /// Writes a clip as an MP4 at 25 frames per second.
    static func writeVideo(count: Int, size: FrameSize, to path: String) throws {
        let like = VideoProperties(
            size: size, timeBase: Rational(1, 25), frameRate: Rational(25, 1))
        let writer = try VideoWriter(path, size: size, like: like)
        for (index, frame) in frames(clip: 0, count: count, size: size).enumerated() {
            try writer.write(TimedFrame(frame, timestamp: Int64(index), duration: 1))
        }
        try writer.finish()
    }

    /// A network of a few thousand weights.
    static func model(
        _ direction: Blueprint.Direction = .unidirectional, scale: Int = 4
    ) throws -> Model {
        let blueprint = Blueprint(
            direction: direction, width: 6, blocks: 2, scale: scale,
            flow: Blueprint.FlowNetwork(widths: [2, 3, 2, 2]))
        return try Model.initialized(blueprint, seed: 3)
    }
}
