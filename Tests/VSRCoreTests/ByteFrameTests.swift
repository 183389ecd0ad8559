import Testing
import VSRCore

@Suite struct ByteFrameTests {
    @Test func roundingClampsAndTakesHalvesUp() {
        let size = FrameSize(width: 3, height: 2)
        let values: [Float] = [
            -1, 0, 0.4 / 255, 0.5 / 255, 1, 7, .nan, .infinity, -.infinity, 254.4 / 255,
            254.6 / 255, 128.0 / 255, 1.5 / 255, 2.25 / 255, 3.75 / 255, 0, 1, 0.5,
        ]
        let expected: [UInt8] = [
            0, 0, 0, 1, 255, 255, 0, 255, 0, 254, 255, 128, 2, 2, 4, 0, 255, 128,
        ]
        #expect(ByteFrame(rounding: Frame(size: size, samples: values)).samples == expected)
    }

    @Test func everyLevelSurvivesTheWayThroughFloats() {
        let size = FrameSize(width: 256, height: 1)
        let levels = (0..<768).map { UInt8($0 % 256) }
        let bytes = ByteFrame(size: size, samples: levels)
        #expect(ByteFrame(rounding: bytes.frame) == bytes)
    }
}
