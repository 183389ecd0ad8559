import CLibAV
import Testing
import VSRCore

@testable import VSRMedia

@Suite struct DisplayMatrixTests {
    /// A picture of 3x2 whose samples are 1 to 6, row by row, in every channel.
    private static let picture = Frame(
        size: FrameSize(width: 3, height: 2),
        samples: [Float](repeating: 0, count: 3).flatMap { _ in [1, 2, 3, 4, 5, 6] as [Float] })

    private static func matrix(degrees: Double, mirrored: Bool = false) -> DisplayMatrix {
        var numbers = [Int32](repeating: 0, count: 9)
        av_display_rotation_set(&numbers, degrees)
        if mirrored { av_display_matrix_flip(&numbers, 1, 0) }
        return DisplayMatrix(numbers)
    }

    @Test(
        arguments: [
            (0.0, [1, 2, 3, 4, 5, 6]), (90, [4, 1, 5, 2, 6, 3]), (180, [6, 5, 4, 3, 2, 1]),
            (270, [3, 6, 2, 5, 1, 4]),
        ] as [(Double, [Float])])
    func picturesAreTurnedClockwise(degrees: Double, expected: [Float]) throws {
        let turn = try #require(Self.matrix(degrees: degrees).turn)
        let turned = turn.apply(to: Self.picture)
        #expect(turn.degrees == Int(degrees))
        #expect(turn.isIdentity == (degrees == 0))
        #expect(turned.size.width == (degrees == 90 || degrees == 270 ? 2 : 3))
        #expect(turned.samples == expected + expected + expected)
    }

    @Test func mirroredPicturesAreMirrored() throws {
        let turn = try #require(Self.matrix(degrees: 0, mirrored: true).turn)
        #expect(!turn.isIdentity)
        #expect(turn.apply(to: Self.picture).samples.prefix(6) == [3, 2, 1, 6, 5, 4])
        let turned = try #require(Self.matrix(degrees: 90, mirrored: true).turn)
        #expect(!turned.isIdentity && turned.isTransposing)
    }

    @Test func otherAnglesAreNoTurn() {
        #expect(Self.matrix(degrees: 30).turn == nil)
        #expect(DisplayMatrix([1, 2]).turn == nil)
        #expect(DisplayMatrix([Int32](repeating: 0, count: 9)).turn == nil)
    }
}
