import Testing
import Torch

@Suite struct SmokeTests {
    @Test func gradientOfSumOfSquares() throws {
        try TorchThread.run {
            let x = try Tensor([1, 2, 3] as [Float]).requireGradient()
            try x.square().sum().backward()
            #expect(try x.gradient?.floats() == [2, 4, 6])
        }
    }
}
