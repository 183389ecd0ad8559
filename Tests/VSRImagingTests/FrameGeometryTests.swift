import Testing
import VSRCore
import VSRImaging

@Suite struct FrameGeometryTests {
    /// Planes of 3×2: 0 1 2 / 3 4 5, then + 10, then + 20.
    private let bytes = ByteFrame(
        size: FrameSize(width: 3, height: 2),
        samples: [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25])

    private func planes(_ plane: [UInt8], _ width: Int) -> ByteFrame {
        ByteFrame(
            size: FrameSize(width: width, height: plane.count / width),
            samples: plane + plane.map { $0 + 10 } + plane.map { $0 + 20 })
    }

    @Test func turnsAndMirrorsMoveSamplesAsTheySay() {
        let cases: [(ByteFrame, Frame, [UInt8], Int)] = [
            (
                bytes.flippedHorizontally(), bytes.frame.flippedHorizontally(), [2, 1, 0, 5, 4, 3],
                3
            ),
            (bytes.flippedVertically(), bytes.frame.flippedVertically(), [3, 4, 5, 0, 1, 2], 3),
            (bytes.transposed(), bytes.frame.transposed(), [0, 3, 1, 4, 2, 5], 2),
            (
                bytes.rotated(quarterTurns: 0), bytes.frame.rotated(quarterTurns: 4),
                [0, 1, 2, 3, 4, 5], 3
            ),
            (
                bytes.rotated(quarterTurns: 1), bytes.frame.rotated(quarterTurns: -3),
                [3, 0, 4, 1, 5, 2], 2
            ),
            (
                bytes.rotated(quarterTurns: 2), bytes.frame.rotated(quarterTurns: -2),
                [5, 4, 3, 2, 1, 0], 3
            ),
            (
                bytes.rotated(quarterTurns: 3), bytes.frame.rotated(quarterTurns: -1),
                [2, 5, 1, 4, 0, 3], 2
            ),
        ]
        for (turned, floats, plane, width) in cases {
            #expect(turned == planes(plane, width))
            #expect(floats == planes(plane, width).frame)
        }
    }

    @Test func cropsTakeTheirPart() throws {
        let size = FrameSize(width: 2, height: 1)
        #expect(try bytes.cropped(to: size, x: 1, y: 1) == planes([4, 5], 2))
        #expect(try bytes.frame.cropped(to: size) == planes([0, 1], 2).frame)
        #expect(try bytes.cropped(to: bytes.size) == bytes)
    }

    @Test func cropsBeyondTheFrameAreRefused() {
        let cases = [
            (4, 1, 0, 0), (1, 3, 0, 0), (2, 2, 2, 0), (2, 2, 0, 1), (1, 1, -1, 0),
            (1, 1, 0, .max), (.max, 1, 1, 0), (-1, 1, 0, 0),
        ]
        for (width, height, x, y) in cases {
            let target = FrameSize(width: width, height: height)
            #expect(throws: VSRError.self) { try bytes.cropped(to: target, x: x, y: y) }
            #expect(throws: VSRError.self) { try bytes.frame.cropped(to: target, x: x, y: y) }
        }
    }

    @Test func lumaHasTheLevelsOfBT601() {
        let size = FrameSize(width: 5, height: 1)
        let frame = Frame(
            size: size, samples: [0, 1, 1, 0, 0] + [0, 1, 0, 1, 0] + [0, 1, 0, 0, 1])
        let expected: [Float] = [16, 235, 81.481, 144.553, 40.966]
        for (luma, level) in zip(frame.luma, expected) { #expect(abs(luma - level) < 1e-4) }
        #expect(abs(frame.gray[2, 0, 1] - 1) < 1e-6)
        #expect(frame.gray[0, 0, 0] == 0)
    }
}
