import Foundation
import VSRCore
import VSRImaging

/// Pictures that stand still or move, as a tracker or a network gets them.
struct StillClips {
    let size: FrameSize
    private let seed: UInt64

    init(_ size: FrameSize, seed: UInt64 = 1) {
        self.size = size
        self.seed = seed
    }

    /// Frame 0 of a scene.
    func picture() throws -> Frame {
        try SyntheticScene(seed: seed, size: size, frameCount: 1, liveliness: 0).frame(0)
    }

    /// `picture` with fresh Gaussian noise of `sigma` 8-bit levels, the same for the same `index`.
    func noisy(_ picture: Frame, sigma: Double, _ index: Int) -> Frame {
        var generator = SeededGenerator(seed: seed &+ 77).fork(UInt64(index))
        var frame = picture
        for position in frame.samples.indices {
            frame.samples[position] += Float(sigma / 255 * generator.normalPair().0)
        }
        return frame
    }

    /// Part of a picture eight times as fine, `eighths` of a pixel to the right of its left end.
    static func panned(_ wide: Frame, to size: FrameSize, eighths: Int) -> Frame {
        var frame = Frame(size: size)
        for channel in 0..<Frame.channels {
            for y in 0..<size.height {
                for x in 0..<size.width {
                    var sum: Float = 0
                    for fine in 0..<8 { sum += wide[channel, y, 8 * x + eighths + fine] }
                    frame[channel, y, x] = sum / 8
                }
            }
        }
        return frame
    }

    /// `picture` stretched to eight times the width, linearly between the pixels' centers.
    static func stretched(_ picture: Frame) -> Frame {
        var wide = Frame(size: FrameSize(width: picture.width * 8, height: picture.height))
        for channel in 0..<Frame.channels {
            for y in 0..<picture.height {
                for x in 0..<wide.width {
                    let position = max(0, (Float(x) + 0.5) / 8 - 0.5)
                    let left = min(Int(position), picture.width - 1)
                    let right = min(left + 1, picture.width - 1)
                    let share = position - Float(left)
                    wide[channel, y, x] =
                        picture[channel, y, left] * (1 - share) + picture[channel, y, right] * share
                }
            }
        }
        return wide
    }
}
