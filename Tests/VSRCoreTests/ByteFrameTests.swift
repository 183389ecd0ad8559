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

    /// The definition, on random values and on the neighbors of every half and every level.
    @Test func roundingIsTheFloorOfTheShiftedValue() {
        var generator = SeededGenerator(seed: 5)
        var values = (0..<30_000).map { _ in generator.uniform() * 1.2 - 0.1 }
        for step in 0...511 {
            let value = Float(step) / 510
            values += [value, value.nextUp, value.nextDown]
        }
        values += Array(repeating: 0, count: 3 - values.count % 3)
        let size = FrameSize(width: values.count / 3, height: 1)
        let expected = values.map {
            UInt8(max(0, min(255, ($0 * 255 + 0.5).rounded(.down))))
        }
        #expect(ByteFrame(rounding: Frame(size: size, samples: values)).samples == expected)
    }
}
