import Dispatch
import Foundation
import VSRCore
import VSRImaging

/// Times VSRImaging on frames of the sizes that training and evaluation use.
@main struct ImagingBench {
    static func main() throws {
        let training = ByteFrame.noise(FrameSize(width: 852, height: 480))
        for degradation in Degradation.allCases {
            try report("\(degradation.rawValue) ×1/4 of \(training.size)") {
                _ = try degradation.degraded(training, scale: 4)
            }
        }
        let low = ByteFrame.noise(FrameSize(width: 180, height: 144))
        try report("bicubic ×4 of \(low.size)") { _ = try low.resized(by: 4) }
        let reference = ByteFrame.noise(FrameSize(width: 720, height: 576)).frame
        let result = ByteFrame.noise(FrameSize(width: 720, height: 576), seed: 2).frame
        for channels in MetricChannels.allCases {
            let conventions = MetricConventions(channels: channels)
            try report("PSNR \(channels.rawValue) of \(reference.size)") {
                _ = try PSNR.measure(result, reference, conventions: conventions)
            }
            try report("SSIM \(channels.rawValue) of \(reference.size)") {
                _ = try SSIM.measure(result, reference, conventions: conventions)
            }
        }
        for side in [256, 512] {
            let size = FrameSize(width: side, height: side)
            try report("scene \(size), set-up") {
                _ = try SyntheticScene(seed: 1, size: size, frameCount: 16)
            }
            let scenes = try (0..<8).map {
                try SyntheticScene(seed: $0, size: size, frameCount: 16)
            }
            try report("scene \(size), mean frame", divisor: 8) {
                for scene in scenes { _ = scene.frame(7) }
            }
        }
    }

    /// Prints wall and CPU time (of all threads) over 15 runs after 2 to warm up.
    static func report(_ name: String, divisor: Double = 1, _ body: () throws -> Void) throws {
        var wall: [Double] = []
        var processor: [Double] = []
        for run in 0..<17 {
            let start = (DispatchTime.now().uptimeNanoseconds, clock())
            try body()
            let end = (DispatchTime.now().uptimeNanoseconds, clock())
            guard run >= 2 else { continue }
            wall.append(Double(end.0 - start.0) * 1e-6 / divisor)
            processor.append(
                Double(end.1 - start.1) * 1e3 / Double(CLOCKS_PER_SEC) / divisor)
        }
        let label = name.padding(toLength: 32, withPad: " ", startingAt: 0)
        print(label, "wall", summary(wall), " CPU", summary(processor))
    }

    /// Median and, in brackets, minimum and maximum.
    private static func summary(_ values: [Double]) -> String {
        let sorted = values.sorted()
        return String(
            format: "%7.2f ms (%.2f … %.2f)", sorted[sorted.count / 2], sorted[0],
            sorted[sorted.count - 1])
    }
}

extension ByteFrame {
    static func noise(_ size: FrameSize, seed: UInt64 = 1) -> ByteFrame {
        var generator = SeededGenerator(seed: seed)
        return ByteFrame(
            size: size, samples: (0..<3 * size.area).map { _ in UInt8(generator.next() >> 56) })
    }
}
