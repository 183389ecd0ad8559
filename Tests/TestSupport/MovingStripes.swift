import Foundation
import VSRCore

/// Clips of stripes that move by a pixel per frame, finer from channel to channel.
public enum MovingStripes {
    /// - Parameter clip: Slants the stripes: 0 stands upright.
    public static func frame(_ index: Int, clip: Int, size: FrameSize) -> Frame {
        var frame = Frame(size: size)
        for y in 0..<size.height {
            for x in 0..<size.width {
                for channel in 0..<3 {
                    let phase =
                        Float(x + index) * (0.4 + 0.3 * Float(channel))
                        + Float(clip) * Float(y) * 0.5
                    frame[channel, y, x] = 0.5 + 0.4 * sin(phase)
                }
            }
        }
        return frame
    }
}
