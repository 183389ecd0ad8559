import Foundation
import VSRCore
import VSRImaging

/// A rendered clip on which a network's stability is measured: high-resolution frames and the
/// low-resolution ones that the network gets.
public enum StabilityClip: String, Sendable, Codable, CaseIterable {
    /// One frame, with fresh noise in each low-resolution picture.
    case still
    /// One wide picture, along which the frame moves by an eighth of a low-resolution pixel per
    /// frame, to and fro.
    case pan
    /// A scene in motion: camera and objects.
    case long
    /// A still frame in front of which a disc goes round and a small one trembles in its place,
    /// with noise as in ``still``.
    case object
    /// A still frame that becomes darker and brighter by up to half, within 500 frames, with noise
    /// as in ``still``.
    case fade

    /// What the documentation gives figures for.
    public static let standard: [StabilityClip] = [.still, .pan, .long]

    /// Half a low-resolution pixel at ×4 is the step of a picture rendered at twice its size.
    private static let panSteps = 1024

    /// Standard deviation of the noise in still clips that figures are given for, in 8-bit levels.
    public static let standardNoise = 1.5

    /// Makes the frames of a clip, in any order.
    public struct Frames: Sendable {
        let clip: StabilityClip
        let degradation: Degradation
        let scale: Int
        let noise: Double
        let seed: UInt64
        let size: FrameSize
        private let picture: Frame?
        private let scene: SyntheticScene

        /// - Parameters:
        ///   - size: Of the low-resolution frames.
        ///   - noise: Its standard deviation, in 8-bit levels; clips in motion have none.
        public init(
            _ clip: StabilityClip, size: FrameSize, scale: Int, frames: Int, noise: Double,
            degradation: Degradation, seed: UInt64
        ) throws {
            self.clip = clip
            self.size = size
            self.scale = scale
            self.noise = noise
            self.degradation = degradation
            self.seed = seed
            var rendered = size.scaled(by: scale)
            if clip == .pan {
                rendered = FrameSize(
                    width: 2 * rendered.width + min(frames - 1, StabilityClip.panSteps),
                    height: 2 * rendered.height)
            }
            scene = try SyntheticScene(
                seed: seed, size: rendered, frameCount: frames,
                liveliness: clip == .long ? 1 : 0)
            picture = clip == .long ? nil : scene.frame(0)
        }

        /// Frame `index`: as it should come out, and as the network gets it.
        public func frame(_ index: Int) throws -> (truth: Frame, input: Frame) {
            let truth = try truth(index)
            let input = try degradation.degraded(truth, scale: scale)
            let isNoisy = clip != .pan && clip != .long
            return (truth, isNoisy ? noisy(input, index) : input)
        }

        private func truth(_ index: Int) throws -> Frame {
            guard var frame = picture else { return scene.frame(index) }
            switch clip {
            case .still, .long: break
            case .pan:
                let period = 2 * StabilityClip.panSteps
                let step = index % period
                frame = try halved(frame, from: step > period / 2 ? period - step : step)
            case .object: drawDiscs(index, in: &frame)
            case .fade:
                let gain = Float(0.75 + 0.25 * cos(2 * Double.pi * Double(index) / 1000))
                for position in frame.samples.indices { frame.samples[position] *= gain }
            }
            return frame
        }

        /// The frame at column `left` of a picture of twice its size.
        private func halved(_ picture: Frame, from left: Int) throws -> Frame {
            var frame = Frame(size: size.scaled(by: scale))
            for channel in 0..<Frame.channels {
                for y in 0..<frame.height {
                    for x in 0..<frame.width {
                        let column = left + 2 * x
                        frame[channel, y, x] =
                            (picture[channel, 2 * y, column] + picture[channel, 2 * y, column + 1]
                                + picture[channel, 2 * y + 1, column]
                                + picture[channel, 2 * y + 1, column + 1]) / 4
                    }
                }
            }
            return frame
        }

        private func drawDiscs(_ index: Int, in frame: inout Frame) {
            let turn = 2 * Double.pi * Double(index) / 120
            let width = Double(frame.width)
            let height = Double(frame.height)
            drawDisc(
                x: width * (0.3 + 0.15 * cos(turn)), y: height * (0.5 + 0.2 * sin(turn)),
                radius: height / 10, in: &frame)
            drawDisc(
                x: width * 0.75 + 3 * cos(41 * turn), y: height * 0.7, radius: 5, in: &frame)
        }

        private func drawDisc(x: Double, y: Double, radius: Double, in frame: inout Frame) {
            for row in 0..<frame.height {
                for column in 0..<frame.width {
                    let distance = hypot(Double(column) - x, Double(row) - y)
                    let share = Float(min(1, max(0, radius - distance)))
                    guard share > 0 else { continue }
                    let shade = Float(0.5 + 0.4 * cos(distance))
                    for channel in 0..<Frame.channels {
                        let value = frame[channel, row, column]
                        frame[channel, row, column] =
                            value + share * (shade * Float(channel + 1) / 3 - value)
                    }
                }
            }
        }

        /// Adds Gaussian noise and rounds to 8 bits.
        private func noisy(_ frame: Frame, _ index: Int) -> Frame {
            var generator = SeededGenerator(seed: seed).fork(0x401E).fork(UInt64(index))
            var result = frame
            for position in stride(from: 0, to: frame.samples.count, by: 2) {
                let pair = generator.normalPair()
                result.samples[position] += Float(noise / 255 * pair.0)
                if position + 1 < frame.samples.count {
                    result.samples[position + 1] += Float(noise / 255 * pair.1)
                }
            }
            return ByteFrame(rounding: result).frame
        }
    }
}
