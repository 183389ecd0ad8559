import Testing
import VSRCore
import VSRTestSupport

@testable import VSRMedia

@Suite struct ColorPaletteTests {
    /// A picture of `levels`³ colors, each once.
    private static func cube(_ levels: Int) -> ByteFrame {
        let size = FrameSize(width: levels * levels, height: levels)
        var frame = ByteFrame(size: size, samples: Array(repeating: 0, count: 3 * size.area))
        for y in 0..<levels {
            for x in 0..<levels * levels {
                for (channel, level) in [y, x / levels, x % levels].enumerated() {
                    frame[channel, y, x] = UInt8(level * 255 / max(levels - 1, 1))
                }
            }
        }
        return frame
    }

    private static func drawn(_ frame: ByteFrame, limit: Int) -> (ByteFrame, colors: Int) {
        var palette = ColorPalette(of: frame, limit: limit)
        var result = frame
        for (position, index) in palette.indices(of: frame).enumerated() {
            for channel in 0..<3 {
                result.samples[channel * frame.size.area + position] =
                    UInt8(palette.colors[Int(index)] >> (16 - 8 * channel) & 255)
            }
        }
        return (result, palette.colors.count)
    }

    @Test(arguments: [1, 2, 4, 6]) func fewColorsComeBackExactly(levels: Int) {
        let frame = Self.cube(levels)
        let (drawn, count) = Self.drawn(frame, limit: 256)
        #expect(drawn == frame && count == levels * levels * levels)
    }

    @Test(arguments: [1, 2, 16, 255]) func theLimitIsKept(limit: Int) {
        let (_, count) = Self.drawn(
            TestPictures.noise(FrameSize(width: 40, height: 30), seed: 2), limit: limit)
        #expect(count == limit)
    }

    /// Spreading what is left keeps the mean over areas, whatever the colors.
    @Test func ditheringKeepsTheMean() {
        let size = FrameSize(width: 64, height: 64)
        let frame = ByteFrame(rounding: TestPictures.smooth(size, frame: 0))
        let (drawn, _) = Self.drawn(frame, limit: 16)
        for channel in 0..<3 {
            func mean(_ frame: ByteFrame) -> Double {
                let plane = frame.samples[channel * size.area..<(channel + 1) * size.area]
                return plane.reduce(0) { $0 + Double($1) } / Double(size.area)
            }
            // Only what the last row and the right and left columns hand on is lost.
            #expect(abs(mean(drawn) - mean(frame)) < 2)
        }
    }
}
