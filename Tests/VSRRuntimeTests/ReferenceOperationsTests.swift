import Testing
import VSRCore

@testable import VSRRuntime

@Suite struct ReferenceOperationsTests {
    private let size = FrameSize(width: 3, height: 2)
    private var picture: FeatureMap {
        FeatureMap(channels: 1, size: size, samples: [1, 2, 3, 4, 5, 6])
    }

    private func flow(dx: Float, dy: Float, size: FrameSize) -> FeatureMap {
        FeatureMap(
            channels: 2, size: size,
            samples: Array(repeating: dx, count: size.area) + Array(repeating: dy, count: size.area)
        )
    }

    @Test func aFlowToTheRightReadsTheNextPixel() {
        let right = flow(dx: 1, dy: 0, size: size)
        #expect(picture.warped(by: right, padding: .zeros).samples == [2, 3, 0, 5, 6, 0])
        #expect(picture.warped(by: right, padding: .border).samples == [2, 3, 3, 5, 6, 6])
    }

    @Test func aFractionalFlowBlendsFourPixels() {
        let found = picture.warped(by: flow(dx: 0.5, dy: -0.25, size: size), padding: .zeros)
        // Row 0 mixes 0.25 of nothing and 0.75 of itself, row 1 0.25 of row 0 and 0.75 of row 1.
        #expect(found.samples == [1.125, 1.875, 1.125, 3.75, 4.75, 2.625])
    }

    @Test func onAnAxisOfLengthOneTheFlowHasNoEffect() {
        let column = FeatureMap(
            channels: 1, size: FrameSize(width: 1, height: 3), samples: [1, 2, 3])
        let found = column.warped(by: flow(dx: 7, dy: 1, size: column.size), padding: .zeros)
        #expect(found.samples == [2, 3, 0])
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, 3e38])
    func flowsThatLeaveThePictureReadZero(_ displacement: Float) {
        let far = flow(dx: displacement, dy: 0, size: size)
        #expect(picture.warped(by: far, padding: .zeros).samples == [0, 0, 0, 0, 0, 0])
        let border = picture.warped(by: far, padding: .border).samples
        let edge: [Float] = displacement > 0 ? [3, 3, 3, 6, 6, 6] : [1, 1, 1, 4, 4, 4]
        #expect(border == (displacement.isNaN ? picture.samples : edge))
    }

    @Test func pixelShuffleTakesFourFiltersPerChannel() {
        let filters = FeatureMap(
            channels: 4, size: FrameSize(width: 2, height: 1),
            samples: [1, 5, 2, 6, 3, 7, 4, 8])
        #expect(filters.pixelShuffled().samples == [1, 2, 5, 6, 3, 4, 7, 8])
    }

    @Test func pixelShuffleByFourTakesSixteenFiltersPerChannel() {
        // Filter 16 c + 4 i + j is row i and column j of every square of channel c.
        let filters = FeatureMap(
            channels: 32, size: FrameSize(width: 1, height: 2),
            samples: (0..<64).map(Float.init))
        let shuffled = filters.pixelShuffled(by: 4)
        #expect(shuffled.channels == 2 && shuffled.size == FrameSize(width: 4, height: 8))
        var expected: [Float] = []
        for channel in 0..<2 {
            for y in 0..<8 {
                for x in 0..<4 {
                    let filter = 16 * channel + 4 * (y % 4) + x
                    expected.append(Float(2 * filter + y / 4))
                }
            }
        }
        #expect(shuffled.samples == expected)
    }

    @Test func resizingWithAlignedCornersKeepsTheCorners() {
        let found = picture.resized(to: FrameSize(width: 5, height: 3), alignCorners: true)
        #expect(
            found.samples == [
                1, 1.5, 2, 2.5, 3, 2.5, 3, 3.5, 4, 4.5, 4, 4.5, 5, 5.5, 6,
            ])
    }

    @Test func resizingWithoutAlignedCornersRepeatsTheEdge() {
        let row = FeatureMap(
            channels: 1, size: FrameSize(width: 2, height: 1), samples: [0, 4])
        let found = row.resized(to: FrameSize(width: 4, height: 1), alignCorners: false)
        #expect(found.samples == [0, 1, 3, 4])
    }

    @Test func poolingAveragesSquaresAndDropsTheOddRow() {
        let found = picture.averagePooled()
        #expect(found.size == FrameSize(width: 1, height: 1))
        #expect(found.samples == [3])
    }
}
