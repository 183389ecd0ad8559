import Foundation
import VSRCore
import VSRModel
import VSRRuntime

/// A clip without end on its way through an upscaler, step by step: a frame, or a window of a
/// network that needs the frames to come.
///
/// From the second step on, each costs what it costs in the middle of a long clip.
final class LongClip {
    /// `nil` for online networks.
    let window: Benchmark.Outcome.Window?
    private let upscaler: Upscaler
    private let scene: MovingPattern
    private var count = 0

    init(_ upscaler: Upscaler, _ scene: MovingPattern, _ direction: Blueprint.Direction) {
        self.upscaler = upscaler
        self.scene = scene
        let options = upscaler.options
        window =
            direction.needsFutureFrames
            ? .init(length: options.windowLength ?? 1, lookAhead: options.lookAhead) : nil
    }

    /// Frames that one step hands out.
    var stepLength: Int { window?.length ?? 1 }

    /// The input of the next step; the first window's has its look-ahead besides.
    func nextFrames() -> [Frame] {
        let first = count
        count += stepLength + (first == 0 ? window?.lookAhead ?? 0 : 0)
        return (first..<count).map(scene.frame)
    }

    /// Upscales what ``nextFrames()`` gave.
    func step(_ frames: [Frame]) throws {
        for frame in frames { try upscaler.push(.rgb(frame)) }
        while upscaler.readyFrames > 0 { _ = try upscaler.pullFrame() }
    }
}

/// Smooth waves that move by a fraction of a pixel per frame: cheap to make, and no two frames
/// alike.
struct MovingPattern {
    let size: FrameSize

    func frame(_ index: Int) -> Frame {
        var frame = Frame(size: size)
        for y in 0..<size.height {
            for x in 0..<size.width {
                let phase = Float(x) * 0.21 + Float(y) * 0.13 + Float(index) * 0.37
                frame[0, y, x] = 0.5 + 0.4 * sin(phase)
                frame[1, y, x] = 0.5 + 0.4 * sin(phase * 0.7 + 1)
                frame[2, y, x] = 0.5 + 0.4 * sin(phase * 1.3 + 2)
            }
        }
        return frame
    }
}
