import Testing
import Torch

/// Forward values of operations on pictures, by hand.
@Suite struct PictureValueTests {
    @Test func convolutionCorrelatesWithZerosOutside() throws {
        try onTorch {
            let picture = try Tensor([1, 2, 3, 4] as [Float], shape: [1, 1, 2, 2])
            // Reads the pixel to the right and twice the one below.
            let filter = try Tensor([0, 0, 0, 0, 0, 1, 0, 2, 0] as [Float], shape: [1, 1, 3, 3])
            let bias = try Tensor([0.5] as [Float])
            let result = try picture.convolved(with: filter, bias: bias, padding: Extent2D(1))
            #expect(try result.floats() == [2 + 6 + 0.5, 8 + 0.5, 4 + 0.5, 0.5])
        }
    }

    @Test func pixelShuffleSpreadsFourConsecutiveChannels() throws {
        try onTorch {
            let channels = try Tensor.arange(to: 8).reshaped([1, 8, 1, 1])
            let result = try channels.pixelShuffled(by: 2)
            #expect(result.shape == [1, 2, 2, 2])
            #expect(try result.floats() == [0, 1, 2, 3, 4, 5, 6, 7])
        }
    }

    @Test func averagePoolingDropsTheOddColumn() throws {
        try onTorch {
            let picture = try Tensor([1, 2, 9, 3, 6, 9] as [Float], shape: [1, 1, 2, 3])
            #expect(try picture.averagePooled(by: 2).floats() == [3])
        }
    }

    @Test func resizingWithAlignedCornersKeepsThem() throws {
        try onTorch {
            let row = try Tensor([0, 6] as [Float], shape: [1, 1, 1, 2])
            let size = Extent2D(height: 1, width: 4)
            let aligned = try row.resizedBilinear(to: size, alignCorners: true)
            #expect(try aligned.floats() == [0, 2, 4, 6])
            // Centers fall at 0.25·(x + 0.5)·2 − 0.5 = −0.25, 0.25, 0.75, 1.25, clamped to 0…1.
            let plain = try row.resizedBilinear(to: size, alignCorners: false)
            #expect(try plain.floats() == [0, 1.5, 4.5, 6])
        }
    }

    @Test func samplesOutsideAreZerosOrTheBorder() throws {
        try onTorch {
            let row = try Tensor([2, 4, 6] as [Float], shape: [1, 1, 1, 3])
            // Columns −1 (outside), −0.5, 0, 0.5, 2.5 of a row of three; x = column − 1.
            let x: [Float] = [-2, -1.5, -1, -0.5, 1.5]
            let grid = try Tensor(x.flatMap { [$0, 0] }, shape: [1, 1, 5, 2])
            let zeros = try row.gridSampled(at: grid, outside: .zeros, alignCorners: true)
            #expect(try zeros.floats() == [0, 1, 2, 3, 3])
            let border = try row.gridSampled(at: grid, outside: .border, alignCorners: true)
            #expect(try border.floats() == [2, 2, 2, 3, 6])
        }
    }

    @Test func paddingAddsZerosOrTheBorder() throws {
        try onTorch {
            let row = try Tensor([1, 2] as [Float], shape: [1, 1, 1, 2])
            let zeros = try row.padded(left: 1, bottom: 1, with: .zeros)
            #expect(try zeros.floats() == [0, 1, 2, 0, 0, 0])
            let border = try row.padded(right: 2, with: .border)
            #expect(try border.floats() == [1, 2, 2, 2])
        }
    }
}
